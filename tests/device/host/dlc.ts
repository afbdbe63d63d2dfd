import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DeviceConfig } from '../config.ts';
import { PATHS } from './paths.ts';

/** What dlcservice says of a DLC that it cannot get. */
export const NO_IMAGE = 'org.chromium.DlcServiceInterface.NO_IMAGE_FOUND';

/** Whether termina-dlc is mounted. */
export const isInstalled = (): boolean => existsSync(PATHS.terminaDlc);

/**
 * Installs termina-dlc, which every start of a VM asks for.
 * @returns dlcservice's error, if it is not there to be had: a device made without it has nowhere to get it from
 */
export function install({ terminaDlc }: Pick<DeviceConfig, 'terminaDlc'>): string | undefined {
  if (isInstalled()) return undefined;
  if (!terminaDlc) return NO_IMAGE;
  mkdirSync(PATHS.terminaDlc, { recursive: true });
  copyFileSync(PATHS.terminaDlcImage, join(PATHS.terminaDlc, 'lsb-release'));
  return undefined;
}

export function uninstall(): void {
  rmSync(dirname(dirname(PATHS.terminaDlc)), { recursive: true, force: true });
}
