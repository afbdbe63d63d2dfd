/** Where a command runs. The guide's prompts are `(outside)`, `(inside)`, `(device)`, `(penguin)`; termina is the VM between. */
export type Place = 'outside' | 'inside' | 'device' | 'termina' | 'penguin';

/** Every Place, from the workstation inwards. */
export const PLACES: readonly Place[] = ['outside', 'inside', 'device', 'termina', 'penguin'];
