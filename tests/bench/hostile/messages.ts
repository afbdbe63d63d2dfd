import type { AttackedRelay, HonestDevice, Outcome } from './case.ts';

/** What the campaign and the process of an attacker say to each other. */
export type ToAttacker =
  | {
      readonly type: 'start';
      readonly id: string;
      readonly relay: AttackedRelay;
      readonly device: HonestDevice;
      readonly seed: number;
      readonly seconds: number;
      /** How much longer one goes on who must be cut off and was not yet, in s. */
      readonly patience: number;
    }
  | { readonly type: 'go' | 'stop' }
  | { readonly type: 'link'; readonly link: string };

export type FromAttacker =
  | { readonly type: 'ready' | 'link wanted' }
  | { readonly type: 'over'; readonly outcome: Outcome }
  | { readonly type: 'failed'; readonly reason: string };
