import type { World } from './world.ts';
import type { VirtualFile } from './world-fs.ts';

/** Text that is made at each read. */
const dynamic = (read: () => string): VirtualFile => ({ read });

/** What both ends of a VM have under /proc and /dev. */
function mountKernel(world: World, processor: string): void {
  const { fs, machine } = world;
  const { random } = machine;
  fs.mount(
    '/proc/sys/kernel/random/boot_id',
    dynamic(() => `${machine.bootId}\n`),
  );
  fs.mount(
    '/proc/uptime',
    dynamic(() => `${machine.uptimeSeconds.toFixed(2)} ${(machine.uptimeSeconds * 3.6).toFixed(2)}\n`),
  );
  fs.mount(
    '/proc/version',
    dynamic(() => `Linux version ${world.kernel} (chronos@localhost) ${world.kernelVersion}\n`),
  );
  fs.mount(
    '/proc/cpuinfo',
    dynamic(
      () => [0, 1, 2, 3].map((cpu) => `processor\t: ${String(cpu)}\nmodel name\t: ${processor}\n`).join('\n') + '\n',
    ),
  );
  fs.mount(
    '/proc/meminfo',
    dynamic(() => 'MemTotal:       16259312 kB\nMemFree:         6432112 kB\nMemAvailable:   11131872 kB\n'),
  );
  fs.mount(
    '/proc/loadavg',
    dynamic(() => '0.31 0.24 0.19 1/812 9911\n'),
  );
  fs.mount(
    '/proc/filesystems',
    dynamic(() => 'nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\n\text4\n\tbtrfs\n\tsquashfs\n'),
  );
  fs.mount(
    '/dev/urandom',
    dynamic(() => Array.from({ length: 64 }, () => String.fromCharCode(Math.floor(random() * 94) + 33)).join('')),
  );
}

function lsbRelease(board: string, guest: boolean): string {
  const version = '16472.0.2026_11_20_0801-a1';
  return [
    'CHROMEOS_RELEASE_NAME=Chromium OS',
    'CHROMEOS_RELEASE_CHROME_MILESTONE=146',
    'CHROMEOS_RELEASE_BUILD_NUMBER=16472',
    'CHROMEOS_RELEASE_BRANCH_NUMBER=0',
    'CHROMEOS_RELEASE_PATCH_NUMBER=2026_11_20_0801-a1',
    'CHROMEOS_RELEASE_BUILD_TYPE=Developer Build - practice',
    `CHROMEOS_RELEASE_BOARD=${board}`,
    'CHROMEOS_RELEASE_TRACK=testimage-channel',
    `CHROMEOS_RELEASE_VERSION=${version}`,
    `CHROMEOS_RELEASE_DESCRIPTION=${version} (Developer Build - practice) developer-build ${board}`,
    `CHROMEOS_RELEASE_BUILDER_PATH=${board}-release/R146-16472.0.0`,
    'CHROMEOS_RELEASE_KEYSET=devkeys',
    ...(guest ? [] : ['CHROMEOS_RELEASE_UNIBUILD=1']),
    'CHROMEOS_RELEASE_APPID={90F229CE-83E2-4FAF-8479-E368A34938B1}',
    'CHROMEOS_BOARD_APPID={90F229CE-83E2-4FAF-8479-E368A34938B1}',
    'CHROMEOS_CANARY_APPID={90F229CE-83E2-4FAF-8479-E368A34938B1}',
    'CHROMEOS_AUSERVER=https://updates.invalid/service/update2',
    'CHROMEOS_DEVSERVER=http://devserver.invalid:8080',
    'GOOGLE_RELEASE=16472.0.2026_11_20_0801-a1',
    '',
  ].join('\n');
}

