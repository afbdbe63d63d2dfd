import { copyFileSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeviceConfig } from './config.ts';
import { must } from './run.ts';
import { ROOT, deviceFiles } from './state.ts';

/** The programs of the device that the rig brings; the bundle tells them apart by name. */
const PROGRAMS = [
  ...['vsh', 'vmc', 'crossystem', 'cros_config', 'cicerone_client', 'dlcservice_util'],
  ...['initctl', 'start', 'stop', 'restart', 'status', 'reboot', 'poweroff', 'shutdown', 'autologin.py'],
  ...['device-signin', 'device-signout', 'device-guest', 'device-rotate', 'device-burst'],
];

/** The password of root on ChromeOS test images (chromeos-facts.md section 10). */
export const PASSWORD = 'test0000';

const GUEST_BOARD = { x86_64: 'tatl', aarch64: 'tael' } as const;

/** /etc/lsb-release with the keys and the form of section 9 of chromeos-facts.md. */
export function lsbRelease({ arch, testImage }: Pick<DeviceConfig, 'arch' | 'testImage'>): string {
  const board = arch === 'x86_64' ? 'volteer' : 'trogdor';
  const track = testImage ? 'testimage-channel' : 'stable-channel';
  const kind = testImage ? 'Test Build - device' : 'Official Build';
  const appId = '{9A3BE5D2-C3DC-4AE6-9943-E2C113895DC5}';
  const version = '16765.0.0';
  return [
    'CHROMEOS_RELEASE_NAME=Chrome OS',
    'CHROMEOS_AUSERVER=https://tools.google.com/service/update2',
    'CHROMEOS_DEVSERVER=',
    'CHROMEOS_ARC_ANDROID_SDK_VERSION=33',
    'CHROMEOS_ARC_VERSION=12345678',
    `CHROMEOS_BOARD_APPID=${appId}`,
    'CHROMEOS_CANARY_APPID={90F229CE-83E2-4FAF-8479-E368A34938B1}',
    `CHROMEOS_RELEASE_APPID=${appId}`,
    `CHROMEOS_RELEASE_BOARD=${board}${testImage ? '' : '-signed-mp-v4keys'}`,
    'CHROMEOS_RELEASE_BRANCH_NUMBER=0',
    `CHROMEOS_RELEASE_BUILDER_PATH=${board}-release/R152-${version}`,
    'CHROMEOS_RELEASE_BUILD_NUMBER=16765',
    `CHROMEOS_RELEASE_BUILD_TYPE=${kind}`,
    'CHROMEOS_RELEASE_CHROME_MILESTONE=152',
    `CHROMEOS_RELEASE_DESCRIPTION=${version} (${kind}) ${board}`,
    `CHROMEOS_RELEASE_KEYSET=${testImage ? 'devkeys' : 'mp-v4'}`,
    'CHROMEOS_RELEASE_PATCH_NUMBER=0',
    `CHROMEOS_RELEASE_TRACK=${track}`,
    'CHROMEOS_RELEASE_UNIBUILD=1',
    `CHROMEOS_RELEASE_VERSION=${version}`,
    `GOOGLE_RELEASE=${version}`,
    '',
  ].join('\n');
}

function sshdConfig(config: DeviceConfig, at: { host: string; port: number }): string[] {
  const common = [
    'PasswordAuthentication yes',
    'KbdInteractiveAuthentication no',
    // Its accounts are in files of its own: PAM has nothing to add.
    'UsePAM no',
    'StrictModes no',
    'UseDNS no',
    'PidFile none',
    'PrintMotd no',
    'PrintLastLog no',
    'Subsystem sftp internal-sftp',
    // Tests open many at once.
    'MaxStartups 100',
  ];
  // With a network of its own it listens before the cable is in.
  const listen = `ListenAddress ${config.tier === 2 ? '0.0.0.0' : at.host}:${at.port}`;
  if (!config.plain) {
    const hostKey = '/mnt/stateful_partition/etc/ssh/ssh_host_ed25519_key';
    return [listen, `HostKey ${hostKey}`, 'PermitRootLogin yes', ...common];
  }
  const { plainRoot, shared } = deviceFiles(config.name);
  const folders = ['autotest/bin', 'sbin', 'bin'].map((folder) => join(plainRoot, 'usr/local', folder));
  const path = [...folders, '/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'].join(':');
  return [
    listen,
    `HostKey ${join(plainRoot, 'etc/host_key')}`,
    // This machine's own account: by the key alone.
    'PermitRootLogin prohibit-password',
    `AuthorizedKeysFile ${join(shared, 'authorized_keys')}`,
    // A home of its own: what the account's shell does at its start is none of the device's.
    `SetEnv PATH=${path} HOME=${join(plainRoot, 'home')} DEVICE_ROOT=${plainRoot} DBUS_SYSTEM_BUS_ADDRESS=unix:path=${join(plainRoot, 'run/dbus/system_bus_socket')}`,
    ...common,
  ];
}

