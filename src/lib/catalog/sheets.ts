import type { Sheet } from '../domain/sheet.ts';
import { copyFiles } from './sheets/copy-files.ts';
import { guestBoard } from './sheets/guest-board.ts';
import { guestPackage } from './sheets/guest-package.ts';
import { hostServiceChange } from './sheets/host-service-change.ts';
import { prerequisites } from './sheets/prerequisites.ts';

/** Every sheet, in the order of the guide. */
export const SHEETS: readonly Sheet[] = [prerequisites, hostServiceChange, guestBoard, guestPackage, copyFiles];
