import type { Component, Delivery } from './component.ts';
import { type Facts, factValue } from './facts.ts';
import { guestVm } from './guest-vm.ts';
import { type DeviceKind, type Part, distinct, isCompiledIn, pathOf } from './plan-path.ts';
import type { Alternative, Detour, Obstacle, Plan, PlanContent, PlannedSheet } from './plan.ts';
import { requirementState } from './requirement.ts';
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
  // A component whose other way is the better one here leaves the common path.
  const chosen = new Map(
    changed.flatMap((one) => {
      const detour = detoursOf(one, content).find((detour) => isTheWay(detour, kind));
      return detour ? [[one.id, detour] as const] : [];
    }),
  );
  const straight = changed.filter(({ id }) => !chosen.has(id));
  const common = parts.filter(({ component }) => !chosen.has(component.id));
  const path = [
    ...pathOf(straight, common, kind, content),
    ...[...chosen].map(([id, detour]) => detourSheet(detour, id, kind, content)),
  ];
  const usesGuest = common.some(({ route }) => route.packages === 'packages') || usesImage(path, content);
  return {
    changed: changed.map(({ id }) => id),
    also: also.map(({ component, because }) => ({ component: component.id, because })),
    first: obstacles(path, facts, content),
    path,
    assumes: [
      ...(kind.isTestImage === undefined && needsTestImage(path, content) ? [deliveries.assumes.imageTrack] : []),
      ...(kind.guest === undefined && usesGuest ? [deliveries.assumes.guest] : []),
    ],
    interrupts: distinct(
      path.flatMap((one) =>
        [...stepsOf(one, content), ...(one.then ?? [])].flatMap(({ interrupts }) => interrupts ?? []),
      ),
    ),
    fullImage: usesGuest && kind.guest !== 'baguette' && !usesImage(path, content) ? deliveries.fullImage.when : [],
    alternatives: changed.flatMap((one): Alternative[] => {
      const main = chosen.get(one.id);
      const usual = pathOf(
        [one],
        parts.filter(({ component }) => component === one),
        kind,
        content,
      );
      return [
        ...(main?.preferredTo === undefined ? [] : [{ components: [one.id], when: main.preferredTo, path: usual }]),
        ...detoursOf(one, content)
          .filter((detour) => detour !== main)
          .map((detour) => ({
            components: [one.id],
            when: detour.when,
            path: [detourSheet(detour, one.id, kind, content)],
          })),
      ];
    }),
    impossible: all.flatMap((component) => impossible(component, path, kind, content)),
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

const detoursOf = ({ id }: Component, { deliveries }: PlanContent): Detour[] =>
  deliveries.detours.filter(({ components }) => components.includes(id));

function detourSheet(detour: Detour, id: string, kind: DeviceKind, content: PlanContent): PlannedSheet {
  const sheet = content.sheets.find((one) => one.id === detour.sheet);
  if (!sheet) throw new Error(`no sheet "${detour.sheet}"`);
  const packages = content.components.find((one) => one.id === id)?.parameters?.['packages'];
  const isOnlyWay = detour.preferredTo === undefined && isTheWay(detour, kind);
  return {
    sheet: detour.sheet,
    parameters: packages !== undefined && sheetParameters(sheet).includes('packages') ? { packages } : {},
    ...(detour.steps && { steps: detour.steps }),
    components: [id],
    why: isOnlyWay ? content.deliveries.inGuest : detour.when,
  };
}

const usesImage = (path: readonly PlannedSheet[], { deliveries }: PlanContent): boolean =>
  path.some(({ sheet }) => sheet === deliveries.fullImage.sheet);

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
      if (requirementState({ text, fact }, facts) === 'holds') continue;
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
