import type { Problem, ProblemCode } from '#lib/protocol/problem.ts';
import type { ExecResult, TransportTarget, TunnelResult } from '../transport.ts';
import { problemOf } from './problems.ts';

/** Problems of a target that went away, or is away. */
const LOSSES: readonly ProblemCode[] = ['connection-lost', 'connection-refused', 'connection-timeout', 'not-ssh'];

type Explain = (problem: Problem) => Promise<Problem>;

/** Asks the target, from now on, why it went away. */
function explainFrom({ lossReason }: TransportTarget): Explain | undefined {
  if (!lossReason) return undefined;
  const since = performance.now();
  return async (problem) => {
    const reason = LOSSES.includes(problem.code) ? await lossReason(since) : undefined;
    return reason === undefined ? problem : { ...problem, ...problemOf(problem.code, `${problem.message} ${reason}`) };
  };
}

/** Runs `exec`; the problem of a target that knows why it went away says so. */
export async function execExplained(target: TransportTarget, exec: () => Promise<ExecResult>): Promise<ExecResult> {
  const explain = explainFrom(target);
  const result = await exec();
  if (!explain) return result;
  if ('problem' in result) return { problem: await explain(result.problem) };
  const ended = result.process.ended.then(async (end) =>
    end.problem ? { ...end, problem: await explain(end.problem) } : end,
  );
  return { process: { ...result.process, ended } };
}

/** As `execExplained`, of a tunnel. */
export async function tunnelExplained(
  target: TransportTarget,
  tunnel: () => Promise<TunnelResult>,
): Promise<TunnelResult> {
  const explain = explainFrom(target);
  const result = await tunnel();
  if (!explain) return result;
  if ('problem' in result) return { problem: await explain(result.problem) };
  return { tunnel: { ...result.tunnel, lost: result.tunnel.lost.then(explain) } };
}
