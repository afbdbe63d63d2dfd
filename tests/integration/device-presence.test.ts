import { afterAll, describe, expect, it } from 'vitest';
import { COMPONENTS } from '#lib/catalog/components.ts';
import { DELIVERIES } from '#lib/catalog/deliveries.ts';
import { LINKS } from '#lib/catalog/links.ts';
import { PROBES } from '#lib/catalog/probes.ts';
import { SHEETS } from '#lib/catalog/sheets.ts';
import type { Facts } from '#lib/domain/facts.ts';
import type { Plan } from '#lib/domain/plan.ts';
import { planFor } from '#lib/domain/planner.ts';
import { type PresenceState, presenceOf } from '#lib/domain/presence.ts';
import { factsFromProbe } from '#lib/domain/probe/facts.ts';
import { parseProbeOutput } from '#lib/domain/probe-parse.ts';
import { buildProbeScript } from '#lib/domain/probe.ts';
import { quoteWord } from '#lib/domain/quote.ts';
import { type TestDevice, startDevice } from '../device/start.ts';

/*
 * What the map and the planner say of devices in every state that matters, from what those devices really answer.
 */

const devices: TestDevice[] = [];
afterAll(() => Promise.all(devices.map((device) => device.stop())));

async function start(variant: Parameters<typeof startDevice>[1]): Promise<TestDevice> {
  const device = await startDevice(1, variant);
  devices.push(device);
  return device;
}

async function factsOf(device: TestDevice): Promise<Facts> {
  const { stdout } = await device.ssh(`sh -c ${quoteWord(buildProbeScript(PROBES))}`);
  const output = parseProbeOutput(stdout);
  if ('problem' in output) throw new Error(output.problem);
  return factsFromProbe(output, { at: Date.now() });
}

const statesOf = (facts: Facts): Readonly<Record<string, PresenceState>> =>
  Object.fromEntries(COMPONENTS.map((component) => [component.id, presenceOf(component, facts).state]));

const whyOf = (id: string, facts: Facts): string | undefined =>
  COMPONENTS.filter((component) => component.id === id).map((component) => presenceOf(component, facts).why)[0];

const plan = (id: string, facts: Facts): Plan =>
  planFor([id], facts, { components: COMPONENTS, links: LINKS, sheets: SHEETS, deliveries: DELIVERIES });

const sheetsOf = ({ path }: Plan): string[] => path.map(({ sheet }) => sheet);
const obstaclesOf = ({ first }: Plan): string[] => first.map(({ fact }) => fact);

describe('a device with Termina', () => {
  it('shows what runs, and then what stops with the VM and with the session', async () => {
    const device = await start({});
    expect(statesOf(await factsOf(device))).toMatchObject({
      concierge: 'running',
      crosvm: 'stopped',
      maitred: 'stopped',
      garcon: 'stopped',
      penguin: 'stopped',
      vm_protos: 'none',
    });
    await device.act('vmc', 'start', '--no-shell', 'termina');
    const running = await factsOf(device);
    expect(statesOf(running)).toMatchObject({
      concierge: 'running',
      crosvm: 'running',
      maitred: 'running',
      // Without root there is no LXD, and the device says so.
      lxd: 'stopped',
      garcon: 'running',
      penguin: 'running',
    });
    expect(obstaclesOf(plan('garcon', running))).toEqual([]);
    await device.act('signout');
    const out = await factsOf(device);
    expect(statesOf(out)).toMatchObject({
      concierge: 'stopped',
      chrome: 'running',
      dlcservice: 'running',
      crosvm: 'stopped',
      garcon: 'stopped',
      penguin: 'stopped',
    });
    expect(whyOf('concierge', out)).toMatch(/^The job vm_concierge is stopped\. Nobody is signed in\./);
    expect(obstaclesOf(plan('garcon', out))).toEqual(['ownerHash']);
    await device.act('guest');
    const guest = await factsOf(device);
    expect(whyOf('garcon', guest)).toMatch(/^The VM is off\. A guest session is active\./);
    expect(obstaclesOf(plan('concierge', guest))).toEqual(['ownerHash']);
  });
});

it('a Baguette guest has no LXD, and takes its tools from another DLC', async () => {
  const device = await start({ vmType: 'baguette' });
  await device.act('vmc', 'start', '--no-shell', 'termina');
  const facts = await factsOf(device);
  expect(statesOf(facts)).toMatchObject({
    lxd: 'absent',
    tremplin: 'absent',
    maitred: 'running',
    vshd: 'running',
    garcon: 'running',
    port_listener: 'running',
    penguin: 'running',
  });
  expect(sheetsOf(plan('garcon', facts))).toEqual(['container-tools', 'baguette', 'container-tools']);
  expect(plan('tremplin', facts).impossible.map(({ component }) => component)).toEqual(['tremplin']);
});

it('without the DLC there is no guest, and a full image is the way', async () => {
  const facts = await factsOf(await start({ terminaDlc: false, arch: 'aarch64' }));
  expect(statesOf(facts)).toMatchObject({ concierge: 'running', lxd: 'absent', garcon: 'absent', penguin: 'absent' });
  expect(sheetsOf(plan('tremplin', facts))).toEqual(['guest-package', 'full-image']);
});

it('a release image takes no deploy, but a build in the container', async () => {
  const facts = await factsOf(await start({ testImage: false }));
  expect(obstaclesOf(plan('concierge', facts))).toContain('imageTrack');
  expect(sheetsOf(plan('sommelier', facts))).toEqual(['sommelier-in-container']);
});

it.each(['2024-02', 'older'] as const)('an image with vmc of %s shows the same', async (vmcListFormat) => {
  const device = await start({ vmcListFormat });
  await device.act('vmc', 'start', '--no-shell', 'termina');
  expect(statesOf(await factsOf(device))).toMatchObject({ maitred: 'running', garcon: 'running', penguin: 'running' });
});
