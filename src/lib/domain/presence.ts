import type { Component, Presence } from './component.ts';
import { type FactId, type Facts, factValue } from './facts.ts';
import { type GuestVm, guestVm } from './guest-vm.ts';
import { type ProgramPlace, programsOf } from './probe/programs.ts';

/**
 * What a connected device shows of a component. `absent`: this device has no such thing; `none`: nothing of it runs by
 * itself anywhere; `unknown`: nobody asked, or there was no answer.
 */
export type PresenceState = 'running' | 'stopped' | 'absent' | 'unknown' | 'none';

/** The state with its reason, one or two sentences for a person. */
export interface ComponentState {
  readonly state: PresenceState;
  readonly why: string;
}

type Program = Extract<Presence, { readonly program: string }>;

/** Whether a component runs on the device that the facts are of. Never guesses: what no fact tells is `unknown`. */
export function presenceOf(component: Component, facts: Facts): ComponentState {
  const { runs, lane } = component;
  if ('never' in runs) return { state: 'none', why: runs.never };
  if ('job' in runs) return jobState(component, runs.job, facts);
  if (lane === 'host' && 'program' in runs) return hostProgram(runs, facts);
  const vm = guestVm(facts);
  if ('program' in runs && runs.guest === 'crostini' && vm?.kind === 'baguette')
    return { state: 'absent', why: 'The guest is a Baguette: Debian straight in the VM, without LXD.' };
  const off = vmOff(vm, facts);
  if (off) return off;
  if ('container' in runs) return containerState(runs.container, facts);
  return guestProgram(component, runs, vm, facts);
}

/** Why a fact has no value. */
function missing(facts: Facts, id: FactId): string {
  const fact = facts[id];
  return fact && 'absent' in fact ? fact.absent : 'The device was not asked for it yet.';
}

function jobState({ jobs }: Component, name: string, facts: Facts): ComponentState {
  const text = factValue(facts, 'jobs');
  if (text === undefined) return { state: 'unknown', why: missing(facts, 'jobs') };
  const told = text.split(/, */).find((one) => one.startsWith(`${name} `));
  if (told === undefined) return { state: 'absent', why: `This image has no job ${name}.` };
  const state = told.slice(name.length + 1);
  if (state === 'running') return { state, why: `The job ${name} is running.` };
  if (state !== 'stopped') return { state: 'unknown', why: `The job ${name} is starting or stopping.` };
  // A job that follows the session cannot run before there is one.
  const follows = jobs.some(({ startOn }) => /vm_concierge|user-session/.test(startOn));
  const session = facts.ownerHash;
  const reason = follows && session && 'absent' in session ? ` ${session.absent}` : '';
  return { state, why: `The job ${name} is stopped.${reason}` };
}

function hostProgram(runs: Program, facts: Facts): ComponentState {
  const text = factValue(facts, 'hostPrograms');
  if (text === undefined) return { state: 'unknown', why: missing(facts, 'hostPrograms') };
  return programState(runs, programsOf(text, 'device').includes(runs.program), 'on the host');
}

function programState({ program, when }: Program, isThere: boolean, where: string): ComponentState {
  return isThere
    ? { state: 'running', why: `${program} runs ${where}.` }
    : { state: 'stopped', why: when ?? `No ${program} runs ${where}.` };
}

/** The state of everything in the guest while its VM does not run; undefined where it runs, or may. */
function vmOff(vm: GuestVm | undefined, facts: Facts): ComponentState | undefined {
  if (vm?.state === 'running' || (factValue(facts, 'guestPrograms') !== undefined && vm?.state !== 'stopped'))
    return undefined;
  if (factValue(facts, 'terminaDlc') === 'not installed')
    return {
      state: 'absent',
      why: 'The Termina DLC, which brings it, is not installed. Switch Linux on in the settings.',
    };
  const session = facts.ownerHash;
  if (session && 'absent' in session) return { state: 'stopped', why: `The VM is off. ${session.absent}` };
  if (vm?.state === 'stopped') return { state: 'stopped', why: `The VM ${vm.name} is off.` };
  if (vm?.state === 'starting') return { state: 'stopped', why: `The VM ${vm.name} is starting.` };
  const vms = facts.vms;
  if (vm === undefined && vms && 'value' in vms)
    return { state: 'stopped', why: 'There is no VM of Linux: only others.' };
  return { state: 'unknown', why: vm ? 'This image does not tell whether the VM runs.' : missing(facts, 'vms') };
}

function containerState(name: string, facts: Facts): ComponentState {
  const running = factValue(facts, 'container');
  if (running === name) return { state: 'running', why: `The container ${name} is up.` };
  if (running !== undefined) return { state: 'stopped', why: `The container that is up is ${running}.` };
  const fact = facts.container;
  return { state: fact ? 'stopped' : 'unknown', why: missing(facts, 'container') };
}

function guestProgram({ lane }: Component, runs: Program, vm: GuestVm | undefined, facts: Facts): ComponentState {
  const text = factValue(facts, 'guestPrograms');
  if (text === undefined) return { state: 'unknown', why: missing(facts, 'guestPrograms') };
  if (runs.isInit && vm?.kind !== 'baguette')
    return programState(runs, programsOf(text, 'termina').includes('init'), 'in the VM');
  // A Baguette guest is VM and container in one.
  const place: ProgramPlace = lane === 'termina' || vm?.kind === 'baguette' ? 'termina' : 'penguin';
  const names = programsOf(text, place);
  const container = lane === 'container' && vm?.kind !== 'baguette' && !names.includes(runs.program);
  if (container && facts.container && 'absent' in facts.container)
    return { state: 'stopped', why: facts.container.absent };
  return programState(runs, names.includes(runs.program), place === 'termina' ? 'in the VM' : 'in the container');
}
