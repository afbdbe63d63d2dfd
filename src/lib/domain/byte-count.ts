const UNITS = ['kB', 'MB', 'GB', 'TB'] as const;

/** A count of bytes for people: `0 B`, `999 B`, `1.2 kB`, `50 MB`; units are powers of 1000. */
export function byteCount(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let [value, unit]: [number, string] = [bytes, 'B'];
  for (const next of UNITS) {
    // 999 950 would be written 1000.0.
    if (value < 999.5) break;
    [value, unit] = [value / 1000, next];
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}
