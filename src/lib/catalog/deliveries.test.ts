import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FactId, Facts } from '../domain/facts.ts';
import { validateParameter } from '../domain/parameter.ts';
import type { Plan, PlannedSheet } from '../domain/plan.ts';
import { planFor } from '../domain/planner.ts';
import { sheetParameters } from '../domain/resolve.ts';
import { COMPONENTS } from './components.ts';
import { DELIVERIES } from './deliveries.ts';
import { LINKS } from './links.ts';
import { PARAMETERS } from './parameters.ts';
import { SHEETS } from './sheets.ts';

const CONTENT = { components: COMPONENTS, links: LINKS, sheets: SHEETS, deliveries: DELIVERIES };

type Given = Partial<Record<FactId, string>>;

/** Facts of a probe; a text after a dash is the reason why there is no value. */
const facts = (given: Given): Facts =>
  Object.fromEntries(
    Object.entries(given).map(([id, text]) => [
      id,
      text.startsWith('- ')
        ? { absent: text.slice(2), origin: 'probed', at: 0 }
        : { value: text, origin: 'probed', at: 0 },
    ]),
  );

const READY: Given = {
  imageTrack: 'testimage-channel',
  developerMode: 'on',
  ownerHash: 'f'.repeat(40),
  jobs: 'vm_concierge running',
  vms: 'termina (crostini) running',
  container: 'penguin',
  terminaDlc: 'installed',
};

const KINDS = {
  ready: READY,
  unknown: {},
  release: { ...READY, imageTrack: 'stable-channel' },
  'signed out': {
    ...READY,
    ownerHash: '- Nobody is signed in.',
    jobs: 'vm_concierge stopped',
    vms: '- vmc says: Error',
    container: '- No VM is running.',
  },
  'VM off': { ...READY, vms: 'termina (crostini) stopped', container: '- No VM is running.' },
  'services off': { ...READY, jobs: 'vm_concierge stopped', vms: '- x', container: '- x' },
  'no DLC': { ...READY, vms: '- No VM yet.', container: '- No VM.', terminaDlc: 'not installed' },
  Baguette: { ...READY, vms: 'termina (baguette) running' },
} satisfies Record<string, Given>;

type Kind = keyof typeof KINDS;

/** A planned sheet in one line: its id, the packages, the steps where not all, and what follows. */
function line({ sheet, parameters, steps, then }: PlannedSheet): string {
  const packages = Object.values(parameters).map((value) => ` [${value}]`);
  const some = steps ? ` ${steps.join(' ')}` : '';
  return `${sheet}${packages.join('')}${some}${then ? `; ${then.map(({ command }) => command).join('; ')}` : ''}`;
}

function told({ first, path, also, alternatives, impossible, assumes, fullImage }: Plan): string[] {
  return [
    ...first.map(({ fact }) => `! ${fact}`),
    ...(also.length > 0 ? [`+ ${also.map(({ component }) => component).join(' ')}`] : []),
    ...path.map(line),
    ...alternatives.map((one) => `or ${one.path.map(line).join(', ')}`),
    ...impossible.map(({ component, why }) => `x ${component}: ${why}`),
    ...assumes.map((one) => `? ${one}`),
    ...(fullImage.length > 0 ? ['or a full image'] : []),
  ];
}

const HOST = (packages: string): string[] => [`host-service-change [${packages}]`];
const OWN_JOB = (packages: string, job: string): string[] => [
  `host-service-change [${packages}] workon build deploy; restart ${job}`,
];
const GUEST = (packages: string): string[] => [`guest-package [${packages}] workon build deploy start`];
const TOOLS = (packages: string): string[] => [`container-tools [${packages}]`, 'or a full image'];
const OFF_DEVICE = 'or run-off-device run run-as-root';

