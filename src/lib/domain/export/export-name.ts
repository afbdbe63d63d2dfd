import { sheetParameters } from '../resolve.ts';
import type { SheetExport } from './sheet-export.ts';

/**
 * The name of the file that a sheet is saved to, without its ending: the sheet, and the board that its commands are
 * for where they name one, as `guest-package-tatl`.
 */
export function exportName({ sheet, values }: Pick<SheetExport, 'sheet' | 'values'>): string {
  const boards = (['guestBoard', 'board'] as const).flatMap((type) =>
    sheetParameters(sheet).flatMap((id) => (values[id]?.parameter.type === type ? (values[id].value ?? []) : [])),
  );
  return [sheet.id, ...boards.slice(0, 1)].join('-');
}
