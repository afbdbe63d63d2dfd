import type { Sheet, Step } from './sheet.ts';

/** A sheet that matches a query, with the steps in which the words stand that its own head lacks. */
export interface FoundSheet {
  readonly sheet: Sheet;
  readonly steps: readonly Step[];
}

const headText = ({ title, summary, guideSections }: Sheet): string =>
  [title, summary, ...guideSections].join('\n').toLowerCase();

const stepText = ({ title, command, why, onlyIf = '' }: Step): string =>
  [title, command, why, onlyIf].join('\n').toLowerCase();

/**
 * The sheets in which every word of the query stands somewhere: in the title, the summary, the guide's headings or
 * the steps. The order stays, so that a list does not jump while somebody types. An empty query finds all.
 */
export function findSheets(sheets: readonly Sheet[], query: string): FoundSheet[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return sheets.flatMap((sheet) => {
    const head = headText(sheet);
    const left = words.filter((word) => !head.includes(word));
    if (left.length === 0) return [{ sheet, steps: [] }];
    const texts = sheet.steps.map((step) => ({ step, text: stepText(step) }));
    if (!left.every((word) => texts.some(({ text }) => text.includes(word)))) return [];
    const steps = texts.filter(({ text }) => left.some((word) => text.includes(word))).map(({ step }) => step);
    return [{ sheet, steps }];
  });
}
