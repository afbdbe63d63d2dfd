import { runCli } from './run.ts';

const { code, stdout = '', stderr = '' } = runCli(process.argv.slice(2));
// Whoever reads may stop early, as head does; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
process.stderr.write(stderr);
process.stdout.write(stdout);
process.exitCode = code;
