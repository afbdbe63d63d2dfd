import { ERRATA } from '#lib/catalog/errata.ts';
import { FACTS } from '#lib/catalog/facts.ts';
import { PLACE_INFO } from '#lib/catalog/places.ts';
import { download } from '#lib/client/download.ts';
import { scriptQuestions, sheetScript } from '#lib/domain/export/bash.ts';
import { exportName } from '#lib/domain/export/export-name.ts';
import { sheetMarkdown } from '#lib/domain/export/markdown.ts';
import type { SheetExport } from '#lib/domain/export/sheet-export.ts';
import { sheetText } from '#lib/domain/export/text.ts';
import { type FactId, factValue } from '#lib/domain/facts.ts';
import type { Sheet } from '#lib/domain/sheet.ts';
import type { App } from '#lib/state/app.svelte.ts';
import type { SheetExports } from '#lib/ui/sheet/sheet-exports.ts';

/** The facts that a reader of an export may know; an owner hash is none of them. */
const DEVICE_FACTS: readonly FactId[] = ['board', 'arch', 'imageVersion'];

/** The forms in which a sheet leaves the app, with the values as they are now. */
export function sheetExports(app: App, sheet: Sheet): SheetExports {
  const exported = (): SheetExport => ({
    sheet,
    values: app.values,
    places: PLACE_INFO,
    errata: ERRATA,
    device: DEVICE_FACTS.flatMap((id) => {
      const value = factValue(app.device.facts, id);
      const label = FACTS.find((fact) => fact.id === id)?.label ?? id;
      return value === undefined ? [] : [`${label.toLowerCase()} ${value}`];
    }),
  });
  const { style } = app.book;
  const texts: Record<string, { readonly ending: string; readonly type: string; readonly text: () => string }> = {
    script: { ending: 'sh', type: 'text/x-shellscript', text: () => sheetScript(exported()) },
    markdown: { ending: 'md', type: 'text/markdown', text: () => sheetMarkdown(exported(), style) },
    text: { ending: 'txt', type: 'text/plain', text: () => sheetText(exported(), style) },
  };
  const fileName = (id: string): string => `${exportName({ sheet, values: app.values })}.${texts[id]?.ending}`;
  const textOf = (id: string): string => texts[id]?.text() ?? '';
  return {
    formats: [
      {
        id: 'script',
        label: 'Bash script',
        help: 'Runs the steps from the workstation and asks before it interrupts anything.',
      },
      { id: 'markdown', label: 'Markdown', help: 'Everything that stands here, for a bug or a document.' },
      { id: 'text', label: 'Plain text', help: 'The same for a terminal or a mail.' },
    ].map((format) => ({ ...format, fileName: fileName(format.id) })),
    missing: scriptQuestions(exported()).map(({ parameter }) => parameter.label),
    textOf,
    ondownload: (id) => download(fileName(id), textOf(id), texts[id]?.type ?? ''),
  };
}
