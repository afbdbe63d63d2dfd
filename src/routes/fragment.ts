/** The id after the `#` of an address; undefined where there is none, or none that can be decoded. */
export function fragmentOf({ hash }: Pick<URL, 'hash'>): string | undefined {
  try {
    return decodeURIComponent(hash.slice(1)) || undefined;
  } catch {
    return undefined;
  }
}
