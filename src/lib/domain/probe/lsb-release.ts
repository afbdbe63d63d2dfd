/**
 * The `KEY=value` lines of an lsb-release file. Quotes are literal, spaces around are not, `#` starts a comment
 * line (chromeos-facts.md section 9): the format looks like shell and is not.
 */
export function parseLsbRelease(lines: readonly string[]): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  for (const line of lines) {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)$/.exec(line);
    if (match?.[1]) entries.set(match[1], (match[2] ?? '').trim());
  }
  return entries;
}

/** The board to build for. Signed images say `eve-signed-mp-v2keys` where the build said `eve`. */
export function releaseBoard(release: ReadonlyMap<string, string>): string | undefined {
  return release.get('CHROMEOS_RELEASE_BOARD')?.replace(/-signed(-.*)?$/, '') || undefined;
}

/** `R146-16765.0.0`, as ChromeOS names its versions: the Chrome milestone, then the platform version. */
export function releaseVersion(release: ReadonlyMap<string, string>): string | undefined {
  const version = release.get('CHROMEOS_RELEASE_VERSION');
  const milestone = release.get('CHROMEOS_RELEASE_CHROME_MILESTONE');
  if (!version) return undefined;
  return milestone ? `R${milestone}-${version}` : version;
}
