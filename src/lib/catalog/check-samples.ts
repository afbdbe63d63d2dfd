/**
 * For `sheets.test.ts` alone: what commands of checks print when the step worked, and what they print or say when it
 * did not, by the expression (`Check.matches`) that has to tell these apart.
 */
export interface CheckSample {
  readonly matches: string;
  readonly works: readonly string[];
  readonly fails: readonly string[];
}

/** Failures that nearly any command can end with. */
const NOTHING = '';
const NO_SSH = 'root@192.0.2.7: Permission denied (publickey,password,keyboard-interactive).\n';
const NO_VM =
  'ERROR vsh: [../../../../../../../mnt/host/source/src/platform2/vm_tools/vsh/vsh.cc:122] Failed to get VM info for termina\n';
const NO_CONTAINER =
  'ERROR vsh: [../../../../../../../mnt/host/source/src/platform2/vm_tools/vsh/vsh.cc:173] Failed to launch vshd for termina:penguin: requested container does not exist: penguin\n';
const NO_FILE = "ls: cannot access '/build/tatl': No such file or directory\n";

const HASH = '5c990f446325244d42d5919b06dcd2615e74cbfc';
const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const OTHER_SHA256 = '60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752';
const LSB_RELEASE =
  'CHROMEOS_RELEASE_NAME=Chrome OS\nCHROMEOS_RELEASE_BOARD=tatl\nCHROMEOS_RELEASE_VERSION=16765.0.0\n';

const TERMINA_LINE =
  'termina (10737418240 bytes, min shrinkable size 6442450944 bytes, raw, sparse) (on disk VM type: crostini) ';
const BAGUETTE_LINE = 'termina (16106127360 bytes, raw) (on disk VM type: baguette) ';
const TOTAL = '\nTotal Size (bytes): 10737418240\n';

