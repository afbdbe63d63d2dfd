import { FileProblem, errorCode, fileProblem } from './file-problem.ts';

/** One sentence, without a stack, for whatever kept the relay from starting. */
export function startProblem(error: unknown): string {
  if (error instanceof FileProblem) return error.message;
  if (error instanceof Error && 'path' in error && typeof error.path === 'string')
    return fileProblem(error.path, 'used', error).message;
  const reason = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').replace(/\.$/, '');
  return `The relay cannot start: ${reason}. Mend that and start it again, or report it with this line.`;
}

/** The same for a port that cannot be listened on: listen(2) and getaddrinfo(3). */
export function listenProblem(
  error: unknown,
  { port, host }: { readonly port: number; readonly host: string },
): string {
  switch (errorCode(error)) {
    case 'EADDRINUSE':
      return `Port ${port} is taken, perhaps by a workbench that runs already. Use that one, or: npm start -- --port 0`;
    case 'EACCES':
    case 'EPERM':
      return `You may not listen on port ${port} of ${host}. Ports below 1024 are root's; use another: npm start -- --port 0`;
    case 'EADDRNOTAVAIL':
      return `This machine does not have the address ${host} of --host. Give one that "ip address" shows, or leave it out.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
      return `The name ${host} of --host does not resolve. Give an address of this machine, or leave it out.`;
    default:
      return startProblem(error);
  }
}
