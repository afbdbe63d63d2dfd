import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { PLACE_INFO } from '../../src/lib/catalog/places.ts';
import type { Place } from '../../src/lib/domain/place.ts';
import { quoteWord } from '../../src/lib/domain/quote.ts';
import type { Step } from '../../src/lib/domain/sheet.ts';
import { renderTemplate, segmentsText } from '../../src/lib/domain/template.ts';
import type { Ran } from '../device/run.ts';
import type { TestDevice } from '../device/start.ts';
import { fill, findStep, holds } from './catalogue-step.ts';

/** A shell's prompt at the end of what a terminal showed; readline may clear the rest of the line. */
// eslint-disable-next-line no-control-regex -- an escape sequence is what this is about
const PROMPT = /[#$] (?:\u001b\[K)?$/;

/** What a step and its checks are filled with: by parameter id. */
export type Typed = Readonly<Record<string, string>>;

/**
 * A workstation with a real ssh client that knows a test device, and steps of the catalogue that are run from it, each
 * in its Place.
 */
export class Workstation {
  /** A folder of its own. */
  readonly folder = mkdtempSync(join(tmpdir(), 'workstation-'));
  readonly #environment: NodeJS.ProcessEnv;
  readonly #typed: Typed;
  readonly #running = new Set<ChildProcess>();

  constructor(device: TestDevice) {
    this.#typed = {
      device: `root@${device.host}`,
      ownerHash: device.config.user.hash,
      vm: 'termina',
      container: 'penguin',
    };
    const known = join(this.folder, 'known_hosts');
    writeFileSync(known, device.knownHostsLine());
    writeFileSync(
      join(this.folder, 'config'),
      [
        `Host *\n  IdentityFile ${device.keyFile}\n  IdentitiesOnly yes\n  LogLevel ERROR`,
        `  UserKnownHostsFile ${known}\n  GlobalKnownHostsFile none\n  StrictHostKeyChecking accept-new\n`,
      ].join('\n'),
    );
    // The client's configuration is the account's; this one is the test's. The command lines stay as they are.
    writeFileSync(join(this.folder, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${this.folder}/config "$@"\n`, {
      mode: 0o755,
    });
    this.#environment = { ...process.env, PATH: `${this.folder}:${process.env['PATH']}`, TERM: 'xterm' };
  }

  /** Runs a line in a Place; on the workstation itself, or the way that a script enters the Place. */
  async run(place: Place, line: string, input = ''): Promise<Ran> {
    const { enter } = PLACE_INFO[place];
    const command = enter
      ? // The line is one word here, as a value is; eval makes a command of it again.
        segmentsText(
          renderTemplate(enter.run.replace('{step}', 'eval {step}'), (id) => (id === 'step' ? line : this.#typed[id])),
        )
      : line;
    return new Promise((resolve) => {
      const child = execFile(
        'bash',
        ['-c', command],
        { env: this.#environment, maxBuffer: 64 * 1024 * 1024 },
        (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
      );
      this.#running.add(child);
      child.on('exit', () => this.#running.delete(child));
      // A program that reads nothing may be gone before its input is written.
      child.stdin?.on('error', () => undefined).end(input);
    });
  }

  /** Starts a line that stays, such as a tunnel; its input stays open. */
  stay(line: string): ChildProcess {
    const child = spawn('bash', ['-c', `exec ${line}`], { env: this.#environment, stdio: 'pipe' });
    this.#running.add(child);
    return child;
  }

  /** Runs an interactive step in a terminal, types a line at each prompt, and resolves with what was shown. */
  async terminal(name: string, typed: Typed, answers: readonly string[]): Promise<string> {
    const line = this.fill(findStep(name).command, typed);
    const child = spawn('script', ['-qefc', `bash -c ${quoteWord(line)}`, '/dev/null'], {
      env: this.#environment,
      stdio: 'pipe',
    });
    this.#running.add(child);
    let shown = '';
    let next = 0;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
      if (PROMPT.test(shown) && next < answers.length) child.stdin.write(`${answers[next++]}\n`);
    });
    await once(child, 'close');
    this.#running.delete(child);
    return shown;
  }

  /** A template of the catalogue, filled. */
  fill(template: string, typed: Typed = {}): string {
    return fill(template, { ...this.#typed, ...typed });
  }

  /** Runs the command of a step. */
  async step(name: string, typed: Typed = {}, input = ''): Promise<Ran> {
    const { place, command } = findStep(name);
    return this.run(place, this.fill(command, typed), input);
  }

  /** Whether each check of a step holds now. */
  async checks(name: string, typed: Typed = {}): Promise<boolean[]> {
    return Promise.all((findStep(name).checks ?? []).map(async (check) => (await this.look(check, typed)).holds));
  }

  /** Does a step, and expects it to succeed and every check and requirement of it to hold. */
  async prove(name: string, typed: Typed = {}): Promise<Ran> {
    const step = findStep(name);
    for (const { text, check } of step.requires ?? []) if (check) await this.#expect(`needs ${text}`, check, typed);
    const ran = step.interactive ? { code: 0, stdout: '', stderr: '' } : await this.step(name, typed);
    expect(ran.code, `${name}: ${ran.stderr}`).toBe(0);
    for (const check of step.checks ?? []) await this.#expect(name, check, typed);
    return ran;
  }

  /** Takes a step back, and expects its checks not to hold any more. */
  async undo(name: string, typed: Typed = {}): Promise<void> {
    const { undo } = findStep(name);
    if (!undo) throw new Error(`${name} has no undo`);
    const ran = await this.run(undo.place, this.fill(undo.command, typed));
    expect(ran.code, `${name} undo: ${ran.stderr}`).toBe(0);
    expect(await this.checks(name, typed)).toContain(false);
  }

  /** Runs a check's command. */
  async look(check: NonNullable<Step['checks']>[number], typed: Typed): Promise<{ holds: boolean; output: string }> {
    const { stdout, stderr } = await this.run(check.place, this.fill(check.command, typed));
    const output = stdout + stderr;
    return { holds: holds(check, output), output };
  }

  async #expect(what: string, check: NonNullable<Step['checks']>[number], typed: Typed): Promise<void> {
    const { holds: isRight, output } = await this.look(check, typed);
    expect(isRight, `${what}: ${check.command} printed ${output}, not ${check.matches}`).toBe(true);
  }

  /** Ends whatever still runs and removes the folder. */
  close(): void {
    for (const child of this.#running) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
