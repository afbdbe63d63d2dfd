/**
 * Patterns of ssh_config and known_hosts: `*` is any run of characters, `?` exactly one (ssh_config(5), PATTERNS).
 * Takes time proportional to the product of both lengths, whatever the pattern: no regular expression is built.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** A list as OpenSSH's `match_pattern_list`: one negated match (`!`) refuses, whatever else matches. */
export function matchesPatternList(patterns: readonly string[], text: string): boolean {
  let result = false;
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) {
      if (matchesPattern(pattern.slice(1), text)) return false;
    } else if (matchesPattern(pattern, text)) result = true;
  }
  return result;
}
