import type { Program } from '../shell/program.ts';
import { cat } from './cat.ts';
import { dbusSend } from './dbus-send.ts';
import { dd } from './dd.ts';
import { deviceTools } from './device-tools.ts';
import { dmesg } from './dmesg.ts';
import { head } from './head.ts';
import { jobControl } from './job-control.ts';
import { journalctl } from './journalctl.ts';
import { logger } from './logger.ts';
import { ls } from './ls.ts';
import { lxc } from './lxc.ts';
import { nested } from './nested.ts';
import { penguinTools } from './penguin-tools.ts';
import { clear, ping, sleep, top, watch, yes } from './streams.ts';
import { processes } from './processes.ts';
import { power, system } from './system.ts';
import { tail } from './tail.ts';
import { upstartCommands } from './upstart-commands.ts';
import { vmc } from './vmc.ts';
import { vsh } from './vsh.ts';

const everywhere = [
  cat,
  head,
  tail,
  yes,
  sleep,
  ping,
  watch,
  top,
  clear,
  dd,
  dmesg,
  logger,
  ls,
  ...jobControl,
  ...nested,
  ...processes,
  ...system,
];

/** The programs of each world, besides those of just-bash. A new one is added here, or to one of the lists above. */
export const programs: Readonly<Record<'device' | 'termina' | 'penguin', readonly Program[]>> = {
  device: [...everywhere, ...power, ...deviceTools, ...upstartCommands, dbusSend, vmc, vsh],
  termina: [...everywhere, lxc],
  penguin: [...everywhere, ...penguinTools, journalctl],
};
