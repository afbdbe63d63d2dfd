import { guestBoard } from './guest-board.ts';
import { type ParameterType, validateParameter } from './parameter.ts';
import type { SheetStyle } from './render-sheet.ts';
import type { Values } from './resolve.ts';
import type { Parameter } from './sheet.ts';

/**
 * What the address of a sheet can select. It selects and nothing else: a link runs nothing, and it holds neither an
 * owner hash nor an address nor a key (CONTRIBUTING.md, invariant 7).
 */
export interface SheetLink {
  /** Values by parameter id; only of parameters that no device fills. */
  readonly values: Readonly<Record<string, string>>;
  /** What the link was made for: a suggestion, because a connected device knows better. */
  readonly device: { readonly arch?: string; readonly board?: string };
  readonly style?: SheetStyle;
}

const STYLES: readonly SheetStyle[] = ['inlined', 'exports'];

/** Types whose values are public names. Paths, ports and process ids belong to somebody's machine and stay there. */
const LINKABLE: ReadonlySet<ParameterType> = new Set<ParameterType>(['packages', 'dlcs', 'kernelVersion', 'program']);

/** An owner hash, wherever it hides; an IP address, which would pass for a name. */
const PRIVATE = /[0-9a-f]{40}|\d\.\d+\.\d+\.\d/i;

function isLinkable({ from, type }: Parameter): boolean {
  return from === undefined && LINKABLE.has(type);
}

function publicValue(type: ParameterType, text: string | null): string | undefined {
  if (text === null || PRIVATE.test(text)) return undefined;
  const result = validateParameter(type, text);
  return 'value' in result ? result.value : undefined;
}

/**
 * Reads a sheet's query. Whatever is unknown, malformed or not a link's business is left out without a word.
 *
 * @param get The first value of a name of the query, null where there is none: `URLSearchParams.get`.
 */
export function readSheetLink(get: (name: string) => string | null, parameters: readonly Parameter[]): SheetLink {
  const values: Record<string, string> = {};
  for (const parameter of parameters.filter(isLinkable)) {
    const value = publicValue(parameter.type, get(parameter.id));
    if (value !== undefined) values[parameter.id] = value;
  }
  const arch = get('arch');
  const board = publicValue('board', get('board'));
  const style = STYLES.find((each) => each === get('style'));
  return {
    values,
    device: {
      ...(arch !== null && 'value' in guestBoard(arch) ? { arch } : {}),
      ...(board === undefined ? {} : { board }),
    },
    ...(style ? { style } : {}),
  };
}

/** What there is to share of a sheet as it stands, as pairs of a query. */
export function writeSheetLink(
  values: Values,
  ids: readonly string[],
  link: Omit<SheetLink, 'values'>,
): [string, string][] {
  const shared = ids.flatMap((id): [string, string][] => {
    const resolved = values[id];
    if (!resolved || !isLinkable(resolved.parameter) || resolved.origin === 'default') return [];
    const value = publicValue(resolved.parameter.type, resolved.text);
    return value === undefined ? [] : [[id, value]];
  });
  const uses = (fact: 'guestBoard' | 'board'): boolean => ids.some((id) => values[id]?.parameter.from === fact);
  const board = publicValue('board', link.device.board ?? null);
  return [
    ...shared,
    ...(link.device.arch !== undefined && uses('guestBoard') ? [['arch', link.device.arch] as [string, string]] : []),
    ...(board !== undefined && uses('board') ? [['board', board] as [string, string]] : []),
    ...(link.style && link.style !== 'inlined' ? [['style', link.style] as [string, string]] : []),
  ];
}
