import { always, fail, printing, type Program } from '../shell/program.ts';

/** Values of `crossystem` on a test image in developer mode. */
const systemValues: Readonly<Record<string, string>> = {
  arch: 'x86',
  clear_tpm_owner_request: '0',
  cros_debug: '1',
  debug_build: '1',
  devsw_boot: '1',
  dev_boot_usb: '1',
  dev_enable_udc: '0',
  fwid: 'Google_Eve.9584.230.0',
  hwid: 'EVE D4B-A2A-A3A',
  mainfw_act: 'A',
  mainfw_type: 'developer',
  recovery_reason: '0',
  tpm_fwver: '0x00010001',
  wpsw_cur: '1',
};

const crossystem: Program = {
  name: 'crossystem',
  run: async (call) => {
    if (call.args.length === 0) {
      const lines = Object.entries(systemValues).map(([name, value]) => `${name.padEnd(24)}= ${value.padEnd(30)}\n`);
      await call.stdout.write(lines.join(''));
      return 0;
    }
    for (const word of call.args) {
      const question = /^(\w+)\?(.*)$/.exec(word);
      if (question) {
        // `cros_debug?1` answers by its exit status only.
        if (systemValues[question[1] ?? ''] !== question[2]) return 1;
        continue;
      }
      const value = systemValues[word];
      if (value === undefined) return fail(call, `Parameter ${word} does not exist`);
      await call.stdout.write(value);
    }
    return 0;
  },
};

const crosConfig: Program = {
  name: 'cros_config',
  run: async (call) => {
    const { model } = call.shell.world.machine.identity;
    const values: Record<string, string> = {
      '/ name': model,
      '/ brand-code': 'ZZCR',
      '/identity sku-id': '1',
      '/hardware-properties form-factor': 'CHROMEBOOK',
    };
    const value = values[call.args.join(' ')];
    if (value === undefined) return 1;
    await call.stdout.write(value);
    return 0;
  },
};

const dlcs = ['termina-dlc', 'termina-tools-dlc', 'edk2-ovmf-dlc'];

const dlcserviceUtil: Program = {
  name: 'dlcservice_util',
  complete: () => ['--list', '--dlc_state', ...dlcs.map((name) => `--id=${name}`)],
  run: async (call) => {
    const given = call.args.find((word) => word.startsWith('--id='))?.slice('--id='.length);
    if (call.args.includes('--list')) {
      const list = {
        'termina-dlc': [
          {
            fs_type: 'squashfs',
            id: 'termina-dlc',
            image_type: 'dlc',
            manifest: '/opt/google/dlc/termina-dlc/package/imageloader.json',
            name: 'Termina',
            package: 'package',
            preallocated_size: '1073741824',
            root_mount: '/run/imageloader/termina-dlc/package/root',
            size: '213909504',
          },
        ],
      };
      await call.stdout.write(JSON.stringify(list, null, 3) + '\n');
      return 0;
    }
    if (call.args.includes('--dlc_state') && given !== undefined) {
      if (!dlcs.includes(given))
        return fail(
          call,
          `[ERROR:dlc_service_util.cc(322)] Failed to get state of DLC ${given}, com.google.DlcServiceInterface.INVALID_DLC`,
        );
      const installed = given === 'termina-dlc';
      const state = {
        id: given,
        last_error_code: 'com.google.DlcServiceInterface.NONE',
        progress: installed ? 1 : 0,
        root_path: installed ? `/run/imageloader/${given}/package/root` : '',
        state: installed ? 2 : 0,
      };
      await call.stdout.write(JSON.stringify(state, null, 3) + '\n');
      return 0;
    }
    return fail(
      call,
      '[ERROR:dlc_service_util.cc(240)] Please specify one of the flags: --install, --uninstall, --purge, --list, --dlc_state',
    );
  },
};

