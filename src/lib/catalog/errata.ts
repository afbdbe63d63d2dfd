import type { Erratum } from '../domain/sheet.ts';

/**
 * Where the Crostini developer guide is wrong, stale or silent. Numbers 1 to 35 follow chromeos-facts.md section 8;
 * the others were found by running the guide's
 * commands and by reading the programs that they name.
 */
export const ERRATA: readonly Erratum[] = [
  {
    id: 'e01-stray-parenthesis',
    guideSays: 'The offset of .text is taken with $(readelf … | grep \\.text) | tr … | cut ….',
    correct:
      'The parenthesis closes too early: bash refuses the line and nothing runs. It belongs at the end of the pipe.',
    checked: 'reproduced',
  },
  {
    id: 'e02-readelf-field',
    guideSays: 'The sixth field of the squeezed readelf line is the offset.',
    correct:
      'Only if the section number has two digits. With one, "[ 9]" counts as two words and field six is the address. Read columns from the program headers instead.',
    checked: 'reproduced',
  },
  {
    id: 'e03-offset-not-address',
    guideSays: 'Symbols go to the base plus the file offset of .text.',
    correct:
      'They go to the load bias plus the address of .text. The two are equal for GNU ld and differ for lld, which links ChromeOS: there the guide is off by a page and breakpoints are never hit.',
    checked: 'reproduced',
  },
  {
    id: 'e04-first-mapping',
    guideSays: 'The start of the first mapping is the base.',
    correct:
      'That holds if the first LOAD segment starts at address 0. In general, take the lowest mapping minus the page-aligned address of the first LOAD; for a program that is not position-independent the bias is 0.',
    checked: 'reproduced',
  },
  {
    id: 'e05-wrapper-path',
    guideSays: 'BINARY_PATH is the path of the program, for example of sommelier.',
    correct:
      'Under /opt/google/cros-containers/bin that file is a shell wrapper. The program is beside it with .elf at the end, run by the bundled ld-linux.',
    checked: 'source',
  },
  {
    id: 'e06-grep-text',
    guideSays: 'grep \\.text, without quotes, finds the section.',
    correct:
      'The shell takes the backslash away, so the dot matches anything, and .text.unlikely matches too. Quote and anchor it.',
    checked: 'reproduced',
  },
  {
    id: 'e07-symbols-place',
    guideSays: 'The symbol commands run in a shell on the device.',
    correct: 'They must run in the container: the process id of gdbserver is only valid there.',
    checked: 'inferred',
  },
  {
    id: 'e08-user-root',
    guideSays: "To log in as chronos, remove '--user-root'.",
    correct: 'The flag is --user=root. vsh knows no --user-root and exits with 64.',
    checked: 'source',
  },
  {
    id: 'e09-device-name',
    guideSays: 'Some commands use $DEVICE_IP, others $DEVICE.',
    correct: 'Both mean the device, and nothing sets $DEVICE. Here there is one parameter, device.',
    checked: 'guide',
  },
  {
    id: 'e10-impossible-address',
    guideSays: 'DEVICE_IP=123.45.67.765',
    correct: 'No part of an IP address exceeds 255, so this line fails if pasted. Examples here use 192.0.2.7.',
    checked: 'guide',
  },
  {
    id: 'e11-ssh-as-root',
    guideSays: 'ssh ${DEVICE_IP} echo OK',
    correct:
      'Without a user, ssh logs in with your name on the workstation, which the device does not have. Write root@, and let ssh_config name the key chromite/ssh_keys/testing_rsa.',
    checked: 'source',
  },
  {
    id: 'e12-prompts',
    guideSays: 'Prompts such as (outside) $ stand before the commands.',
    correct: 'In the full-image and kernel sections some are missing or lack the $. Every step here names its place.',
    checked: 'guide',
  },
  {
    id: 'e13-restart-concierge',
    guideSays: 'Before a DLC deploy: ssh ${DEVICE_IP} -- restart vm_concierge.',
    correct:
      'Upstart sends no stopped event on a restart, so cicerone, seneschal and the others keep their old state. Stop, then start; that is also what the guide says elsewhere.',
    checked: 'source',
  },
  {
    id: 'e14-start-on',
    guideSays: 'Most host VM services start on started vm_concierge.',
    correct:
      'About half do: vm_cicerone, chunneld, vhost_user_starter. seneschal, crosdns and vmlog_forwarder start on starting vm_concierge, before it.',
    checked: 'source',
  },
  {
    id: 'e15-vmc-directory',
    guideSays: 'crostini_client lives in platform2/vm_tools/crostini_client.',
    correct:
      'The directory has been vm_tools/vmc since 2024-02-16 and the link is dead. The package is still called crostini_client.',
    checked: 'source',
  },
  {
    id: 'e16-lxd-repository',
    guideSays: 'LXD lives at github.com/lxc/lxd.',
    correct: 'It moved to github.com/canonical/lxd in 2023.',
    checked: 'inferred',
  },
  {
    id: 'e17-crosvm-repository',
    guideSays: 'crosvm lives in platform/crosvm.',
    correct: 'It is developed at chromium.googlesource.com/crosvm/crosvm and documented at crosvm.dev/book.',
    checked: 'source',
  },
  {
    id: 'e18-base64-alphabet',
    guideSays: 'The log file is named with the base64 encoding of the VM name.',
    correct: 'It is the URL-safe alphabet (- and _ for + and /), with padding. For termina the two are the same.',
    checked: 'source',
  },
  {
    id: 'e19-rotation',
    guideSays: 'VM logs are rotated daily to .log.1 and so on.',
    correct: 'Every 24 hours after vmlog_forwarder started, not at midnight, and five old files are kept.',
    checked: 'source',
  },
  {
    id: 'e20-user-id-hash',
    guideSays: 'vmc needs CROS_USER_ID_HASH.',
    correct: 'Images since 2024-03 ask the session manager themselves. Setting it does no harm and serves older ones.',
    checked: 'source',
  },
  {
    id: 'e21-lxd-environment',
    guideSays: 'The vsh command ends with two LXD_ assignments and no command.',
    correct: 'That is on purpose: vsh passes them as environment and, without a command, starts a login shell.',
    checked: 'source',
  },
  {
    id: 'e22-copy-out-as-root',
    guideSays: 'To copy out of the VM: vsh … -- cat FILE, without --user=root.',
    correct:
      'Then it runs as chronos, who cannot read most files worth copying, nor what the guide copied in. Add --user=root.',
    checked: 'source',
  },
  {
    id: 'e23-root-needs-test-image',
    guideSays: 'The README of vsh, linked from the table, says root needs a test image of the guest.',
    correct:
      'Since 2023-07-05 --user=root works with any Termina image. In a container vsh never gives root; use sudo there.',
    checked: 'source',
  },
  {
    id: 'e24-uname-table',
    guideSays: 'uname -m is x86_64 or aarch64.',
    correct:
      'A 32-bit shell on a 64-bit ARM kernel may say armv8l, which is tael too. Once the DLC is installed, its own lsb-release names the guest board directly.',
    checked: 'source',
  },
  {
    id: 'e25-kernel-version',
    guideSays: 'The current Termina kernel is 6.1.',
    correct: 'That may have changed since. Ask a running VM with uname -r, and put its version into the package name.',
    checked: 'unverified',
  },
  {
    id: 'e26-built-and-run',
    guideSays: 'garcon and sommelier affect Termina and the container, chunnel affects the host and Termina.',
    correct:
      'All three are built for Termina and shipped in its image, but run only in the container. On the host it is chunneld that runs.',
    checked: 'source',
  },
  {
    id: 'e27-key-download',
    guideSays: 'authorized_keys gets the contents of a +/main/ URL.',
    correct:
      'That URL is a web page. Copy chromite/ssh_keys/testing_rsa.pub from the checkout, or add ?format=TEXT and decode the base64.',
    checked: 'inferred',
  },
  {
    id: 'e28-meson-setup',
    guideSays: 'meson build',
    correct: 'The short form is deprecated; write meson setup build.',
    checked: 'inferred',
  },
  {
    id: 'e29-dead-links',
    guideSays: 'Links to the repo table, to Guest service changes and to logging.md.',
    correct:
      'The first names an anchor that does not exist, the second is not defined, the third does not resolve on the new site.',
    checked: 'guide',
  },
  {
    id: 'e30-diagram',
    guideSays: 'A picture shows the services; its source is an internal link.',
    correct: 'The map of this workbench shows them, with what talks to what.',
    checked: 'guide',
  },
  {
    id: 'e31-baguette',
    guideSays: 'Nothing of Baguette, vmc logs, termina-tools-dlc or --dlc-ids.',
    correct:
      'Newer devices may run Baguette: Debian straight in the VM, without LXD. vmc list names the kind of each VM. Its tools come from termina-tools-dlc, so deploy with --dlc-ids termina-tools-dlc.',
    checked: 'source',
  },
  {
    id: 'e32-sshd-permissions',
    guideSays: 'Create ~root/.ssh/authorized_keys in the container.',
    correct: 'sshd ignores the file unless the directory has mode 0700 and the file 0600.',
    checked: 'source',
  },
  {
    id: 'e33-concierge-client',
    guideSays: 'Documents that the guide leads to use concierge_client.',
    correct: 'It was deleted on 2023-04-25. Use vmc; cicerone_client, maitred_client and seneschal_client still exist.',
    checked: 'source',
  },
  {
    id: 'e34-autologin',
    guideSays: 'autologin.py -d signs in with a fake profile.',
    correct:
      'Right. -d keeps the profile of earlier runs; without it the profile is replaced, and its VM disk with it.',
    checked: 'source',
  },
  {
    id: 'e35-grep-wrapper',
    guideSays: 'grep for BINARY_PATH in the maps finds the base.',
    correct:
      'The path of the wrapper also matches its .elf, so a base is found while readelf fails on the wrapper. Give the .elf path and match it exactly.',
    checked: 'source',
  },
  {
    id: 'e36-copy-mode',
    guideSays: 'To copy into the VM: cat FILE | … cp /proc/self/fd/0 DESTINATION.',
    correct:
      'cp takes over the mode of the pipe, so the file ends up as root with 0600 and nobody else can read it. Write it with sh and cat, which makes an ordinary file.',
    checked: 'reproduced',
  },
  {
    id: 'e37-copy-through-rootfs',
    guideSays: "To copy into the container, write to its rootfs directory as Termina's root.",
    correct:
      'Inside the container the file then belongs to nobody:nogroup and its user cannot read it, because LXD shifts user ids. Copy with --target_container; that also works on Baguette, which has no such directory.',
    checked: 'reproduced',
  },
  {
    id: 'e38-apt-needs-root',
    guideSays: '(penguin) $ apt install ./foo.deb',
    correct:
      'Only root may install, and the shell of the container is not root: apt stops at its lock file. Put sudo in front.',
    checked: 'reproduced',
  },
  {
    id: 'e39-run-off-device',
    guideSays: 'LXD is run with three commands of platform2_test.py, one after the other.',
    correct:
      'Each run has a network, a /run and a /dev/shm of its own, and kills what it leaves behind. lxd must stay in a terminal of its own, its data must be elsewhere, and to reach the network it needs --no-ns-net. The path is one inside the sysroot.',
    checked: 'source',
  },
  {
    id: 'e40-copy-directory',
    guideSays: 'A directory has to be copied file by file, or tarred first.',
    correct: 'tar can write to the pipe that vsh reads and the other way round: one line copies a directory.',
    checked: 'reproduced',
  },
  {
    id: 'e41-testing-key-is-public',
    guideSays: 'Put testing_rsa.pub into authorized_keys of root, and set PermitRootLogin to yes.',
    correct:
      'The private half of that key is public. Whoever reaches the port is root in the container, and with yes a password does as well. Use a key of your own where gdb-BOARD is not needed, prohibit-password, and a tunnel instead of an open port.',
    checked: 'source',
  },
  {
    id: 'e42-tunnel-not-to-localhost',
    guideSays: 'If the device is reached through a tunnel, set up another tunnel for the port of the container.',
    correct:
      'Where it ends matters. On localhost of the device ChromeOS rejects everybody but Chrome for ports of the container, so a tunnel to localhost:8222 is refused. End it at CONTAINER.linux.test, which needs no port forwarding either.',
    checked: 'source',
  },
  {
    id: 'e43-user-units',
    guideSays: 'Logs of garcon and sommelier: run journalctl in the container.',
    correct:
      'They are user units. journalctl --user-unit=cros-garcon.service shows one of them; journalctl alone mixes all, and shows system entries only to members of certain groups.',
    checked: 'source',
  },
  {
    id: 'e44-process-name',
    guideSays: 'Debug services of the container as you would on the host.',
    correct:
      'Under ld-linux a process has the name of the loader, so pgrep sommelier finds nothing. Search the command line for NAME.elf.',
    checked: 'reproduced',
  },
  {
    id: 'e45-termina-debugger',
    guideSays: 'In theory gdb or gdbserver could be built into the Termina image.',
    correct:
      'It may do without a new image: gdbserver can be copied to /mnt/stateful and attached to through vsh, whose pipe gdb takes as a remote. Tried with gdb and a stand-in for the VM, not with a real Termina.',
    checked: 'unverified',
  },
  {
    id: 'e46-vmc-container',
    guideSays: 'Log into the container with vmc container termina penguin.',
    correct:
      'It does more: it makes the container if there is none, sets its user up and starts it, then runs the same vsh and drops its exit status. It does not start the VM. For one that runs, vsh --target_container only opens the shell.',
    checked: 'source',
  },
];