const SYSTEM_API = [
  '+ chunneld cicerone concierge crostini_client seneschal vsh',
  'host-service-change [chromeos-base/system_api dev-rust/system_api] workon build',
  'host-service-change [chunnel vm_host_tools crostini_client]',
];
const PROTO_USERS = '+ cicerone concierge vmlog_forwarder vsh maitred tremplin vm_syslog vshd garcon';

/** The way of each component to a test image that is signed in, with a running Termina. */
const WAYS: Readonly<Record<string, readonly string[]>> = {
  '9s': HOST('s9'),
  chunneld: HOST('chunnel'),
  cicerone: HOST('vm_host_tools'),
  concierge: HOST('vm_host_tools'),
  crostini_client: ['host-service-change [crostini_client] workon build deploy'],
  crosvm: HOST('crosvm'),
  seneschal: HOST('vm_host_tools'),
  system_api: SYSTEM_API,
  vm_protos: [
    PROTO_USERS,
    'host-service-change [vm_protos] workon build',
    'guest-package [vm_protos] workon build',
    'host-service-change [vm_host_tools] workon build deploy',
    'guest-package [vm_guest_tools tremplin] workon build deploy',
    'container-tools [vm_guest_tools] collect deploy start start-container see',
    'or a full image',
  ],
  vmlog_forwarder: HOST('vm_host_tools'),
  vsh: ['host-service-change [vm_host_tools] workon build deploy'],
  chrome: [
    'x chrome: It has a checkout and a build of its own: build it as Simple Chrome and deploy it with deploy_chrome, not with cros deploy.',
  ],
  session_manager: OWN_JOB('chromeos-login', 'ui'),
  dlcservice: OWN_JOB('dlcservice', 'dlcservice'),
  rsyslogd: OWN_JOB('chromeos-init', 'syslog'),
  patchpanel: OWN_JOB('patchpanel', 'patchpanel'),
  crosdns: HOST('crosdns'),
  permission_broker: OWN_JOB('permission_broker', 'permission_broker'),
  vhost_user_starter: HOST('vhost_user_starter'),
  shadercached: OWN_JOB('shadercached', 'shadercached'),
  anomaly_detector: OWN_JOB('crash-reporter', 'anomaly-detector'),
  lxd: ['full-image', 'or run-off-device lxd lxd-ready lxc', 'or guest-package [lxd] deploy start'],
  maitred: [...GUEST('vm_guest_tools'), OFF_DEVICE, 'or a full image'],
  tremplin: [...GUEST('tremplin'), OFF_DEVICE, 'or a full image'],
  vm_syslog: [...GUEST('vm_guest_tools'), OFF_DEVICE, 'or a full image'],
  vshd: [
    'guest-package [vm_guest_tools] workon build deploy',
    'container-tools [vm_guest_tools] collect deploy start start-container see',
    'or a full image',
  ],
  chunnel: TOOLS('chunnel'),
  'container-guest-tools': ['container-deb', 'or full-image'],
  cros_im: ['cros-im', 'or container-deb'],
  garcon: TOOLS('vm_guest_tools'),
  metric_reporter: TOOLS('crostini-metric-reporter'),
  sommelier: ['container-tools [sommelier]', 'or sommelier-in-container', 'or a full image'],
  port_listener: TOOLS('vm_guest_tools'),
  notificationd: TOOLS('vm_guest_tools'),
  guest_service_failure_notifier: TOOLS('vm_guest_tools'),
  penguin: [
    'x penguin: It is no package but a container image, which LXD downloads once and the user changes from then on. Its ChromeOS parts come as Debian packages and from Termina.',
  ],
  apps: ['x apps: They are the user’s own programs, mostly from Debian.'],
};

