import type { PlaceInfos } from '../place.ts';
import type { RenderedSheet } from '../render-sheet.ts';
import type { Command } from '../resolve.ts';

/**
 * The commands of a sheet and nothing else, each below a comment that says where it runs; in script style after the
 * variables that they use. Undefined while one of them lacks a value.
 */
export function sheetCommands({ setup, steps }: RenderedSheet, places: PlaceInfos): string | undefined {
  const blocks = [
    ...setup.map(({ place, lines }) => ({ place, title: 'Set once', commands: lines.map(({ command }) => command) })),
    ...steps.map(({ step, command }) => ({ place: step.place, title: step.title, commands: [command] })),
  ];
  const lines = (commands: readonly Command[]): (string | undefined)[] => commands.map(({ line }) => line);
  if (blocks.some(({ commands }) => lines(commands).includes(undefined))) return undefined;
  return blocks
    .map(({ place, title, commands }) => `# (${places[place].shortName}) ${title}\n${lines(commands).join('\n')}\n`)
    .join('\n');
}