/** The host: ChromeOS (chromeos-facts 3, 7, 9). */
export async function fillDevice(world: World): Promise<void> {
  const { fs, machine } = world;
  const { identity, logs } = machine;
  const processor =
    identity.arch === 'x86_64' ? 'Intel(R) Core(TM) i7-7Y75 CPU @ 1.30GHz' : 'ARMv8 Processor rev 4 (v8l)';
  mountKernel(world, processor);
  fs.mount(
    '/proc/misc',
    dynamic(() => '228 hpet\n235 autofs\n241 vhost-vsock\n238 vhost-net\n232 kvm\n 10 tun\n'),
  );
  await fs.writeFile('/dev/kvm', '');
  await fs.writeFile('/dev/vhost-vsock', '');
  fs.writeFileSync('/etc/lsb-release', lsbRelease(identity.board, false));
  await fs.writeFile(
    '/etc/passwd',
    'root:x:0:0:root:/root:/bin/bash\nchronos:x:1000:1000:system_user:/home/chronos/user:/bin/bash\ncrosvm:x:299:299:crosvm:/dev/null:/bin/false\n',
  );
  await fs.writeFile('/etc/hostname', 'localhost\n');
  await fs.writeFile('/etc/chrome_dev.conf', '# Flags for Chrome, one a line.\n');
  await fs.writeFile(
    '/etc/init/vm_concierge.conf',
    'description   "Chrome OS VM concierge service"\nauthor        "chromium-os-dev@chromium.org"\n\nstart on started vm_concierge_nodefer or started-user-session\nstop on stopping ui\nkill timeout 30\n',
  );
  const dlc = '/run/imageloader/termina-dlc/package/root';
  await fs.writeFile(`${dlc}/lsb-release`, lsbRelease(identity.guestBoard, true));
  for (const name of ['vm_kernel', 'vm_rootfs.img', 'vm_tools.img', 'about_os_credits.html'])
    await fs.writeFile(`${dlc}/${name}`, '');
  await fs.writeFile('/run/chromeos-config/v1/hardware-properties/form-factor', 'CHROMEBOOK');
  await fs.writeFile('/run/chromeos-config/v1/name', identity.model);
  await fs.writeFile('/run/vm/dev_mode', '');
  await fs.writeFile('/usr/local/autotest/bin/autologin.py', '#!/usr/bin/env python3\n');
  await fs.writeFile(
    '/var/log/vmlog/vmlog.LATEST',
    'time pgmajfault pgmajfault_f pgmajfault_a pswpin pswpout cpuusage\n',
  );
  await fs.mkdir('/var/lib/timezone', { recursive: true });
  await fs.writeFile('/usr/share/zoneinfo/UTC', 'TZif2');
  await fs.symlink('/usr/share/zoneinfo/UTC', '/var/lib/timezone/localtime');
  await fs.symlink('/var/lib/timezone/localtime', '/etc/localtime');
  for (const path of [
    '/root',
    '/home/chronos/user',
    '/mnt/stateful_partition',
    '/var/spool/crash',
    '/tmp',
    '/usr/local/bin',
  ])
    await fs.mkdir(path, { recursive: true });
  await fs.chmod('/tmp', 0o1777);
  for (const path of ['/usr/local/autotest/bin/autologin.py']) await fs.chmod(path, 0o755);
  const store = `/run/daemon-store/crosvm/${identity.userHash}`;
  await fs.writeFile(`${store}/dGVybWluYQ==.img`, '');
  for (const log of logs.all) fs.mountLog(log);
  // The store is of the user's cryptohome: it is there while the user is signed in (chromeos-facts 3.1).
  fs.mountWhile(store, () => machine.session === 'user');
}

/** The VM: a ChromeOS of its own. */
export async function fillTermina(world: World): Promise<void> {
  const { fs, machine } = world;
  mountKernel(world, 'VM processor');
  await fs.writeFile('/etc/lsb-release', lsbRelease(machine.identity.guestBoard, true));
  await fs.writeFile(
    '/etc/passwd',
    'root:x:0:0:root:/root:/bin/bash\nchronos:x:1000:1000:system_user:/home/chronos:/bin/bash\n',
  );
  for (const path of [
    '/root',
    '/home/chronos',
    '/mnt/shared',
    '/mnt/stateful/lxd_conf',
    '/mnt/stateful/lxd/storage-pools/default/containers/penguin/rootfs',
    '/tmp',
    '/var/log',
  ]) {
    await fs.mkdir(path, { recursive: true });
  }
  await fs.chmod('/tmp', 0o1777);
  for (const tool of ['garcon', 'sommelier', 'vshd', 'chunnel', 'notificationd'])
    await fs.writeFile(`/opt/google/cros-containers/bin/${tool}`, '');
}

/** The container: Debian. */
export async function fillPenguin(world: World, termina: World): Promise<void> {
  const { fs } = world;
  mountKernel(world, 'VM processor');
  await fs.writeFile(
    '/etc/os-release',
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\nHOME_URL="https://www.debian.org/"\n',
  );
  await fs.writeFile('/etc/debian_version', '12.11\n');
  await fs.writeFile('/etc/hostname', 'penguin\n');
  await fs.writeFile('/etc/hosts', '127.0.0.1 localhost\n100.115.92.204 penguin.linux.test penguin\n');
  await fs.writeFile(
    '/etc/passwd',
    'root:x:0:0:root:/root:/bin/bash\ntestuser:x:1000:1000::/home/testuser:/bin/bash\n',
  );
  await fs.writeFile('/etc/ssh/sshd_not_to_be_run', '');
  await fs.writeFile('/home/testuser/.bashrc', '# ~/.bashrc\n');
  for (const path of ['/root', '/tmp', '/mnt/chromeos', '/var/log', '/run/user/1000'])
    await fs.mkdir(path, { recursive: true });
  await fs.chmod('/tmp', 0o1777);
  const folder = '/opt/google/cros-containers/bin';
  // The file under the program's name is a wrapper; the ELF beside it runs under the bundled loader (chromeos-facts 8, row 5).
  for (const tool of [
    'garcon',
    'sommelier',
    'notificationd',
    'guest_service_failure_notifier',
    'Xwayland',
    'xkbcomp',
  ]) {
    await fs.writeFile(
      `${folder}/${tool}`,
      `#!/bin/sh\nbase=$(readlink -f "$0")\nexec "\${base%/bin/*}/lib/ld-linux-x86-64.so.2" --library-path "\${base%/bin/*}/lib" "$base.elf" "$@"\n`,
    );
    await fs.chmod(`${folder}/${tool}`, 0o755);
    await fs.writeFile(`${folder}/${tool}.elf`, '\u007fELF');
  }
  await termina.fs.writeFile(
    '/mnt/stateful/lxd/storage-pools/default/containers/penguin/rootfs/etc/hostname',
    'penguin\n',
  );
}