/** `cicerone_client --get_info`: VM, then its containers, indented with tabs (chromeos-facts 9). */
const ciceroneClient: Program = {
  name: 'cicerone_client',
  complete: () => ['--get_info', '--vm_name=termina', '--container_name=penguin'],
  run: async (call) => {
    const { machine } = call.shell.world;
    if (!call.args.includes('--get_info')) return fail(call, 'Exactly one command line operation may be specified');
    if (!machine.upstart.isRunning('vm_cicerone')) return fail(call, 'Failed to send dbus message to cicerone service');
    for (const vm of machine.runningVms) {
      await call.stdout.write(`VM: ${vm.name}\n\ttremplin: vsock:${String(vm.cid)}:8890\n`);
      for (const container of vm.containers.values()) {
        if (!container.running) continue;
        await call.stdout.write(
          `\tContainer: ${container.name}\n\t\tIPv4: ${container.address}\n\t\tgarcon: vsock:${String(vm.cid)}:10000\n\t\tuser: ${container.user}\n`,
        );
      }
    }
    return 0;
  },
};

const autologin: Program = {
  name: 'autologin.py',
  // Called by its path: just-bash would read the file there as a shell script.
  isLive: always,
  run: async (call) => {
    const { machine } = call.shell.world;
    if (call.args.includes('-h') || call.args.includes('--help')) {
      await call.stdout.write('usage: autologin.py [-h] [-d] [-a] [-u USERNAME] [-p PASSWORD] [-w] [--url URL]\n');
      return 0;
    }
    machine.signIn();
    machine.logs.chrome('WARNING', '[autotest_private_api.cc(812)] Login event waiter finished');
    return 0;
  },
};

const mount = printing('mount', ({ shell }) => {
  const { userHash } = shell.world.machine;
  const lines = [
    '/dev/dm-0 on / type ext2 (ro,relatime)',
    'proc on /proc type proc (rw,nosuid,nodev,noexec,relatime)',
    'devtmpfs on /dev type devtmpfs (rw,nosuid,noexec,relatime,size=8125948k,mode=755)',
    '/dev/nvme0n1p1 on /mnt/stateful_partition type ext4 (rw,nosuid,nodev,noexec,noatime,commit=600)',
    '/dev/mapper/encstateful on /mnt/stateful_partition/encrypted type ext4 (rw,nosuid,nodev,noexec,noatime)',
    '/dev/loop3 on /run/imageloader/termina-dlc/package type squashfs (ro,nosuid,nodev,relatime)',
  ];
  if (userHash !== '')
    lines.push(
      `/dev/mapper/cryptohome on /run/daemon-store/crosvm/${userHash} type ext4 (rw,nosuid,nodev,noexec,relatime)`,
    );
  return lines.join('\n') + '\n';
});

const df = printing('df', ({ args }) => {
  const human = args.some((word) => word.includes('h'));
  const rows: [string, number, number, string][] = [
    ['/dev/root', 4_061_328, 2_902_116, '/'],
    ['devtmpfs', 8_125_948, 0, '/dev'],
    ['tmpfs', 8_129_656, 4_812, '/run'],
    ['/dev/nvme0n1p1', 110_184_908, 27_544_320, '/mnt/stateful_partition'],
  ];
  const size = (kib: number) => (human ? `${(kib / 1024 / 1024).toFixed(1)}G` : String(kib)).padStart(human ? 6 : 10);
  const body = rows.map(
    ([name, total, used, where]) =>
      `${name.padEnd(15)}${size(total)} ${size(used)} ${size(total - used)} ${String(Math.ceil((used / total) * 100)).padStart(3)}% ${where}\n`,
  );
  return `Filesystem     ${human ? '  Size   Used  Avail' : ' 1K-blocks       Used  Available'} Use% Mounted on\n${body.join('')}`;
});

/** Programs of ChromeOS itself that only tell or set something. */
export const deviceTools: readonly Program[] = [
  crossystem,
  crosConfig,
  dlcserviceUtil,
  ciceroneClient,
  autologin,
  mount,
  df,
];
