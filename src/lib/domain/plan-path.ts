import type { Component } from './component.ts';
import type { Deliveries, PlanContent, PlannedCommand, PlannedSheet, Route } from './plan.ts';

/** What the device is, as far as the path depends on it; undefined where nobody told. */
export interface DeviceKind {
  readonly isTestImage: boolean | undefined;
  readonly guest: 'crostini' | 'baguette' | undefined;
  readonly hasDlc: boolean | undefined;
}

/** One component on one of its ways: changed itself, or compiled against something that was. */
export interface Part {
  readonly component: Component;
  readonly route: Route;
}

type Purpose = keyof Deliveries['steps'];

/** Whether a component is only definitions, which others are compiled against. */
export const isCompiledIn = ({ delivery }: Component): boolean => delivery.includes('compiled-in');

/**
 * The sheets that bring all parts to the device, in order: definitions, host, container packages, guest. What a later
 * sheet does anyway is left out of an earlier one: a deploy to the guest restarts the services of the host too.
 */
export function pathOf(
  changed: readonly Component[],
  parts: readonly Part[],
  kind: DeviceKind,
  content: PlanContent,
): PlannedSheet[] {
  const { imageOnly, fullImage } = content.deliveries;
  const guest = parts.filter(({ route }) => route.packages === 'packages');
  const image = kind.guest === 'baguette' ? [] : changed.filter(({ id }) => id in imageOnly);
  const asImage = image.length > 0 || (guest.length > 0 && kind.guest !== 'baguette' && kind.hasDlc === false);
  const restartsLater = asImage || guest.length > 0;
  const whole: PlannedSheet = {
    sheet: fullImage.sheet,
    parameters: {},
    components: distinct([...image, ...guest.map(({ component }) => component)].map(({ id }) => id)),
    why: `${imageOnly[image[0]?.id ?? ''] ?? fullImage.noDlc} ${fullImage.why}`,
  };
  return [
    ...changed.filter(isCompiledIn).flatMap((one) => definitionSheets(one, parts, content)),
    ...bySheet(parts.filter(({ route }) => route.packages === 'hostPackages')).map((some) =>
      hostSheet(some, restartsLater, content),
    ),
    ...bySheet(parts.filter(({ route }) => route.packages === undefined)).map((some) =>
      sheetOf(some, [], undefined, content),
    ),
    ...guestSheets(guest, asImage ? 'image' : kind.guest === 'baguette' ? 'baguette' : 'packages', content),
    ...(asImage ? [whole] : []),
  ];
}

/** The definitions themselves: built where their users are, never deployed. */
function definitionSheets(definitions: Component, parts: readonly Part[], content: PlanContent): PlannedSheet[] {
  const { routes, rustBindings, steps, definitions: reasons } = content.deliveries;
  const sides = ['hostPackages', 'packages'] as const;
  return sides.flatMap((side): PlannedSheet[] => {
    const own = definitions.parameters?.[side];
    const users = parts.filter(({ route }) => route.packages === side);
    const route = routes.find(({ packages }) => packages === side);
    if (own === undefined || users.length === 0 || !route) return [];
    const bindings = users.some(({ component }) => component.language === 'Rust')
      ? rustBindings[definitions.id]
      : undefined;
    return [
      {
        sheet: route.sheet,
        parameters: { [side]: [own, bindings].filter((one) => one !== undefined).join(' ') },
        steps: steps.build,
        components: [definitions.id],
        why: reasons[definitions.id] ?? route.why,
      },
    ];
  });
}

