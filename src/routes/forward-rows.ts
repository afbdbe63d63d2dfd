import { byteCount } from '#lib/domain/byte-count.ts';
import { forwardCommand } from '#lib/domain/forward-preset.ts';
import type { LinkNews } from '#lib/domain/link-news.ts';
import type { ForwardReport } from '#lib/protocol/forward.ts';
import { ADVICE, type Problem } from '#lib/protocol/problem.ts';
import type { Forward } from '#lib/state/forwards.svelte.ts';
import type { ForwardRow } from '#lib/ui/device/forward-row.ts';

/**
 * A forward as its table shows it. `device`: the id of the device that the page is about; `news`: what is known of the
 * loss that it ended with; `localHost`: the name to show it under.
 */
export function forwardRow(
  forward: Forward,
  device: string,
  news: LinkNews | undefined,
  localHost: string,
): ForwardRow {
  const { plan, report, state, problem } = forward;
  const { host, port, label, use } = plan;
  const isOpen = state !== 'ended' && report !== undefined;
  const trouble = problem ?? (isOpen ? report.problem : null);
  return {
    key: forward.key,
    label,
    device: plan.target === device ? undefined : plan.deviceLabel,
    remote: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
    local: isOpen ? `${localHost}:${report.localPort}` : undefined,
    wasLocal: state === 'ended' && forward.localPort !== 0 ? `${localHost}:${forward.localPort}` : undefined,
    command: isOpen && use !== undefined ? forwardCommand(use, { host: localHost, port: report.localPort }) : undefined,
    ...stateOf(forward),
    traffic: isOpen && report.accepted > 0 ? trafficOf(report) : undefined,
    problem: trouble ? { ...textOf(trouble, news), message: trouble.message } : undefined,
    again: state !== 'ended' ? undefined : problem?.code === 'channel-taken' ? 'Take it back' : 'Open again',
    offersFreePort: problem?.code === 'port-unavailable',
  };
}

function stateOf({ state, report, problem }: Forward): Pick<ForwardRow, 'state' | 'word'> {
  if (problem?.code === 'channel-taken') return { state: 'warn', word: 'in another window' };
  if (state === 'ended') return { state: 'bad', word: 'closed' };
  if (state === 'waiting') return { state: 'warn', word: 'relay does not answer' };
  if (!report) return { state: 'busy', word: 'opening' };
  return report.problem ? { state: 'warn', word: 'open, not answered' } : { state: 'ok', word: 'open' };
}

function trafficOf({ open, accepted, toDevice, fromDevice }: ForwardReport): string {
  const connections = `${open} of ${accepted} connection${accepted === 1 ? '' : 's'} open`;
  return `${connections}, ${byteCount(toDevice)} sent, ${byteCount(fromDevice)} received`;
}

/** What a lost device means for a forward; all else is as for any channel. */
function textOf({ code }: Problem, news: LinkNews | undefined): { title: string; advice: string } {
  const { title, advice } = ADVICE[code];
  if (code !== 'connection-lost') return { title, advice };
  if (news === 'back') return { title, advice: 'The device did not restart, but the port was closed. Open it again.' };
  return {
    title: news === undefined ? title : 'The device restarted',
    advice: `${news === undefined ? 'The device may have restarted, slept or left the network, and the' : 'The'} port was closed. Open it again when it is back.`,
  };
}
