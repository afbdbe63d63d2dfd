import type { FactId } from './facts.ts';
import type { ParameterType } from './parameter.ts';
import type { Place } from './place.ts';

/**
 * One value that commands need. `fact` fills it from the connected device; a value typed by hand always wins.
 * One definition serves every sheet, so that a value is typed once.
 */
export interface Parameter {
  readonly id: string;
  readonly label: string;
  readonly type: ParameterType;
  /** One sentence: what it is and where to find it. */
  readonly help: string;
  /** A value that would pass validation, shown as placeholder and in error texts. */
  readonly example: string;
  /** Its shell variable where a sheet is shown as a script, unique; the guide's name where it has one. */
  readonly variable: string;
  /** The fact that fills it, or the address of the connected target. */
  readonly from?: FactId | 'address';
  readonly default?: string;
}

/** Something that must hold before a step. `fact` lets the app tick it by itself. */
export interface Requirement {
  readonly text: string;
  readonly fact?: {
    readonly id: FactId;
    /** ECMAScript regular expression on the fact's value; of `vms`, on the state of the VM of Linux (`guestVm`). */
    readonly matches: string;
  };
  /** How to see it by hand, where no fact tells. */
  readonly check?: Check;
  /** Where it is put right: the id of a sheet, or of a step of one as `prerequisites#sign-in`. */
  readonly way?: string;
}

/** How to see that a step worked: a command (a template like the step's own) and what it must print. */
export interface Check {
  readonly place: Place;
  readonly command: string;
  /** In words. */
  readonly expect: string;
  /** The same for a program: an ECMAScript regular expression (flag `m`) that finds it in what the command prints. */
  readonly matches: string;
}

/** Something that may go wrong: how it shows, and what to do then. */
export interface Pitfall {
  readonly symptom: string;
  readonly remedy: string;
}

/** One command of a sheet. `command` is a template, see `template.ts`. */
export interface Step {
  readonly id: string;
  readonly title: string;
  readonly place: Place;
  readonly command: string;
  /** It talks to a person until they leave it: a shell, a debugger, a followed log. */
  readonly interactive?: true;
  /** When to do it, where it is not part of every run of the sheet; shown before the command. */
  readonly onlyIf?: string;
  readonly why: string;
  readonly requires?: readonly Requirement[];
  readonly checks?: readonly Check[];
  readonly pitfalls?: readonly Pitfall[];
  /** A template that takes the step back, with its Place. */
  readonly undo?: { readonly place: Place; readonly command: string };
  /** What the step interrupts, in words ("stops every running VM"). Shown before the command is copied. */
  readonly interrupts?: string;
  /** What one must know before it is done; shown before the command, and asked by scripts. */
  readonly warning?: string;
  /** Ids of `catalog/errata.ts`: where the guide differs. */
  readonly errata?: readonly string[];
}

/** An ordered list of steps for one task of the guide. */
export interface Sheet {
  readonly id: string;
  readonly title: string;
  /** One sentence: when to use it. */
  readonly summary: string;
  /** The headings of the guide that it replaces; none for what the guide does not know. */
  readonly guideSections: readonly string[];
  /** `choice`: each step is a task of its own and one of them is taken. Otherwise steps follow each other. */
  readonly kind: 'sequence' | 'choice';
  readonly steps: readonly Step[];
}

/** A place where the guide is wrong or stale (chromeos-facts.md section 8). */
export interface Erratum {
  readonly id: string;
  readonly guideSays: string;
  readonly correct: string;
  /** How it was checked: read in source, reproduced, inferred or unverified. */
  readonly checked: 'source' | 'reproduced' | 'inferred' | 'unverified' | 'guide';
}
