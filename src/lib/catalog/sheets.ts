import type { Sheet } from '../domain/sheet.ts';
import { baguette } from './sheets/baguette.ts';
import { containerDeb } from './sheets/container-deb.ts';
import { containerShell } from './sheets/container-shell.ts';
import { containerSsh } from './sheets/container-ssh.ts';
import { containerTools } from './sheets/container-tools.ts';
import { copyPenguin } from './sheets/copy-penguin.ts';
import { copyTermina } from './sheets/copy-termina.ts';
import { crosIm } from './sheets/cros-im.ts';
import { debugContainer } from './sheets/debug-container.ts';
import { debugHost } from './sheets/debug-host.ts';
import { debugSymbols } from './sheets/debug-symbols.ts';
import { debugTermina } from './sheets/debug-termina.ts';
import { fullImage } from './sheets/full-image.ts';
import { guestBoard } from './sheets/guest-board.ts';
import { guestPackage } from './sheets/guest-package.ts';
import { hostServiceChange } from './sheets/host-service-change.ts';
import { kernel } from './sheets/kernel.ts';
import { logs } from './sheets/logs.ts';
import { ownerHash } from './sheets/owner-hash.ts';
import { prerequisites } from './sheets/prerequisites.ts';
import { runOffDevice } from './sheets/run-off-device.ts';
import { sommelierInContainer } from './sheets/sommelier-in-container.ts';
import { terminaShell } from './sheets/termina-shell.ts';

/** Every sheet, in the order of the guide. */
export const SHEETS: readonly Sheet[] = [
  prerequisites,
  hostServiceChange,
  guestBoard,
  guestPackage,
  fullImage,
  kernel,
  containerDeb,
  containerTools,
  sommelierInContainer,
  crosIm,
  runOffDevice,
  ownerHash,
  terminaShell,
  copyTermina,
  containerShell,
  copyPenguin,
  containerSsh,
  logs,
  debugHost,
  debugTermina,
  debugContainer,
  debugSymbols,
  baguette,
];
