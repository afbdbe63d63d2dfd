import MiniSearch, { type SearchResult } from 'minisearch';
import { STOP_WORDS, SYNONYMS } from '#lib/catalog/search-words.ts';
import { searchTerms, stemTerm } from '#lib/domain/search-terms.ts';
import type { PaletteItem, PaletteKind } from '#lib/ui/frame/palette-item.ts';
import { DOCUMENTS, FIRST_DOCUMENTS, type SearchDocument } from './search-documents.ts';

/** Results of one kind: more of them say less. */
const KIND_MAX = 6;

/** A term of at least so many letters is also found as the beginning of a word, or with a typing error in it. */
const PREFIX_FROM = 3;
const FUZZY_FROM = 4;

/** A match so many times weaker than the best is none. */
const WEAK = 40;

/** How much of a piece of text is shown around the words that were found, in characters before them. */
const EXCERPT_BEFORE = 24;

/** What is looked for more often comes first. */
const KIND_WEIGHTS: Readonly<Record<PaletteKind, number>> = {
  component: 1.3,
  sheet: 1.3,
  step: 1,
  plan: 0.8,
  log: 1.1,
  correction: 0.6,
  value: 0.7,
  action: 0.9,
  page: 1.1,
};

const byId = new Map(DOCUMENTS.map((document) => [document.id, document]));
const stopWords = new Set(STOP_WORDS.map(stemTerm));
const synonyms = new Map(Object.entries(SYNONYMS).map(([word, others]) => [stemTerm(word), others.map(stemTerm)]));

const index = new MiniSearch<SearchDocument>({
  fields: ['title', 'names', 'texts'],
  extractField: (document, field) => {
    // The title of a correction is a text, and words in it are no name.
    if (field === 'title' && document.kind === 'correction') return '';
    const value = document[field as keyof SearchDocument];
    return Array.isArray(value) ? value.join(' \n') : String(value ?? '');
  },
  tokenize: searchTerms,
  processTerm: stemTerm,
});
index.addAll(DOCUMENTS);

/** How much a word's parts count beside the word (`host` of `vm_host_tools`), and what stands for what people call it. */
const PART_WEIGHT = 0.2;
const SYNONYM_WEIGHT = 0.5;

/** A word of a question: what may stand for it, and how much each counts; the word itself counts 1. */
type Wanted = ReadonlyMap<string, number>;

/**
 * What matches, best first; without a query what a newcomer may want. What is called exactly so comes first, then
 * what holds most of the words; a word may be the beginning of another, have a typing error, or be what people call
 * the thing (`catalog/search-words.ts`).
 */
export function findItems(query: string): PaletteItem[] {
  const wanted = wantedWords(query);
  if (wanted.length === 0) return [...FIRST_DOCUMENTS];
  const whole = query.trim().toLowerCase();
  const found = index
    .search({
      combineWith: 'OR',
      boost: { title: 5, names: 3, texts: 1 },
      weights: { fuzzy: 0.35, prefix: 0.6 },
      queries: wanted.map((words) => ({
        combineWith: 'OR',
        queries: [...words.keys()],
        prefix: (term) => term.length >= PREFIX_FROM,
        fuzzy: (term) => (term.length >= FUZZY_FROM && words.get(term) === 1 ? 0.25 : false),
        boostTerm: (term) => words.get(term) ?? 1,
      })),
    })
    .flatMap((result) => {
      const document = byId.get(String(result.id));
      if (!document) return [];
      const matched = wanted.filter((words) => result.queryTerms.some((term) => words.has(term)));
      const match = result.score * (matched.length / wanted.length) ** 3;
      return [{ document, result, match, score: match * weight(document, whole) }];
    })
    .sort((a, b) => b.score - a.score);
  const best = Math.max(...found.map(({ match }) => match));
  const shown = new Map<PaletteKind, number>();
  return found
    .filter(({ document, match }) => {
      const count = (shown.get(document.kind) ?? 0) + 1;
      shown.set(document.kind, count);
      return count <= KIND_MAX && match > best / WEAK;
    })
    .map(({ document, result }) => present(document, result, wanted));
}

function wantedWords(query: string): Wanted[] {
  const words = query.split(/\s+/).flatMap((text): Wanted[] => {
    const [word, ...parts] = searchTerms(text).map(stemTerm);
    if (word === undefined) return [];
    return [
      new Map([
        ...parts.filter((part) => !stopWords.has(part)).map((part): [string, number] => [part, PART_WEIGHT]),
        ...(synonyms.get(word) ?? []).map((other): [string, number] => [other, SYNONYM_WEIGHT]),
        [word, 1],
      ]),
    ];
  });
  const asked = words.filter((word) => ![...word].some(([term, weight]) => weight === 1 && stopWords.has(term)));
  return asked.length > 0 ? asked : words;
}

/** How much a match counts: by its kind, and more if it is called so, or says so in one piece. */
function weight({ kind, title, names, texts }: SearchDocument, whole: string): number {
  const isCalled = (name: string): boolean => name.toLowerCase() === whole;
  const isMain = kind === 'component' || kind === 'sheet';
  const isAlsoCalled = kind !== 'step' && names.some(isCalled);
  const called = isCalled(title) ? (isMain ? 4 : 1.2) : isAlsoCalled ? 1.5 : 1;
  const says = /\W/.test(whole) && [title, ...texts].some((text) => text.toLowerCase().includes(whole)) ? 3 : 1;
  return KIND_WEIGHTS[kind] * called * says;
}

/** The item with what was found in it: words to mark, and the piece of its text that has more of them than its head. */
function present(
  { names: _, texts, ...item }: SearchDocument,
  { terms }: SearchResult,
  wanted: readonly Wanted[],
): PaletteItem {
  const { kind, title, subtitle = '' } = item;
  const inHead = countWanted(`${title}\n${subtitle}`, wanted);
  const pieces = texts.map((text) => ({ text, count: countWanted(text, wanted) }));
  const best = pieces.toSorted((a, b) => b.count - a.count)[0];
  if (!best || best.count <= inHead) return { ...item, marks: terms };
  const excerpt = cutAround(best.text, wanted);
  // The subtitle of a step is its sheet, which must be seen; others repeat a text.
  return {
    ...item,
    marks: terms,
    subtitle: kind === 'step' || kind === 'correction' ? `${subtitle}: ${excerpt}` : excerpt,
  };
}

/** How many of the words, or of what stands for them, begin a word of the text. */
function countWanted(text: string, wanted: readonly Wanted[]): number {
  const stems = searchTerms(text).map(stemTerm);
  return wanted.filter((words) => [...words.keys()].some((term) => stems.some((stem) => stem.startsWith(term)))).length;
}

function cutAround(text: string, wanted: readonly Wanted[]): string {
  const small = text.toLowerCase();
  const places = wanted.flatMap((words) => [...words.keys()].map((term) => small.indexOf(term)));
  const at = Math.min(...places.filter((place) => place >= 0));
  // A stem that stands nowhere as such begins no piece.
  if (at <= EXCERPT_BEFORE || at === Infinity) return text;
  return `…${text.slice(text.indexOf(' ', at - EXCERPT_BEFORE) + 1)}`;
}
