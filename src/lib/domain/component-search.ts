import type { Component, Layer } from './component.ts';

/**
 * The components that match every word of the query somewhere (name, summary, repo, ebuild, job, alias) and run in
 * one of the layers; no layers means all.
 */
export function filterComponents(
  components: readonly Component[],
  query: string,
  layers: readonly Layer[],
): Component[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = components.filter((component) => {
    if (layers.length > 0 && !component.layers.some((layer) => layers.includes(layer))) return false;
    const { name, summary, repo, language, ebuilds, jobs, aliases = [] } = component;
    const text = [name, summary, repo, language, ...ebuilds, ...jobs.map((job) => job.name), ...aliases]
      .join(' ')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
  // What is called so comes before what only mentions it; otherwise the order stays.
  const named = (component: Component): boolean => words.every((word) => component.name.toLowerCase().includes(word));
  return [...found.filter(named), ...found.filter((component) => !named(component))];
}
