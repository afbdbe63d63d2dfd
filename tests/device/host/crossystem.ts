import type { DeviceConfig } from '../config.ts';
import type { ProgramAnswer } from './world.ts';

/** Stand-in for crossystem: prints a value without a line end, compares with `name?value`, lists all without arguments. */
export function crossystem(
  argv: readonly string[],
  config: Pick<DeviceConfig, 'testImage' | 'arch' | 'devMode'>,
): ProgramAnswer {
  const values: Readonly<Record<string, string>> = {
    arch: config.arch === 'x86_64' ? 'x86' : 'arm64',
    cros_debug: config.devMode ? '1' : '0',
    debug_build: config.testImage ? '1' : '0',
    dev_boot_usb: '1',
    devsw_boot: config.devMode ? '1' : '0',
    fwid: 'Google_Device.16765.0.0',
    hwid: 'DEVICE A1B-C2D',
    mainfw_act: 'A',
    mainfw_type: config.devMode ? 'developer' : 'normal',
    wpsw_cur: '0',
  };
  if (argv.length === 0) {
    const lines = Object.entries(values).map(([name, value]) => `${name.padEnd(22)}= ${value.padEnd(30)} # ${name}`);
    return { stdout: `${lines.join('\n')}\n`, stderr: '', code: 0 };
  }
  let stdout = '';
  for (const [index, word] of argv.entries()) {
    const [, name = '', operator, wanted] = /^([^?=]+)(?:([?=])(.*))?$/s.exec(word) ?? [];
    const value = values[name];
    if (value === undefined) return { stdout, stderr: `Invalid parameter name: ${name || word}\n`, code: 1 };
    if (operator === '=') return { stdout, stderr: `Parameter ${name} is read-only\n`, code: 1 };
    if (operator === '?' && value !== wanted) return { stdout, stderr: '', code: 1 };
    if (operator === undefined) stdout += `${index > 0 ? ' ' : ''}${value}`;
  }
  return { stdout, stderr: '', code: 0 };
}
