import type { Person } from './person.ts';

/** One way to attack the relay. Its `id` begins its keys in the JSON; its `attack` runs in a process of its own. */
export interface HostileCase {
  readonly id: string;
  /** Who does what, for the table. */
  readonly title: string;
  /** How long the attack goes on, in s. */
  readonly seconds: number;
  /** The same in a quick campaign, which leaves out a case without it. */
  readonly quickSeconds?: number;
  /** The relay has to cut off, or to refuse, an attacker who goes on like this. */
  readonly mustEnd?: true;
  /** It shows what the machine costs: nothing of it counts as the relay's. */
  readonly control?: true;
  readonly relay?: RelayDemands;
  /** Prepares, calls `ready` once, attacks until `goesOn` is false, and says what became of it. */
  readonly attack: (attacker: Attacker) => Promise<Outcome>;
}

/** What a case needs of the relay's start. */
export interface RelayDemands {
  /** It runs from a copy of its build, which the case may change. */
  readonly copied?: true;
  /** Its limit of open files, as `ulimit -n`. */
  readonly descriptors?: number;
}

/** What became of an attacker. */
export interface Outcome {
  readonly text: string;
  /** It was cut off or refused. */
  readonly ended: boolean;
  /** Of the relay, besides its memory and the victim's echo: a sentence. */
  readonly problem?: string;
}

/** What an attack knows, and what it can do. */
export interface Attacker {
  readonly relay: AttackedRelay;
  /** An honest OpenSSH server that the relay logs in to. */
  readonly device: HonestDevice;
  /** From 0 up to 1; the same numbers in every campaign. */
  readonly random: () => number;
  /** As one more person, who opens one more link. */
  signIn(): Promise<Person>;
  /** Resolves when everything is measured as it was before the attack. */
  ready(): Promise<void>;
  /** False when the time is over; where the attacker must be cut off and was not yet, that is some seconds later. */
  goesOn(): boolean;
  /** Resolves then. */
  readonly timeUp: Promise<void>;
  /** To be called when it was cut off or refused. */
  wasEnded(): void;
  /** What it started, and what has to be ended with it. */
  atEnd(close: () => unknown): void;
}

export interface AttackedRelay {
  readonly origin: string;
  readonly port: number;
  /** Of its build, which is in `build`. */
  readonly root: string;
  /** Where its audit log is. */
  readonly state: string;
}

export interface HonestDevice {
  readonly address: string;
  /** Its private key; the public one beside it as `.pub`. */
  readonly keyFile: string;
}