function hostSheet(parts: readonly Part[], restartsLater: boolean, content: PlanContent): PlannedSheet {
  const { ownJob, jobInterrupts, left } = content.deliveries;
  const jobs = parts.flatMap(({ component: { runs, jobs } }) =>
    'job' in runs ? jobs.filter(({ name }) => name === runs.job) : [],
  );
  // The common restart stops what stops on that alone; what starts with vm_concierge may well not stop with it.
  const apart = jobs.filter(({ name, stopOn }) => name !== 'vm_concierge' && stopOn !== 'stopped vm_concierge');
  const together =
    jobs.length > apart.length || parts.some(({ component: { runs } }) => 'program' in runs || 'container' in runs);
  const then = distinct(apart.map(({ name }) => name)).map((name): PlannedCommand => ({
    place: 'device',
    command: `restart ${name}`,
    why: ownJob,
    ...(jobInterrupts[name] !== undefined && { interrupts: jobInterrupts[name] }),
  }));
  const why = !together ? left.restart : restartsLater ? left.restartOnce : undefined;
  return { ...sheetOf(parts, why === undefined ? [] : ['restart'], why, content), ...(then.length > 0 && { then }) };
}

function guestSheets(
  parts: readonly Part[],
  mode: 'packages' | 'image' | 'baguette',
  content: PlanContent,
): PlannedSheet[] {
  const { baguette, left } = content.deliveries;
  const groups = bySheet(parts);
  const built = new Set<string>();
  return groups.flatMap((some, index): PlannedSheet[] => {
    // What an earlier sheet has built need not be built again.
    const isBuilt = packagesOf(some).every((name) => built.has(name));
    for (const name of packagesOf(some)) built.add(name);
    const isLast = index === groups.length - 1;
    const without: Purpose[] = [
      ...(isBuilt ? ['build' as const] : []),
      'otherDlc',
      ...(isLast ? [] : ['start' as const]),
    ];
    const why = isBuilt ? left.build : isLast ? undefined : left.startOnce;
    const sheet = sheetOf(some, without, why, content);
    if (mode === 'packages') return [sheet];
    const making = only(sheet, ['build', 'collect'], content);
    if (mode === 'image') return [making];
    const deploy = { ...making, sheet: baguette.sheet, steps: baguette.steps, parameters: {}, why: baguette.why };
    return [making, ...(isLast ? [deploy, only(sheet, ['start'], content)] : [])];
  });
}

/** A sheet with the packages of its parts, without the steps for some purposes, for which `because` is the reason. */
function sheetOf(
  parts: readonly Part[],
  without: readonly Purpose[],
  because: string | undefined,
  content: PlanContent,
): PlannedSheet {
  const route = parts[0]?.route;
  if (!route) throw new Error('a sheet of a plan has no parts');
  const left = without.flatMap((purpose) => content.deliveries.steps[purpose]);
  const all = stepIds(route.sheet, content);
  const steps = all.filter((id) => !left.includes(id));
  return {
    sheet: route.sheet,
    parameters: route.packages ? { [route.packages]: packagesOf(parts).join(' ') } : {},
    ...(steps.length < all.length && { steps }),
    components: distinct(parts.map(({ component }) => component.id)),
    why: distinct([...parts.map((part) => part.route.why), ...(because === undefined ? [] : [because])]).join(' '),
  };
}

/** Of a sheet of a plan, the steps for these purposes. */
function only(sheet: PlannedSheet, purposes: readonly Purpose[], content: PlanContent): PlannedSheet {
  const wanted = purposes.flatMap((purpose) => content.deliveries.steps[purpose]);
  return { ...sheet, steps: (sheet.steps ?? stepIds(sheet.sheet, content)).filter((id) => wanted.includes(id)) };
}

function stepIds(sheetId: string, { sheets }: PlanContent): string[] {
  const sheet = sheets.find(({ id }) => id === sheetId);
  if (!sheet) throw new Error(`no sheet "${sheetId}"`);
  return sheet.steps.map(({ id }) => id);
}

function packagesOf(parts: readonly Part[]): string[] {
  return distinct(
    parts.flatMap(({ component, route }) => component.parameters?.[route.packages ?? '']?.split(' ') ?? []),
  );
}

function bySheet(parts: readonly Part[]): Part[][] {
  return distinct(parts.map(({ route }) => route.sheet)).map((sheet) =>
    parts.filter(({ route }) => route.sheet === sheet),
  );
}

/** Each item once, in the order of first appearance. */
export const distinct = <T>(items: readonly T[]): T[] => [...new Set(items)];
