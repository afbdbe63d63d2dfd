/** Two sequences side by side. Every element of both is in exactly one place. */
export interface Alignment<A, B> {
  readonly pairs: readonly (readonly [A, B])[];
  /** What only the first sequence has, in its order. */
  readonly onlyFirst: readonly A[];
  readonly onlySecond: readonly B[];
}

/** Says how alike two things are: 1 the same, 0 nothing in common. */
export type Likeness<A, B> = (first: A, second: B) => number;

/** What a pair of like things weighs against a pair of same ones: two of the former never displace one of the latter. */
const LIKE = 0.4;

/**
 * Aligns two sequences, in order, so that as much as possible is paired with the same, and the rest with what is at
 * least `least` (0 to 1) like it. Time and memory are the product of their lengths.
 */
export function align<A, B>(
  first: readonly A[],
  second: readonly B[],
  likeness: Likeness<A, B>,
  least: number,
): Alignment<A, B> {
  const weight = (a: A, b: B): number => {
    const alike = likeness(a, b);
    return alike >= 1 ? 1 : alike >= least ? alike * LIKE : 0;
  };
  const width = second.length + 1;
  // best[i * width + j] is the best weight of what follows first[i] and second[j].
  const best = new Float64Array((first.length + 1) * width);
  const weights = new Float64Array((first.length + 1) * width);
  for (let i = first.length - 1; i >= 0; i -= 1)
    for (let j = second.length - 1; j >= 0; j -= 1) {
      const at = i * width + j;
      weights[at] = weight(first[i] as A, second[j] as B);
      const paired = weights[at] > 0 ? weights[at] + (best[at + width + 1] ?? 0) : 0;
      best[at] = Math.max(paired, best[at + width] ?? 0, best[at + 1] ?? 0);
    }
  const pairs: [A, B][] = [];
  const onlyFirst: A[] = [];
  const onlySecond: B[] = [];
  let i = 0;
  let j = 0;
  while (i < first.length && j < second.length) {
    const at = i * width + j;
    const pair = weights[at] ?? 0;
    if (pair > 0 && best[at] === pair + (best[at + width + 1] ?? 0)) {
      pairs.push([first[i] as A, second[j] as B]);
      i += 1;
      j += 1;
    } else if (best[at] === best[at + width]) {
      onlyFirst.push(first[i] as A);
      i += 1;
    } else {
      onlySecond.push(second[j] as B);
      j += 1;
    }
  }
  onlyFirst.push(...first.slice(i));
  onlySecond.push(...second.slice(j));
  return { pairs, onlyFirst, onlySecond };
}

/**
 * Pairs what is alike at whatever place, the most alike first. For what an alignment left over: the moved.
 */
export function match<A, B>(
  first: readonly A[],
  second: readonly B[],
  likeness: Likeness<A, B>,
  least: number,
): Alignment<A, B> {
  const candidates = first
    .flatMap((a) =>
      second.flatMap((b) => {
        const alike = likeness(a, b);
        return alike >= least ? [{ a, b, alike }] : [];
      }),
    )
    .toSorted((one, other) => other.alike - one.alike);
  const pairs: [A, B][] = [];
  const usedA = new Set<A>();
  const usedB = new Set<B>();
  for (const { a, b } of candidates)
    if (!usedA.has(a) && !usedB.has(b)) {
      pairs.push([a, b]);
      usedA.add(a);
      usedB.add(b);
    }
  return {
    pairs,
    onlyFirst: first.filter((a) => !usedA.has(a)),
    onlySecond: second.filter((b) => !usedB.has(b)),
  };
}

/**
 * How alike two texts are, by the pairs of neighbouring characters that they share (Dice's coefficient); 1 only for
 * the same text.
 */
export function textLikeness(first: string, second: string): number {
  if (first === second) return 1;
  const pairs = new Map<string, number>();
  for (let at = 1; at < first.length; at += 1) {
    const pair = first.slice(at - 1, at + 1);
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  let shared = 0;
  for (let at = 1; at < second.length; at += 1) {
    const pair = second.slice(at - 1, at + 1);
    const left = pairs.get(pair) ?? 0;
    if (left === 0) continue;
    pairs.set(pair, left - 1);
    shared += 1;
  }
  const total = Math.max(first.length - 1, 0) + Math.max(second.length - 1, 0);
  return total === 0 ? 0 : Math.min((2 * shared) / total, 0.99);
}