/**
 * Writes the directory of a device, before its first boot: keys, configuration, accounts, programs.
 * @param at where its sshd is to listen
 * @param image what is /mnt/stateful in its termina; null for a device without LXD
 */
export async function layOut(
  config: DeviceConfig,
  at: { host: string; port: number },
  image: string | null,
): Promise<void> {
  const files = deviceFiles(config.name);
  const etc = join(files.shared, 'etc');
  mkdirSync(etc, { recursive: true });
  mkdirSync(files.library);
  // Where the device's root is mounted, in its own mount namespace.
  mkdirSync(files.plainRoot);
  for (const [folder, pick] of [
    ['tests/device/boot', () => true],
    ['build/device', (name: string) => name.endsWith('.mjs')],
  ] as const)
    for (const name of readdirSync(join(ROOT, folder)))
      if (pick(name)) copyFileSync(join(ROOT, folder, name), join(files.library, name));

  await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', `device ${config.name}`, '-f', files.key]);
  writeFileSync(join(files.shared, 'authorized_keys'), readFileSync(`${files.key}.pub`));
  await makeHostKey(config.name, at);

  const write = (name: string, lines: readonly string[]) => writeFileSync(join(etc, name), `${lines.join('\n')}\n`);
  write('passwd', [
    'root:x:0:0:root:/root:/bin/bash',
    'sshd:x:74:74:sshd:/run/sshd:/bin/false',
    'messagebus:x:201:201:dbus:/run/dbus:/bin/false',
    'syslog:x:202:202:rsyslog:/var/log:/bin/false',
    'chronos:x:1000:1000:system_user:/home/chronos/user:/bin/bash',
    'nobody:x:65534:65534:nobody:/:/bin/false',
  ]);
  write('group', [
    ...['root:x:0:', 'tty:x:5:', 'shadow:x:42:', 'sshd:x:74:', 'messagebus:x:201:', 'syslog:x:202:'],
    ...['chronos:x:1000:', 'nogroup:x:65534:'],
  ]);
  const hash = (await must(['openssl', 'passwd', '-6', PASSWORD])).trim();
  write('shadow', [`root:${hash}:19000:0:99999:7:::`, 'chronos:*:19000::::::', 'sshd:*:19000::::::']);
  write('hostname', ['localhost']);
  write('sshd_config', sshdConfig(config, at));
  write('lsb-release', [lsbRelease(config).trimEnd()]);
  writeFileSync(
    join(files.shared, 'termina-lsb-release'),
    `CHROMEOS_RELEASE_BOARD=${GUEST_BOARD[config.arch]}\nCHROMEOS_RELEASE_VERSION=16765.0.0\n`,
  );
  writeFileSync(join(files.shared, 'config.json'), JSON.stringify(config));
  const environment = {
    DEVICE_TIER: String(config.tier),
    DEVICE_ARCH: config.arch,
    DEVICE_TIME_ZONE: config.timeZone,
    DEVICE_NODE: process.execPath,
    // A containerless guest has no LXD (chromeos-facts.md section 7.4).
    DEVICE_IMAGE: (config.vmType === 'crostini' && image) || '',
    DEVICE_PROGRAMS: PROGRAMS.join(' '),
    DEVICE_TEST_IMAGE: config.testImage ? '1' : '',
    DEVICE_TERMINA_DLC: config.terminaDlc ? '1' : '',
    DEVICE_VM_TYPE: config.vmType,
    DEVICE_GUEST_USER: config.guestUser,
  };
  const quoted = Object.entries(environment).map(([key, value]) => `${key}='${value.replaceAll("'", "'\\''")}'`);
  writeFileSync(join(files.shared, 'device.env'), `${quoted.join('\n')}\n`);
}

/** Gives the device a new host key, as a powerwash does. */
export async function makeHostKey(name: string, { host, port }: { host: string; port: number }): Promise<void> {
  const files = deviceFiles(name);
  const fresh = `${files.hostKey}.new`;
  await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'host', '-f', fresh]);
  renameSync(fresh, files.hostKey);
  renameSync(`${fresh}.pub`, `${files.hostKey}.pub`);
  const [type, key] = readFileSync(`${files.hostKey}.pub`, 'utf8').split(' ');
  const known = port === 22 ? host : `[${host}]:${port}`;
  writeFileSync(files.knownHosts, `${known} ${type} ${key}\n`);
}
