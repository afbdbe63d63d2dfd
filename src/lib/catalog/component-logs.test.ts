import { expect, it } from 'vitest';
import { compileLogFilter } from '../domain/log-filter.ts';
import { parseLogLine } from '../domain/log-parse.ts';
import { COMPONENTS } from './components.ts';
import { LOG_SOURCES } from './log-sources.ts';

function syslog(tag: string): string {
  return `2026-08-21T14:49:16.738291Z INFO ${tag}: text`;
}

function journal(identifier: string): string {
  return JSON.stringify({ SYSLOG_IDENTIFIER: identifier, PRIORITY: '6', MESSAGE: 'text' });
}

/** A line of each log that a component is looked for in, as facts and sources have them, and who must find it. */
const LINES: readonly (readonly [source: string, line: string, finders: readonly string[]])[] = [
  ['messages', syslog('vm_concierge[2533]'), ['concierge']],
  ['messages', syslog('vm_cicerone[2601]'), ['cicerone']],
  ['messages', syslog('VM(32)[9120]'), ['crosvm']],
  ['messages', syslog('9s[77]'), ['9s']],
  ['messages', syslog('dlcservice_util[77]'), ['dlcservice']],
  ['messages', syslog('session_manager[77]'), ['session_manager']],
  ['messages', syslog('kernel'), []],
  ['net', syslog('patchpaneld[1490]'), ['patchpanel', 'rsyslogd']],
  ['termina', 'Aug 21 15:49:17 <13>  VM(32): [    0.412345] maitred: Server listening', ['maitred']],
  ['termina', 'Aug 21 15:50:01 <13>  VM(32): [   44.100000] vshd: Failed to exec', ['vshd']],
  ['termina', 'Aug 21 15:49:19 <13>  VM(32): 2026/08/21 15:49:19 tremplin ready', ['tremplin']],
  ['termina', 'Aug 21 15:49:22 <14>  VM(32): dhclient[201]: bound', ['vm_syslog']],
  ['termina', 'Aug 21 15:49:22 <11>  VM(32): lxd[258]: failed', ['lxd', 'vm_syslog']],
  ['penguin-user', journal('garcon'), ['garcon', 'apps']],
  ['penguin-user', journal('sommelier'), ['sommelier', 'apps']],
  ['penguin-user', journal('guest_service_failure_notifier'), ['guest_service_failure_notifier', 'apps']],
  ['penguin', journal('port_listener'), ['port_listener', 'penguin']],
];

it.each(LINES)('in %s, %s is found by its component', (source, line, finders) => {
  const format = LOG_SOURCES.find(({ id }) => id === source)?.format ?? 'crosvm';
  const entry = parseLogLine(format, line);
  const found = COMPONENTS.filter(({ logs }) =>
    logs.some((place) => {
      const filter = compileLogFilter(place.filter);
      return place.source === source && 'matches' in filter && filter.matches(entry);
    }),
  ).map(({ id }) => id);
  // crosvm and vmlog_forwarder lead to the whole log of the VM.
  const whole = source === 'termina' ? ['crosvm', 'vmlog_forwarder'] : [];
  expect(found.toSorted()).toEqual([...finders, ...whole].toSorted());
});