describe('the way of a change', () => {
  it.each(COMPONENTS.map(({ id }) => id))('to a device that is ready: %s', (id) => {
    expect(told(planFor([id], facts(READY), CONTENT))).toEqual(WAYS[id]);
  });

  const GUEST_UNKNOWN = '? that the VM is Termina with LXD, not a Baguette';
  const BAGUETTE = (packages: string): string[] => [
    `container-tools [${packages}] workon build collect`,
    'baguette deploy',
    `container-tools [${packages}] start start-container see`,
  ];
  const NOT_IN_BAGUETTE = 'A Baguette guest has no such thing: its system is Debian, without Termina and LXD.';

  it.each<[Kind, string, readonly string[]]>([
    ['unknown', 'concierge', [...HOST('vm_host_tools'), '? that the device runs a test image']],
    ['unknown', 'cros_im', WAYS['cros_im'] ?? []],
    [
      'unknown',
      'tremplin',
      [...GUEST('tremplin'), OFF_DEVICE, '? that the device runs a test image', GUEST_UNKNOWN, 'or a full image'],
    ],
    ['release', 'concierge', ['! imageTrack', ...HOST('vm_host_tools')]],
    ['release', 'garcon', ['! imageTrack', ...TOOLS('vm_guest_tools')]],
    ['release', 'sommelier', ['sommelier-in-container']],
    ['release', 'cros_im', ['cros-im', 'or container-deb']],
    ['signed out', 'concierge', ['! ownerHash', ...HOST('vm_host_tools')]],
    ['signed out', 'crostini_client', WAYS['crostini_client'] ?? []],
    ['signed out', 'garcon', ['! ownerHash', 'container-tools [vm_guest_tools]', GUEST_UNKNOWN, 'or a full image']],
    ['VM off', 'garcon', TOOLS('vm_guest_tools')],
    ['VM off', 'cros_im', ['! container', 'cros-im', 'or container-deb']],
    ['services off', 'tremplin', ['! jobs', ...GUEST('tremplin'), OFF_DEVICE, GUEST_UNKNOWN, 'or a full image']],
    ['no DLC', 'concierge', HOST('vm_host_tools')],
    [
      'no DLC',
      'sommelier',
      ['container-tools [sommelier] workon build collect', 'full-image', 'or sommelier-in-container', GUEST_UNKNOWN],
    ],
    ['no DLC', 'tremplin', ['guest-package [tremplin] workon build', 'full-image', OFF_DEVICE, GUEST_UNKNOWN]],
    ['Baguette', 'concierge', HOST('vm_host_tools')],
    ['Baguette', 'garcon', BAGUETTE('vm_guest_tools')],
    ['Baguette', 'maitred', [...BAGUETTE('vm_guest_tools'), OFF_DEVICE]],
    ['Baguette', 'vshd', BAGUETTE('vm_guest_tools')],
    ['Baguette', 'sommelier', [...BAGUETTE('sommelier'), 'or sommelier-in-container']],
    ['Baguette', 'tremplin', [OFF_DEVICE, `x tremplin: ${NOT_IN_BAGUETTE}`]],
    [
      'Baguette',
      'lxd',
      ['or run-off-device lxd lxd-ready lxc', 'or guest-package [lxd] deploy start', `x lxd: ${NOT_IN_BAGUETTE}`],
    ],
    [
      'Baguette',
      'vm_protos',
      [
        PROTO_USERS,
        'host-service-change [vm_protos] workon build',
        'guest-package [vm_protos] workon build',
        'host-service-change [vm_host_tools] workon build deploy',
        ...BAGUETTE('vm_guest_tools'),
        `x tremplin: ${NOT_IN_BAGUETTE}`,
        `x vm_syslog: ${NOT_IN_BAGUETTE}`,
      ],
    ],
  ])('to a device that is %s: %s', (kind, id, expected) => {
    expect(told(planFor([id], facts(KINDS[kind]), CONTENT))).toEqual(expected);
  });

  it('of several components goes through each sheet once, and restarts the services once', () => {
    expect(told(planFor(['garcon', 'concierge', 'tremplin', 'dlcservice'], facts(READY), CONTENT))).toEqual([
      'host-service-change [vm_host_tools dlcservice] workon build deploy; restart dlcservice',
      'guest-package [tremplin] workon build deploy',
      'container-tools [vm_guest_tools]',
      OFF_DEVICE,
      'or a full image',
    ]);
  });

  it('of several components keeps the way that is better for one of them', () => {
    expect(told(planFor(['cros_im', 'garcon', 'sommelier'], facts(KINDS.release), CONTENT))).toEqual([
      '! imageTrack',
      'container-tools [vm_guest_tools]',
      'cros-im',
      'sommelier-in-container',
      'or container-deb',
      'or a full image',
    ]);
  });

  it('says why, what it interrupts, and what to do about what stands in the way', () => {
    const plan = planFor(['garcon'], facts(KINDS.release), CONTENT);
    expect(plan.path[0]?.why).toMatch(/copy under \/opt\/google\/cros-containers/);
    expect(plan.interrupts.join(' ')).toMatch(/Stops every running VM/);
    expect(plan.first[0]).toMatchObject({
      text: 'A test image on the device. The device says: stable-channel.',
      sheet: 'prerequisites',
    });
    expect(planFor(['sommelier'], facts(KINDS.release), CONTENT).path[0]?.why).toMatch(/no test image/);
    expect(planFor(['vsh'], facts(READY), CONTENT).path[0]?.why).toMatch(/need no restart/);
    expect(planFor(['vshd', 'concierge'], facts(READY), CONTENT).path.map(({ why }) => why)).toEqual([
      expect.stringMatching(/restarts the services as well\.$/),
      expect.stringMatching(/started once, after the last deploy\.$/),
      expect.stringMatching(/It is built already\.$/),
    ]);
    expect(planFor(['session_manager'], facts(READY), CONTENT).interrupts.join(' ')).toMatch(/signs the user out/);
  });

  it('of what is no component is a mistake of the caller', () => {
    expect(() => planFor(['garcon', 'nothing'], {}, CONTENT)).toThrow('nothing');
  });
});

