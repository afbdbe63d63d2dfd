import type { Component, Delivery } from './component.ts';
import { type Facts, factValue } from './facts.ts';
import { guestVm } from './guest-vm.ts';
import { type DeviceKind, type Part, isCompiledIn, pathOf } from './plan-path.ts';
import type { Alternative, Detour, Obstacle, Plan, PlanContent, PlannedSheet } from './plan.ts';
import { sheetParameters } from './resolve.ts';
import type { Requirement, Step } from './sheet.ts';

/**
 * The shortest safe way of a change to the device that the facts are of; without facts, to a test device with Termina.
 * The same components give the same plan in whatever order they are named. An id that is no component throws.
 */
export function planFor(componentIds: readonly string[], facts: Facts, content: PlanContent): Plan {
  const { deliveries } = content;
  const changed = content.components.filter(({ id }) => componentIds.includes(id));
  const unknown = componentIds.find((id) => !changed.some((one) => one.id === id));
  if (unknown !== undefined) throw new Error(`no component "${unknown}"`);
  const kind = deviceKind(facts);
  const also = usersOf(changed, content);
  const all = [...changed, ...also.map(({ component }) => component)];
  // The order of the routes is the order of work, and that of the components never matters.
  const parts = deliveries.routes.flatMap((route) =>
    content.components
      .filter((component) => all.includes(component) && takes(component, route.delivery, kind, content))
      .filter(({ parameters }) => route.packages === undefined || parameters?.[route.packages] !== undefined)
      .map((component): Part => ({ component, route })),
  );
  const own = pathOf(changed, parts, kind, content);
  const detours = deliveries.detours.filter((one) => changed.every(({ id }) => one.components.includes(id)));
  const detour = detours.find((one) => isTheWay(one, kind));
  const path = detour ? [planDetour(detour, changed, kind, content)] : own;
  const guest = !detour && path.some((one) => inGuest(one, parts, content));
  return {
    changed: changed.map(({ id }) => id),
    also: also.map(({ component, because }) => ({ component: component.id, because })),
    first: obstacles(path, facts, content),
    path,
    assumes: [
      ...(kind.isTestImage === undefined && needsTestImage(path, content) ? [deliveries.assumes.imageTrack] : []),
      ...(kind.guest === undefined && guest ? [deliveries.assumes.guest] : []),
    ],
    interrupts: unique(
      path.flatMap((one) =>
        [...stepsOf(one, content), ...(one.then ?? [])].flatMap(({ interrupts }) => interrupts ?? []),
      ),
    ),
    fullImage:
      guest && kind.guest !== 'baguette' && !path.some(({ sheet }) => sheet === deliveries.fullImage.sheet)
        ? deliveries.fullImage.when
        : [],
    alternatives: [
      ...(detour?.preferredTo !== undefined && own.length > 0 ? [{ when: detour.preferredTo, path: own }] : []),
      ...detours
        .filter((one) => one !== detour)
        .map((one): Alternative => ({ when: one.when, path: [planDetour(one, changed, kind, content)] })),
    ],
    impossible: detour ? [] : all.flatMap((component) => impossible(component, path, kind, content)),
  };
}

function deviceKind(facts: Facts): DeviceKind {
  const track = factValue(facts, 'imageTrack');
  const dlc = factValue(facts, 'terminaDlc');
  return {
    isTestImage: track === undefined ? undefined : track === 'testimage-channel',
    guest: guestVm(facts)?.kind,
    hasDlc: dlc === undefined ? undefined : dlc === 'installed',
  };
}

/** What is compiled against changed definitions and was not changed itself, each once. */
function usersOf(
  changed: readonly Component[],
  { links, components }: PlanContent,
): { readonly component: Component; readonly because: string }[] {
  return components.flatMap((component) => {
    const because = changed.find(
      (one) =>
        isCompiledIn(one) &&
        links.some(({ from, to, kind }) => kind === 'build' && from === one.id && to === component.id),
    );
    return because && !changed.includes(component) ? [{ component, because: because.id }] : [];
  });
}

