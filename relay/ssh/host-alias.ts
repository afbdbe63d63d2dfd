import { type ConfigLine, loadConfig } from './config-file.ts';

/** Whether the person's SSH configuration has an entry for exactly this name: `Host dut`, not `Host *`. */
export async function isHostAlias(home: string, host: string): Promise<boolean> {
  const config = await loadConfig(home);
  return 'lines' in config && namesHost(config.lines, host.toLowerCase());
}

function namesHost(lines: readonly ConfigLine[], host: string): boolean {
  return lines.some(
    ({ keyword, words, included }) =>
      (keyword === 'host' && words.some((word) => word.toLowerCase() === host)) || namesHost(included, host),
  );
}
