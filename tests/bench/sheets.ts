import { PARAMETERS } from '../../src/lib/catalog/parameters.ts';
import { SHEETS } from '../../src/lib/catalog/sheets.ts';
import type { Facts } from '../../src/lib/domain/facts.ts';
import { type SheetStyle, renderSheet } from '../../src/lib/domain/render-sheet.ts';
import { resolveParameters } from '../../src/lib/domain/resolve.ts';
import { type Report, spread } from './report.ts';

/** What filling every sheet for a device may take, in ms: a third of a frame, so that typing never stutters. */
const LIMIT_MS = 5;

/** Runs before the clock counts, so that what is measured is the code as it stays. */
const WARM_UP = 200;

const fact = (value: string) => ({ value, origin: 'probed', at: 0 }) as const;
const FACTS: Facts = {
  arch: fact('x86_64'),
  guestBoard: fact('tatl'),
  board: fact('eve'),
  ownerHash: fact('0123456789abcdef0123456789abcdef01234567'),
  container: fact('penguin'),
};
const TYPED = { packages: 'vm_guest_tools tremplin', hostPackages: 'vm_host_tools', file: "/tmp/it's a file" };

/** Finds every value and fills every command of every sheet. */
function fillSheets(style: SheetStyle): void {
  const values = resolveParameters(PARAMETERS, { facts: FACTS, address: 'root@192.0.2.7', typed: TYPED });
  for (const sheet of SHEETS) renderSheet(sheet, values, style);
}

function measure(style: SheetStyle, runs: number): number[] {
  for (let run = 0; run < WARM_UP; run++) fillSheets(style);
  return Array.from({ length: runs }, () => {
    const begun = performance.now();
    fillSheets(style);
    return performance.now() - begun;
  });
}

/** How long it takes to resolve and render all sheets for one set of facts. Quick, on any machine: nothing is a limit. */
export default function sheets({ quick }: { quick: boolean }): Report {
  const runs = quick ? 200 : 2000;
  const limit = quick ? undefined : LIMIT_MS;
  const commands = SHEETS.reduce((sum, sheet) => sum + sheet.steps.length, 0);
  return {
    title: `${SHEETS.length} sheets with ${commands} steps, resolved and rendered for one set of facts, ${runs} times`,
    rows: [
      ...spread('inlined', measure('inlined', runs), limit),
      ...spread('with exports', measure('exports', runs), limit),
    ],
    problems: [],
  };
}
