import { type Fact, type FactId, type Facts, FACT_IDS, factValue } from './facts.ts';
import { guestBoard } from './guest-board.ts';

/**
 * What the app goes by: a value typed by hand before one from the device. The guest board follows the architecture
 * that counts, unless it was typed itself. Blank typed text counts as not typed.
 *
 * @param typedAt When each was typed, Unix time in ms; 0 where nobody knows any more.
 */
export function effectiveFacts(
  probed: Facts,
  typed: Readonly<Partial<Record<FactId, string>>>,
  typedAt: Readonly<Partial<Record<FactId, number>>>,
): Facts {
  const facts: Partial<Record<FactId, Fact>> = { ...probed };
  for (const id of FACT_IDS) {
    const text = typed[id]?.trim();
    if (text) facts[id] = { value: text, origin: 'typed', at: typedAt[id] ?? 0 };
  }
  const arch = facts.arch;
  if (arch && facts.guestBoard?.origin !== 'typed')
    facts.guestBoard = {
      ...('value' in arch
        ? guestBoard(arch.value)
        : { absent: 'The architecture is not known, and the guest board follows it.' }),
      origin: 'derived',
      at: arch.at,
    };
  return facts;
}

/** Two facts that cannot both be right, in words a person can act on. */
export interface FactConflict {
  readonly facts: readonly [FactId, FactId];
  readonly text: string;
}

/** Facts that contradict each other. The installed Termina names its own board: more direct than the architecture. */
export function factConflicts(facts: Facts): FactConflict[] {
  const board = factValue(facts, 'guestBoard');
  const installed = factValue(facts, 'terminaRelease')?.split(' ')[0];
  if (board === undefined || installed === undefined || !/^(tatl|tael)$/.test(installed) || installed === board)
    return [];
  return [
    {
      facts: ['guestBoard', 'terminaRelease'],
      text: `The guest board is ${board}, but the Termina on the device was built for ${installed}. Packages built for ${board} will not run in it.`,
    },
  ];
}
