import type { Component, Delivery } from './component.ts';
import type { FactId } from './facts.ts';
import type { Link } from './link.ts';
import type { Place } from './place.ts';
import type { Sheet } from './sheet.ts';

/** A sheet of a plan, filled for the change. */
export interface PlannedSheet {
  /** Id of the sheet. */
  readonly sheet: string;
  /** Values for its parameters that the change decides, by id. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The ids of its steps that are to be done, in its order; all of them where this is missing. */
  readonly steps?: readonly string[];
  /** What is to be done after it, in this order, beyond its own steps. */
  readonly then?: readonly PlannedCommand[];
  /** Ids of the components that it brings to the device. */
  readonly components: readonly string[];
  /** One or two sentences: why this sheet, and why only these steps. */
  readonly why: string;
}

/** A command without parameters that is in no sheet. */
export interface PlannedCommand {
  readonly place: Place;
  readonly command: string;
  readonly why: string;
  /** What it interrupts, in words. */
  readonly interrupts?: string;
}

/** What must be put right on the device before the plan can be followed. */
export interface Obstacle {
  readonly fact: FactId;
  /** What is the matter, as the device tells it. */
  readonly text: string;
  /** What to do about it. */
  readonly remedy: string;
  /** The sheet that does it, where there is one. */
  readonly sheet?: string;
}

/** Another way for some of the changed components, and when it is the better one. */
export interface Alternative {
  readonly components: readonly string[];
  readonly when: string;
  readonly path: readonly PlannedSheet[];
}

/** How a change gets to the connected device. */
export interface Plan {
  /** Ids of the components that were changed. */
  readonly changed: readonly string[];
  /** Components that must be built again although nobody touched them, and for which changed one. */
  readonly also: readonly { readonly component: string; readonly because: string }[];
  readonly first: readonly Obstacle[];
  /** What to do, in this order. Empty only where `impossible` says why. */
  readonly path: readonly PlannedSheet[];
  /** What nobody told of the device, and what the plan takes for granted in its place. */
  readonly assumes: readonly string[];
  /** What following the path interrupts on the device, in words. */
  readonly interrupts: readonly string[];
  /** When the path is not enough and a full guest image is needed; empty where no guest code changed. */
  readonly fullImage: readonly string[];
  readonly alternatives: readonly Alternative[];
  /** Changed components that no sheet can deploy, and why. */
  readonly impossible: readonly { readonly component: string; readonly why: string }[];
}

/** How one kind of delivery is done. */
export interface Route {
  readonly delivery: Delivery;
  readonly sheet: string;
  /** The parameter that takes the packages, where the sheet builds packages. */
  readonly packages?: 'hostPackages' | 'packages';
  readonly why: string;
}

/** Another way for some components than their delivery. */
export interface Detour {
  readonly components: readonly string[];
  readonly sheet: string;
  readonly steps?: readonly string[];
  /** When it is the better way. */
  readonly when: string;
  /** It changes the guest from inside, so it works on images that are no test images, and without a chroot. */
  readonly inGuest?: true;
  /** It is the usual way; when the delivery's own sheet is the better one. */
  readonly preferredTo?: string;
}

/** The content that a plan is made of, from `catalog/deliveries.ts`. Every text is whole sentences, but for `assumes`. */
export interface Deliveries {
  /** In the order in which they are done. */
  readonly routes: readonly Route[];
  readonly detours: readonly Detour[];
  /** Ids of steps by what they are for, in whichever sheet they stand. */
  readonly steps: Readonly<Record<'build' | 'restart' | 'collect' | 'start' | 'otherDlc', readonly string[]>>;
  /** Why steps are left out of a sheet. */
  readonly left: {
    readonly restart: string;
    readonly restartOnce: string;
    readonly startOnce: string;
    readonly build: string;
  };
  /** Components that only a full image brings, and why. */
  readonly imageOnly: Readonly<Record<string, string>>;
  /** The package with the bindings for Rust, by component with definitions. */
  readonly rustBindings: Readonly<Record<string, string>>;
  /** Why a component that is compiled in is built so, by its id. */
  readonly definitions: Readonly<Record<string, string>>;
  readonly baguette: {
    readonly sheet: string;
    readonly steps: readonly string[];
    readonly why: string;
    /** Why a component of Termina cannot be deployed to one. */
    readonly without: string;
  };
  readonly fullImage: {
    readonly sheet: string;
    readonly why: string;
    /** Why it is the way while the DLC is not installed. */
    readonly noDlc: string;
    readonly when: readonly string[];
  };
  /** Why a build in the guest is the way on an image that is no test image. */
  readonly inGuest: string;
  /** Clauses that begin with "that". */
  readonly assumes: { readonly imageTrack: string; readonly guest: string };
  /** Why a job that does not stop with vm_concierge is restarted by itself. */
  readonly ownJob: string;
  /** What the restart of such a job interrupts, by its name. */
  readonly jobInterrupts: Readonly<Record<string, string>>;
  /** What to do about a fact that stands in the way. */
  readonly remedies: Readonly<Partial<Record<FactId, { readonly remedy: string; readonly sheet?: string }>>>;
}

/** The whole content, as the catalogue has it. */
export interface PlanContent {
  readonly components: readonly Component[];
  readonly links: readonly Link[];
  readonly sheets: readonly Sheet[];
  readonly deliveries: Deliveries;
}
