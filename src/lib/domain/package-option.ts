import type { Component } from './component.ts';

/** A package that a component is built as, so that it can be chosen by the name of what somebody changed. */
export interface PackageOption {
  /** The component's name. */
  readonly component: string;
  /** As commands take it, e.g. `vm_guest_tools`. */
  readonly name: string;
  /** What else it is found by, in lower case. */
  readonly words: string;
}

/** What can be chosen for a parameter that holds packages: what the map says that components are built as. */
export function packageOptions(components: readonly Component[], parameterId: string): PackageOption[] {
  const options = components.flatMap((component) =>
    (component.parameters?.[parameterId]?.split(/\s+/).filter(Boolean) ?? []).map((name): PackageOption => ({
      component: component.name,
      name,
      words: [component.name, name, ...(component.aliases ?? [])].join('\n').toLowerCase(),
    })),
  );
  // A component of two lanes is two entries of the map, and one of this list.
  return options.filter(
    (one, index) =>
      index === options.findIndex(({ component, name }) => component === one.component && name === one.name),
  );
}

/** Options that hold every word of the query; those that are called so come first. */
export function findPackages(options: readonly PackageOption[], query: string): PackageOption[] {
  const wanted = query.trim().toLowerCase();
  const words = wanted.split(/\s+/).filter(Boolean);
  const rank = ({ component, name }: PackageOption): number => {
    const names = [component.toLowerCase(), name.toLowerCase()];
    if (names.includes(wanted)) return 0;
    return names.some((each) => each.startsWith(wanted)) ? 1 : 2;
  };
  const found = options.filter((option) => words.every((word) => option.words.includes(word)));
  return wanted === '' ? found : found.toSorted((a, b) => rank(a) - rank(b));
}

/** The names that a text of packages holds. */
export function splitPackages(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}