/** Whether a delivery brings a component to where it runs: Termina and container are one in a Baguette guest. */
function takes(
  { id, layers, delivery }: Component,
  wanted: Delivery,
  { guest }: DeviceKind,
  { deliveries }: PlanContent,
): boolean {
  if (!delivery.includes(wanted) || id in deliveries.imageOnly) return false;
  if (wanted === 'host-image' || wanted === 'deb') return true;
  if (wanted === 'termina_container_tools') return guest === 'baguette' || layers.includes('container');
  return guest !== 'baguette' && layers.includes('termina');
}

/** A build in the guest is the way where it is the usual one, or the only one that the device's image allows. */
function isTheWay(detour: Detour, kind: DeviceKind): boolean {
  return detour.preferredTo !== undefined || (detour.inGuest === true && kind.isTestImage === false);
}

function planDetour(
  { sheet, steps, when, inGuest: always, preferredTo }: Detour,
  changed: readonly Component[],
  kind: DeviceKind,
  { deliveries, sheets }: PlanContent,
): PlannedSheet {
  const used = sheets.find(({ id }) => id === sheet);
  if (!used) throw new Error(`no sheet "${sheet}"`);
  const packages = unique(changed.flatMap(({ parameters }) => parameters?.['packages'] ?? []));
  const takesPackages = sheetParameters(used).includes('packages');
  const isOnlyWay = always === true && preferredTo === undefined && kind.isTestImage === false;
  return {
    sheet,
    parameters: takesPackages ? { packages: packages.join(' ') } : {},
    ...(steps && { steps }),
    components: changed.map(({ id }) => id),
    why: isOnlyWay ? deliveries.inGuest : when,
  };
}

function inGuest({ sheet }: PlannedSheet, parts: readonly Part[], { deliveries }: PlanContent): boolean {
  return (
    sheet === deliveries.fullImage.sheet ||
    parts.some(({ route }) => route.sheet === sheet && route.packages === 'packages')
  );
}

function stepsOf({ sheet, steps }: PlannedSheet, { sheets }: PlanContent): readonly Step[] {
  const all = sheets.find(({ id }) => id === sheet)?.steps ?? [];
  return steps ? all.filter(({ id }) => steps.includes(id)) : all;
}

function needsTestImage(path: readonly PlannedSheet[], content: PlanContent): boolean {
  return path.some((one) =>
    stepsOf(one, content).some(({ requires }) => requires?.some(({ fact }) => fact?.id === 'imageTrack')),
  );
}

/** What a step in the container needs, whatever else it says. */
const IN_CONTAINER: Requirement = { text: 'The container is running.', fact: { id: 'container', matches: '.' } };

/** What the steps of the path need and the device, as far as it told, has not; what the path starts itself is no matter. */
function obstacles(path: readonly PlannedSheet[], facts: Facts, content: PlanContent): Obstacle[] {
  const { remedies, steps } = content.deliveries;
  const found: Obstacle[] = [];
  let starts = false;
  for (const step of path.flatMap((one) => stepsOf(one, content))) {
    for (const { text, fact } of [...(step.requires ?? []), ...(step.place === 'penguin' ? [IN_CONTAINER] : [])]) {
      const known = fact && facts[fact.id];
      const remedy = fact && remedies[fact.id];
      if (!known || !remedy || found.some((one) => one.fact === fact.id)) continue;
      if ('value' in known && new RegExp(fact.matches).test(known.value)) continue;
      if (starts && (fact.id === 'vms' || fact.id === 'container')) continue;
      found.push({
        fact: fact.id,
        text: 'value' in known ? `${text} The device says: ${known.value}.` : known.absent,
        ...remedy,
      });
    }
    starts ||= steps.start.includes(step.id);
  }
  // Without a session nothing of VMs runs: that is the one thing to put right.
  const signedOut = found.some(({ fact }) => fact === 'ownerHash');
  return found.filter(({ fact }) => !signedOut || !['jobs', 'vms', 'container'].includes(fact));
}

function impossible(
  component: Component,
  path: readonly PlannedSheet[],
  kind: DeviceKind,
  { deliveries }: PlanContent,
): { readonly component: string; readonly why: string }[] {
  if (path.some(({ components }) => components.includes(component.id))) return [];
  const why =
    kind.guest === 'baguette' && component.layers.includes('termina')
      ? deliveries.baguette.without
      : (component.noEbuild ?? component.note ?? 'No sheet deploys it.');
  return [{ component: component.id, why }];
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}