export const CHECK_SAMPLES: readonly CheckSample[] = [
  {
    matches: '^root$',
    works: ['root\n', 'chroot: /build/tatl\ncwd: /mnt/host/source\ncmd: {/usr/bin/id} "/usr/bin/id" "-un"\nroot\n'],
    fails: [NOTHING, NO_SSH, NO_VM, 'chronos\n', 'ssh: connect to host localhost port 8222: Connection refused\n'],
  },
  {
    matches: '^chronos$',
    works: ['chronos\n'],
    fails: [
      NOTHING,
      NO_VM,
      'root\n',
      'ERROR vsh: [vsh_client.cc(171)] Server was unable to set up connection: could not find user: chronos, if attempting to connect to a containerless guest please use --target_container\n',
    ],
  },
  { matches: '^1000$', works: ['1000\n'], fails: [NOTHING, NO_SSH, NO_CONTAINER, '0\n', '10001\n'] },
  { matches: '^up$', works: ['up\n'], fails: [NOTHING, NO_CONTAINER, 'vsh: not found: up and running\n'] },
  {
    matches: '^ID=debian$',
    works: ['PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nID=debian\n'],
    fails: [NOTHING, NO_SSH, NO_CONTAINER, 'ID=chromeos\nID_LIKE=chromiumos\n', 'ID=ubuntu\nID_LIKE=debian\n'],
  },
  {
    matches: '^penguin$',
    works: ['penguin\n'],
    fails: [NOTHING, NO_SSH, 'localhost\n', 'ssh: connect to host 192.0.2.7 port 8222: Connection refused\n'],
  },
  {
    matches: '^CHROMEOS_RELEASE_TRACK=testimage-channel$',
    works: ['CHROMEOS_RELEASE_TRACK=testimage-channel\n'],
    fails: [NOTHING, 'CHROMEOS_RELEASE_TRACK=stable-channel\n', 'CHROMEOS_RELEASE_TRACK=dev-channel\n'],
  },
  { matches: '^1$', works: ['1', '1\n'], fails: [NOTHING, '0', 'crossystem: command not found'] },
  {
    matches: '^/build/[a-z0-9][a-z0-9_-]*$',
    works: ['/build/eve\n', '/build/kukui-arc64\n'],
    fails: [NOTHING, "ls: cannot access '/build/eve': No such file or directory\n"],
  },
  { matches: '^/build/ta[et]l$', works: ['/build/tatl\n', '/build/tael\n'], fails: [NOTHING, NO_FILE, '/build/eve\n'] },
  {
    matches: '^ +string "[0-9a-f]{40}"$',
    works: [
      `method return time=1795432854.704254 sender=:1.0 -> destination=:1.1 serial=3 reply_serial=2\n   string "testuser@gmail.com"\n   string "${HASH}"\n`,
    ],
    fails: [
      'method return time=1795432854.704254 sender=:1.0 -> destination=:1.1 serial=3 reply_serial=2\n   string ""\n   string ""\n',
      'Error org.freedesktop.DBus.Error.ServiceUnknown: The name org.chromium.SessionManager was not provided by any .service files\n',
    ],
  },
  {
    matches: '^[0-9a-f]{40}$',
    works: [`${HASH}\n`],
    fails: [NOTHING, '\n', 'Error org.freedesktop.DBus.Error.ServiceUnknown: The name …\n', `${HASH}0\n`],
  },
  {
    matches: '^ +boolean (?:true|false)$',
    works: ['method return time=1.1 sender=:1.0 -> destination=:1.1 serial=3 reply_serial=2\n   boolean false\n'],
    fails: ['Error org.freedesktop.DBus.Error.ServiceUnknown: The name org.chromium.SessionManager …\n'],
  },
  {
    matches: '(?<![\\s\\S])(?:[a-z0-9-]+/[\\w+.-]+\\s+)+(?![\\s\\S])',
    works: [
      'chromeos-base/vm_host_tools\n',
      'chromeos-base/sommelier\nchromeos-base/vm_guest_tools\n',
      'dev-rust/s9\n',
    ],
    fails: [NOTHING, 'chromeos-base/vm_host_tools\nnot worked on: crosvm\n', '18:47:53: ERROR: /build/eve …\n'],
  },
  {
    matches: '^chromeos-base/termina-dlc$',
    works: ['chromeos-base/termina-dlc\n'],
    fails: [NOTHING, 'chromeos-base/termina-dlc-tools\n', 'cros workon: error: unrecognized arguments\n'],
  },
  {
    matches: '^sys-kernel/chromeos-kernel-\\d+_\\d+$',
    works: ['sys-kernel/chromeos-kernel-6_1\n'],
    fails: [NOTHING, 'sys-kernel/chromeos-kernel-upstream\n'],
  },
  {
    matches: '^/(?:usr|etc|opt|bin|sbin|lib\\w*)/\\S+$',
    works: ['/usr/bin/vm_concierge\n/etc/init/vm_concierge.conf\n', '/sbin/init\n', '/usr/bin/s9\n'],
    fails: [NOTHING, '/bin/bash: line 1: qlist-eve: command not found\n', '/usr/bin/env: ‘python3’: No such file\n'],
  },
  {
    matches: '^/boot/\\S+$',
    works: ['/boot/vmlinuz-6.1.90-08765-g2f6a1b\n/boot/vmlinuz\n'],
    fails: [NOTHING, '/bin/bash: line 1: qlist-tatl: command not found\n', '/usr/lib/debug/boot/vmlinux\n'],
  },
  {
    matches: '^/opt/google/cros-containers/bin/\\S+\\.elf$',
    works: ['/opt/google/cros-containers/bin/garcon\n/opt/google/cros-containers/bin/garcon.elf\n'],
    fails: [NOTHING, '/usr/bin/garcon\n', '/bin/bash: line 1: qlist-tatl: command not found\n'],
  },
  {
    matches: '^vm_concierge start/running, process \\d+$',
    works: ['vm_concierge start/running, process 2533\n'],
    fails: [
      'vm_concierge stop/waiting\n',
      'vm_concierge start/post-stop, process 2533\n',
      'status: Unknown job: vm_concierge\n',
    ],
  },
  {
    matches: '^vm_cicerone start/running, process \\d+$',
    works: ['vm_cicerone start/running, process 2601\n'],
    fails: ['vm_cicerone stop/waiting\n', 'status: Unknown job: vm_cicerone\n'],
  },
  {
    matches: '^(?:x86_64|aarch64|armv8l)$',
    works: ['x86_64\n', 'aarch64\n'],
    fails: [NOTHING, 'armv7l\n', 'i686\n'],
  },
  {
    matches: '^(?:aarch64|armv\\w+)$',
    works: ['chroot: /build/tael\ncmd: {/bin/uname} "/bin/uname" "-m"\naarch64\n'],
    fails: [NOTHING, 'x86_64\n', 'error: execing /bin/uname failed: [Errno 8] Exec format error\n'],
  },
  {
    matches: '^CHROMEOS_RELEASE_BOARD=ta(?:tl|el)\\b',
    works: ['CHROMEOS_RELEASE_BOARD=tatl\n', LSB_RELEASE, 'CHROMEOS_RELEASE_BOARD=tael-signed-mp-v2keys\n'],
    fails: [
      NOTHING,
      'grep: /run/imageloader/termina-dlc/package/root/lsb-release: No such file or directory\n',
      'CHROMEOS_RELEASE_BOARD=eve\n',
    ],
  },
  {
    matches: '\\(on disk VM type: crostini\\)',
    works: [`${TERMINA_LINE} running${TOTAL}`, `${TERMINA_LINE}${TOTAL}`],
    fails: [
      `${BAGUETTE_LINE} running${TOTAL}`,
      'Error: operation `disk_list` failed: neither Crostini nor Parallels VMs are enabled\n',
    ],
  },
  {
    matches: '\\(on disk VM type: baguette\\)',
    works: [`${BAGUETTE_LINE} running${TOTAL}`],
    fails: [`${TERMINA_LINE} running${TOTAL}`, 'Total Size (bytes): 0\n'],
  },
  {
    matches: '^\\S.* \\([0-9]+ bytes.*\\) +running$',
    works: [`${TERMINA_LINE} running${TOTAL}`, 'termina (10737418240 bytes, raw) running\nTotal Size (bytes): 1\n'],
    fails: [`${TERMINA_LINE}${TOTAL}`, `${TERMINA_LINE} starting${TOTAL}`, 'Error: operation `disk_list` failed: …\n'],
  },
  {
    matches: '(?<![\\s\\S])(?:/\\S+/package/\\S+\\s+)+(?![\\s\\S])',
    works: [
      '/mnt/stateful_partition/unencrypted/dlc-deployed-images/termina-dlc/package/dlc.img\n',
      '/opt/google/dlc/termina-dlc/package/table\n/opt/google/dlc/termina-tools-dlc/package/table\n',
    ],
    fails: [NOTHING, 'unchanged: termina-dlc\n', '/opt/google/dlc/termina-dlc/package/table\nunchanged: x\n'],
  },
  {
    matches: '\\d{4}-\\d\\d-\\d\\d \\S*/chromiumos_test_image\\.bin$',
    works: ['-rw-r--r-- 1 you you 4294967296 2026-11-24 ../build/images/tatl/latest/chromiumos_test_image.bin\n'],
    fails: [
      NOTHING,
      "ls: cannot access '../build/images/tatl/latest/chromiumos_test_image.bin': No such file or directory\n",
    ],
  },
  {
    matches: '\\d{4}-\\d\\d-\\d\\d /build/\\S+/termina-dlc/package/dlc\\.img$',
    works: ['-rw-r--r-- 1 root root 412090368 2026-11-24 /build/eve/build/rootfs/dlc/termina-dlc/package/dlc.img\n'],
    fails: [
      NOTHING,
      "ls: cannot access '/build/eve/build/rootfs/dlc/termina-dlc/package/dlc.img': No such file or directory\n",
    ],
  },
  {
    matches: '^\\d+\\.\\d+\\S*$',
    works: ['6.1.90-08765-g2f6a1b\n', '6.6.99\n'],
    fails: [NOTHING, NO_VM],
  },
  {
    matches: '^\\d+\\.\\d+\\S* #\\d+ .*SMP',
    works: ['6.1.90-08765-g2f6a1b #1 SMP PREEMPT_DYNAMIC Tue Nov 24 09:12:31 PST 2026\n'],
    fails: [NOTHING, NO_VM, '6.1.90\n'],
  },
  {
    matches: '^bazel-bin/\\S+\\.deb$',
    works: ['bazel-bin/cros-garcon/cros-garcon_0.38_all.deb\n'],
    fails: [NOTHING, 'find: ‘bazel-bin’: No such file or directory\n'],
  },
  {
    matches: '^Package: [a-z0-9][a-z0-9+.-]+\\nVersion: \\S+$',
    works: ['Package: cros-garcon\nVersion: 0.38\n'],
    fails: [NOTHING, "dpkg-deb: error: '/tmp/change.deb' is not a Debian format archive\n"],
  },
  {
    matches: '^installed \\S+$',
    works: ['installed 0.38\n', 'installed 1:2.36-9+deb12u9\n'],
    fails: ['dpkg-query: no packages found matching cros-garcon\n', 'config-files 0.37\n', 'half-installed 0.38\n'],
  },
  {
    matches: '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\S+ [+-]\\d{4} \\S+\\.elf\\b',
    works: ['total 8200\n-rwxr-xr-x 1 root root 4194304 2026-11-24 09:12:31.000000000 +0000 garcon.elf\n'],
    fails: [NOTHING, NO_CONTAINER, 'total 0\n'],
  },
  {
    matches: '^\\d+\\.\\d+\\.\\d+$',
    works: ['1.0.1\n'],
    fails: [NOTHING, 'bash: meson: command not found\n'],
  },
  {
    matches: '/platform2/vm_tools/sommelier/meson\\.build$',
    works: ['/home/testuser/platform2/vm_tools/sommelier/meson.build\n'],
    fails: ["ls: cannot access '/home/testuser/platform2/vm_tools/sommelier/meson.build': No such file or directory\n"],
  },
  {
    matches: '/platform2/vm_tools/cros_im/meson\\.build$',
    works: ['/home/testuser/platform2/vm_tools/cros_im/meson.build\n'],
    fails: ["ls: cannot access '/home/testuser/platform2/vm_tools/cros_im/meson.build': No such file or directory\n"],
  },
  {
    matches: '^-rwx.* \\d\\d:\\d\\d:\\S+ [+-]\\d{4} \\S+/build/sommelier$',
    works: [
      '-rwxr-xr-x 1 testuser testuser 6291456 2026-11-24 09:12:31.123456789 +0000 /home/testuser/platform2/vm_tools/sommelier/build/sommelier\n',
    ],
    fails: [
      NOTHING,
      "ls: cannot access '/home/testuser/platform2/vm_tools/sommelier/build/sommelier': No such file or directory\n",
    ],
  },
  {
    matches: '/platform2/vm_tools/sommelier/build/sommelier$',
    works: ['/home/testuser/platform2/vm_tools/sommelier/build/sommelier\n'],
    fails: [
      NOTHING,
      '/opt/google/cros-containers/bin/sommelier\n',
      '/opt/google/cros-containers/lib/ld-linux-x86-64.so.2\n',
      '/home/testuser/platform2/vm_tools/sommelier/build/sommelier (deleted)\n',
    ],
  },
  {
    matches: '(?<![\\s\\S])active\\s*(?![\\s\\S])',
    works: ['active\n'],
    fails: [
      NOTHING,
      'failed\n',
      'active\nfailed\n',
      'activating\nactive\n',
      'Failed to connect to bus: No medium found\n',
    ],
  },
  { matches: '^active$', works: ['active\n'], fails: ['inactive\n', 'failed\n', 'activating\n', NOTHING] },
  {
    matches: '^ActiveState=active$',
    works: ['ActiveState=active\n'],
    fails: ['ActiveState=inactive\n', 'ActiveState=failed\n', 'Failed to connect to bus: No medium found\n'],
  },
  {
    matches: '^Value: /\\S+$',
    works: [
      'Name: sommelier\nLink: /usr/bin/sommelier\nStatus: manual\nBest: /a\nValue: /opt/google/cros-containers/bin/sommelier\n',
    ],
    fails: ['update-alternatives: error: no alternatives for sommelier\n', 'Name: sommelier\nValue: none\n'],
  },
  {
    matches: '/im-cros\\S*\\.so$',
    works: ['/home/testuser/platform2/vm_tools/cros_im/build/im-cros.so\n'],
    fails: [NOTHING, 'find: ‘/home/testuser/platform2/vm_tools/cros_im/build’: No such file or directory\n'],
  },
  {
    matches: '^[1-9]\\d*$',
    works: ['14\n'],
    fails: ['0\n', 'grep: /home/testuser/testlog.json: No such file or directory\n'],
  },
  {
    matches: '^(?:not-installed|config-files|not installed)$',
    works: ['dpkg-query: no packages found matching cros-im\nnot installed\n', 'config-files\n'],
    fails: ['installed\n'],
  },
  {
    matches: '^(?:GTK|QT)_IM_MODULE=cros$',
    works: ['GTK_IM_MODULE=cros\nQT_IM_MODULE=cros\n'],
    fails: [NOTHING, 'GTK_IM_MODULE=ibus\n'],
  },
  {
    matches: '\\d\\d:\\d\\d:\\S+ [+-]\\d{4} /usr/lib/\\S+/im-cros\\S*\\.so$',
    works: [
      '-rwxr-xr-x 1 root root 131072 2026-11-24 09:12:31.000000000 +0000 /usr/lib/x86_64-linux-gnu/gtk-3.0/3.0.0/immodules/im-cros.so\n',
    ],
    fails: [NOTHING],
  },
  {
    matches: '^Server version: \\d',
    works: ['chroot: /build/tatl\nClient version: 5.0.3\nServer version: 5.0.3\n'],
    fails: ['Client version: 5.0.3\nServer version: unreachable\n', NOTHING],
  },
  {
    matches: '^status 0$',
    works: ['chroot: /build/tatl\npenguin\nstatus 0\n'],
    fails: [
      'Error: Get "http://unix.socket/1.0": dial unix /tmp/lxd/unix.socket: connect: no such file or directory\nstatus 1\n',
    ],
  },
  {
    matches: '^[A-Za-z][A-Za-z0-9-]*,(?:RUNNING|STOPPED|FROZEN)$',
    works: ['penguin,RUNNING\n', 'penguin,STOPPED\n'],
    fails: [NOTHING, NO_VM, 'Error: Get "http://unix.socket/1.0": dial unix /mnt/stateful/lxd/unix.socket\n'],
  },
  {
    matches: '^([0-9a-f]{64}) .*\\n\\1 ',
    works: [`${SHA256}  -\n${SHA256}  -\n`],
    fails: [
      NOTHING,
      `${SHA256}  -\n${OTHER_SHA256}  -\n`,
      `${SHA256}  -\n`,
      `${SHA256}  -\n${NO_VM}`,
      `${SHA256}  -\nsh: 1: cannot open /tmp/x: No such file\n`,
    ],
  },
  { matches: '^gone$', works: ['gone\n'], fails: [NOTHING, NO_CONTAINER] },
  {
    matches: '^700 /root/\\.ssh\\n600 /root/\\.ssh/authorized_keys$',
    works: ['700 /root/.ssh\n600 /root/.ssh/authorized_keys\n'],
    fails: [
      '755 /root/.ssh\n600 /root/.ssh/authorized_keys\n',
      '700 /root/.ssh\n644 /root/.ssh/authorized_keys\n',
      "stat: cannot statx '/root/.ssh': No such file or directory\n",
    ],
  },
  {
    matches: '^\\d+ SHA256:\\S+ ',
    works: ['2048 SHA256:Fp1qWjFLyK1cTpiI5rdk7iEJwoK9lcnYAgbQtGC3jzU ChromeOS test key (RSA)\n'],
    fails: ['/root/.ssh/authorized_keys is not a public key file.\n', NOTHING],
  },
  {
    matches: '^port \\d+\\npermitrootlogin (?:without|prohibit)-password$',
    works: ['port 8222\npermitrootlogin without-password\n'],
    fails: [
      'port 8222\npermitrootlogin no\n',
      'port 8222\npermitrootlogin yes\n',
      'permitrootlogin without-password\n',
      '/etc/ssh/sshd_config.d/crostini.conf line 1: Badly formatted port number.\n',
    ],
  },
  {
    matches: '^LISTEN\\b',
    works: [
      'State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\nLISTEN 0      128          0.0.0.0:8222      0.0.0.0:*\n',
    ],
    fails: ['State Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n', 'bash: ss: command not found\n'],
  },
  {
    matches: '^-A ingress_port_forwarding .*--dport \\d+ -j DNAT --to-destination [0-9.]+:\\d+$',
    works: [
      '-A ingress_port_forwarding -i wlan0 -p tcp -m tcp --dport 8222 -j DNAT --to-destination 100.115.92.204:8222\n',
    ],
    fails: [NOTHING, 'iptables: No chain/target/match by that name.\n'],
  },
  {
    matches: '\\b(?:ERROR|WARNING|INFO|VERBOSE\\d*)\\b',
    works: [
      '2026-08-21T14:49:16.738291Z WARNING chrome[1021:1021]: [chrome_browser_main.cc(812)] A message\n',
      '[1021:1021:0821/144916.738291:ERROR:gpu_init.cc(440)] A message\n',
    ],
    fails: [NOTHING, "tail: cannot open '/var/log/chrome/chrome' for reading: No such file or directory\n"],
  },
  {
    matches: '^\\d{4}-\\d\\d-\\d\\dT\\S+ [A-Z]+ ',
    works: ['2026-08-21T14:49:16.738291Z INFO vm_concierge[2533]: [service.cc:2047] Started VM with pid 9120\n'],
    fails: [NOTHING, "tail: cannot open '/var/log/messages' for reading: No such file or directory\n"],
  },
  {
    matches: '^\\d{4}-\\d\\d-\\d\\dT\\S+ \\S+ ',
    works: ['2026-08-21T14:49:16+0000 penguin systemd[1]: Started cros-sftp.service - Chrome OS SFTP server.\n'],
    fails: [NOTHING, '-- No entries --\n', 'sudo: journalctl: command not found\n'],
  },
  {
    matches: '^[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d <\\d+>  VM\\(\\d+\\): ',
    works: [
      'Aug 21 15:49:17 <13>  VM(32): [    0.412345] maitred: Server listening on port 8888\n',
      'Aug  1 05:49:22 <14>  VM(32): dhclient[201]: …\n',
    ],
    fails: [
      NOTHING,
      "tail: cannot open '/run/daemon-store/crosvm/0/log/dGVybWluYQ==.log' for reading: No such file or directory\n",
      'Error: no such subcommand: `logs`\n',
    ],
  },
  {
    matches: '^[\\w-]+=*\\.log(?:\\.[1-5])?$',
    works: ['dGVybWluYQ==.log\ndGVybWluYQ==.log.1\ndGVybWluYQ==.lsock\n', 'dm0-Pg==.log\n', 'YnJ1.log\n'],
    fails: [
      NOTHING,
      'dGVybWluYQ==.lsock\n',
      "ls: cannot access '/run/daemon-store/crosvm/0/log': No such file or directory\n",
    ],
  },
  {
    matches: '^/build/\\S+\\.debug$',
    works: ['/build/eve/usr/lib/debug/usr/bin/vm_concierge.debug\n'],
    fails: [NOTHING, 'find: ‘/build/eve/usr/lib/debug/usr/bin’: No such file or directory\n'],
  },
  {
    matches: '^\\d+ \\S',
    works: ['2533 /usr/bin/vm_concierge\n', '1 /sbin/init\n'],
    fails: [NOTHING, NO_VM],
  },
  {
    matches: '^ *\\d+ \\S+$',
    works: ['  212 ld-linux-x86-64\n', ' 2533 vm_concierge\n'],
    fails: [NOTHING, 'error: process ID list syntax error\n'],
  },
  {
    matches: '^TracerPid:\\s+[1-9]\\d*$',
    works: ['TracerPid:\t4711\n'],
    fails: ['TracerPid:\t0\n', 'grep: /proc/212/status: No such file or directory\n'],
  },
  {
    matches: '^\\S+\\.(?:dmp|meta)$',
    works: ['vm_concierge.20260821.144919.53856.2533.dmp\nvm_concierge.20260821.144919.53856.2533.meta\n'],
    fails: [NOTHING, "ls: cannot access '/var/spool/crash': No such file or directory\n"],
  },
  {
    matches: '^-rwx.* /build/ta[et]l/usr/bin/gdb$',
    works: ['-rwxr-xr-x 1 root root 12582912 Nov 24 09:12 /build/tatl/usr/bin/gdb\n'],
    fails: [NOTHING, "ls: cannot access '/build/tatl/usr/bin/gdb': No such file or directory\n"],
  },
  {
    matches: '^-rwx.* /build/ta[et]l/usr/bin/gdbserver$',
    works: ['-rwxr-xr-x 1 root root 1048576 Nov 24 09:12 /build/tatl/usr/bin/gdbserver\n'],
    fails: [NOTHING, "ls: cannot access '/build/tatl/usr/bin/gdbserver': No such file or directory\n"],
  },
  {
    matches: '^GNU gdbserver ',
    works: ['GNU gdbserver (Debian 13.1-3) 13.1\nCopyright (C) 2023 Free Software Foundation, Inc.\n'],
    fails: [
      NOTHING,
      NO_VM,
      'bash: gdbserver: command not found\n',
      'sh: 1: /mnt/stateful/gdbserver: Permission denied\n',
    ],
  },
  {
    matches: '^GNU readelf ',
    works: ['GNU readelf (GNU Binutils for Debian) 2.40\n'],
    fails: [NOTHING, 'bash: readelf: command not found\n'],
  },
  {
    matches: '^\\d+ \\S*/ld-linux\\S* .*\\.elf',
    works: [
      '212 /opt/google/cros-containers/lib/ld-linux-x86-64.so.2 --library-path /opt/google/cros-containers/lib --argv0 /usr/bin/sommelier /opt/google/cros-containers/bin/sommelier.elf --parent --socket=wayland-0\n',
    ],
    fails: [NOTHING, '212 /usr/bin/python3 sommelier\n'],
  },
  {
    matches: '^/\\S+$',
    works: ['/opt/google/cros-containers/bin/sommelier.elf\n/opt/google/cros-containers/lib/ld-linux-x86-64.so.2\n'],
    fails: [NOTHING, 'awk: cannot open /proc/212/maps (No such file or directory)\n'],
  },
  {
    matches: '\\bELF\\b|\\b0000000 177 +E +L +F\\b',
    works: [
      '/opt/google/cros-containers/bin/sommelier.elf: ELF 64-bit LSB pie executable, x86-64, version 1 (SYSV)\n',
      'bash: file: command not found\n0000000 177   E   L   F\n0000004\n',
    ],
    fails: [
      '/opt/google/cros-containers/bin/sommelier: POSIX shell script, ASCII text executable\n',
      'bash: file: command not found\n0000000   #   !   /   b\n0000004\n',
      "head: cannot open '/x' for reading: No such file or directory\n0000000\n",
    ],
  },
  {
    matches: '^ *Build ID: [0-9a-f]+$',
    works: ['    Build ID: 5f0c1d6c9a0c3f5a8c1f\n'],
    fails: [NOTHING, 'readelf: Error: Not an ELF file - it has the wrong magic bytes at the start\n'],
  },
];