const FIELDS = ['sheet', 'parameters', 'steps', 'then', 'components', 'why'];

it('no plan is empty without a reason, and each can be followed', () => {
  const ids = fc.subarray(
    COMPONENTS.map(({ id }) => id),
    { minLength: 1 },
  );
  const given = fc.record(
    Object.fromEntries(
      Object.keys(READY).map((id) => [
        id,
        fc.constantFrom(...new Set(Object.values(KINDS).flatMap((kind: Given) => kind[id as FactId] ?? []))),
      ]),
    ),
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(ids, given, fc.boolean(), (changed, device, reversed) => {
      const plan = planFor(reversed ? changed.toReversed() : changed, facts(device), CONTENT);
      expect(plan).toEqual(planFor(changed, facts(device), CONTENT));
      expect(plan.path.flatMap((one) => Object.keys(one)).filter((key) => !FIELDS.includes(key))).toEqual([]);
      const named = [...plan.path.flatMap((one) => one.components), ...plan.impossible.map((one) => one.component)];
      expect(changed.filter((id) => !named.includes(id))).toEqual([]);
      for (const { sheet: id, steps, parameters, why } of [
        ...plan.path,
        ...plan.alternatives.flatMap((one) => one.path),
      ]) {
        const sheet = SHEETS.find((one) => one.id === id);
        if (!sheet) throw new Error(`no sheet ${id}`);
        expect(why).toMatch(/^\S.*\.$/);
        if (steps) {
          expect(steps.length).toBeGreaterThan(0);
          // In the sheet's own order, and only its own.
          expect(sheet.steps.map((step) => step.id).filter((step) => steps.includes(step))).toEqual(steps);
        }
        for (const [name, value] of Object.entries(parameters)) {
          expect(sheetParameters(sheet)).toContain(name);
          const type = PARAMETERS.find((parameter) => parameter.id === name)?.type;
          expect(type && validateParameter(type, value)).toEqual({ value });
        }
      }
      expect(plan.first.filter(({ sheet }) => sheet !== undefined && !SHEETS.some(({ id }) => id === sheet))).toEqual(
        [],
      );
    }),
  );
});
