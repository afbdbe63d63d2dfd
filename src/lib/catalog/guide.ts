import type { GuideIndex } from '../domain/guide-facts.ts';

/**
 * The Crostini developer guide, section by section, as it was when this catalogue was checked against it, and what of
 * the catalogue answers each part; `check-guide` compares a copy of the guide with it. Only facts of the guide are
 * here, as upstream writes them, mistakes included: those name the errata that correct them. Of its sentences there
 * are fingerprints.
 */
export const GUIDE: GuideIndex = {
  checked: '2026-11-23',
  seal: 'dbb0c927a4d96cfa',
  sections: [
    {
      heading: '',
      level: 0,
      reason: 'The workbench itself.',
      blocks: [
        { text: 'e95376d82f948e29', literals: ['/chromium-os/developer-library/guides'] },
        { text: '21c363852bf0a48a', links: ['/chromium-os/developer-library/guides/containers/containers-and-vms/'] },
        { text: '6c95ef19e1c20305', links: ['[TOC]'] },
      ],
    },

    {
      heading: 'What is all this stuff?',
      level: 2,
      reason: 'The services diagram of the map.',
      blocks: [
        { text: '2c2451cf7835a355' },
        {
          text: 'a04e5323c728a541',
          links: ['/chromium-os/developer-library/guides/containers/crostini-developer-guide/crostini_services.png'],
          errata: ['e30-diagram'],
        },
        { text: '45fa9ddc9fdf4e43', links: ['[go/termina-rpc]'], errata: ['e30-diagram'] },
      ],
    },

    {
      heading: 'Where does the code live?',
      level: 2,
      reason: 'The map.',
      blocks: [
        { columns: ['Name', 'Affects', 'Repo', 'ebuild'] },
        { cells: ['9s', 'Host', '[platform2/vm_tools/9s]', 'dev-rust/s9'], components: ['9s'] },
        {
          cells: [
            'chunnel',
            'Host, Termina',
            '[platform2/vm_tools/chunnel]',
            'chromeos-base/chunnel, chromeos-base/termina_container_tools',
          ],
          components: ['chunneld', 'chunnel'],
          errata: ['e26-built-and-run'],
        },
        {
          cells: ['cicerone', 'Host', '[platform2/vm_tools/cicerone]', 'chromeos-base/vm_host_tools'],
          components: ['cicerone'],
        },
        {
          cells: ['concierge', 'Host', '[platform2/vm_tools/concierge]', 'chromeos-base/vm_host_tools'],
          components: ['concierge'],
        },
        {
          cells: ['container .debs, Termina build scripts', 'Container', '[platform/container-guest-tools]', 'N/A'],
          components: ['container-guest-tools'],
        },
        { cells: ['[cros_im]', 'Container', '[platform2/vm_tools/cros_im]', 'N/A'], components: ['cros_im'] },
        {
          cells: ['crostini_client', 'Host', '[platform2/vm_tools/crostini_client]', 'chromeos-base/crostini_client'],
          components: ['crostini_client'],
          errata: ['e15-vmc-directory'],
        },
        {
          cells: ['[crosvm]', 'Host', '[platform/crosvm]', 'chromeos-base/crosvm'],
          components: ['crosvm'],
          errata: ['e17-crosvm-repository'],
        },
        {
          cells: [
            '[garcon]',
            'Termina, Container',
            '[platform2/vm_tools/garcon]',
            'chromeos-base/vm_guest_tools, chromeos-base/termina_container_tools',
          ],
          components: ['garcon'],
          errata: ['e26-built-and-run'],
        },
        {
          cells: ['LXD', 'Termina', '[github/lxc/lxd]', 'app-emulation/lxd'],
          components: ['lxd'],
          errata: ['e16-lxd-repository'],
        },
        {
          cells: ['maitred', 'Termina', '[platform2/vm_tools/maitred]', 'chromeos-base/vm_guest_tools'],
          components: ['maitred'],
        },
        {
          cells: [
            'metric_reporter',
            'Container',
            '[platform2/vm_tools/metric_reporter]',
            'chromeos-base/crostini-metric-reporter, chromeos-base/vm_guest_tools',
          ],
          components: ['metric_reporter'],
        },
        {
          cells: ['[seneschal]', 'Host', '[platform2/vm_tools/seneschal]', 'chromeos-base/vm_host_tools'],
          components: ['seneschal'],
        },
        {
          cells: [
            '[sommelier]',
            'Termina, Container',
            '[platform2/vm_tools/sommelier]',
            'chromeos-base/sommelier, chromeos-base/termina_container_tools',
          ],
          components: ['sommelier'],
          errata: ['e26-built-and-run'],
        },
        {
          cells: ['system_api', 'Host', '[platform2/system_api]', 'chromeos-base/system_api'],
          components: ['system_api'],
        },
        { cells: ['[tremplin]', 'Termina', '[platform/tremplin]', 'chromeos-base/tremplin'], components: ['tremplin'] },
        {
          cells: ['VM protobufs', 'Host, Termina, Container', '[platform2/vm_tools/proto]', 'chromeos-base/vm_protos'],
          components: ['vm_protos'],
        },
        {
          cells: [
            'vm_syslog',
            'Host, Termina',
            '[platform2/vm_tools/syslog]',
            'chromeos-base/vm_guest_tools, chromeos-base/vm_host_tools',
          ],
          components: ['vmlog_forwarder', 'vm_syslog'],
        },
        {
          cells: [
            '[vsh]',
            'Host, Termina, Container',
            '[platform2/vm_tools/vsh]',
            'chromeos-base/vm_host_tools, chromeos-base/vm_guest_tools, chromeos-base/termina_container_tools',
          ],
          components: ['vsh', 'vshd'],
          errata: ['e23-root-needs-test-image'],
        },
      ],
    },

    { heading: 'How do I build/deploy/test my change?', level: 2, sheets: ['prerequisites'], blocks: [] },

    {
      heading: 'General prerequisites',
      level: 3,
      sheets: ['prerequisites'],
      blocks: [
        { text: '9f6bfd849c912487', links: ['/chromium-os/developer-library/guides/development/developer-guide/'] },
        { text: '1e5e1f6a4321093c', steps: ['prerequisites#image'] },
        { text: '4c7b749286188851' },
        {
          prompt: '(inside) $',
          command: 'export DEVICE_IP=123.45.67.765',
          comment: '87132bfc407da658',
          steps: ['prerequisites#reach'],
          errata: ['e10-impossible-address'],
        },
        {
          prompt: '(inside) $',
          command: 'ssh ${DEVICE_IP} echo OK',
          steps: ['prerequisites#reach'],
          errata: ['e11-ssh-as-root'],
        },
        {
          text: '6ef1db15897e196e',
          literals: ['BOARD', 'cros_sdk'],
          links: ['/chromium-os/developer-library/guides/development/developer-guide/#Select-a-board'],
          steps: ['prerequisites#board'],
        },
        {
          text: '6317787f747ffa5a',
          literals: ['/usr/local/autotest/bin/autologin.py -d'],
          steps: ['prerequisites#sign-in'],
          errata: ['e34-autologin'],
        },
      ],
    },

    {
      heading: 'Host service changes',
      level: 3,
      sheets: ['host-service-change'],
      blocks: [
        {
          text: '61b441eacde801a9',
          literals: ['cros_workon'],
          links: ['[Where does the code live?]'],
          errata: ['e29-dead-links'],
        },
        {
          prompt: '(outside) $',
          command: 'cros workon --board=${BOARD} start ${PACKAGE_NAME}',
          steps: ['host-service-change#workon'],
        },
        { text: 'cc83a3d4fbaa5849', literals: ['cros_workon start'], steps: ['host-service-change#workon'] },
        {
          prompt: '(outside) $',
          command: 'cros_sdk emerge-${BOARD} ${PACKAGE_NAME}',
          steps: ['host-service-change#build'],
        },
        { text: '436c72e09f3c38cd' },
        {
          prompt: '(outside) $',
          command: 'cros deploy ${DEVICE_IP} ${PACKAGE_NAME}',
          steps: ['host-service-change#deploy'],
        },
        {
          text: '8d105042cc8ed93c',
          literals: ['start on started vm_concierge', 'stop on stopped vm_concierge', 'vm_concierge', 'vm_concierge'],
          steps: ['host-service-change#restart'],
          errata: ['e14-start-on'],
        },
        {
          prompt: '(device) #',
          command: 'stop vm_concierge && start vm_concierge',
          steps: ['host-service-change#restart'],
        },
      ],
    },

    {
      heading: 'Guest service changes',
      level: 3,
      sheets: ['guest-board', 'guest-package'],
      blocks: [
        { text: '63e86c2e6fde8c96', literals: ['termina', 'tatl', 'tael', 'termina-dlc'] },
        { text: '8ed1ac1577ec8027', literals: ['uname -m'], steps: ['guest-board#architecture'] },
        { columns: ['`uname -m`', 'termina board'], steps: ['guest-board#architecture'] },
        {
          cells: ['`x86_64`', '`(outside) $ export GUEST_BOARD=tatl`'],
          steps: ['guest-board#architecture'],
          errata: ['e24-uname-table'],
        },
        {
          cells: ['`aarch64`', '`(outside) $ export GUEST_BOARD=tael`'],
          steps: ['guest-board#architecture'],
          errata: ['e24-uname-table'],
        },
        {
          text: 'a6c0a6a08cf3b57a',
          literals: ['cros_workon --board=${GUEST_BOARD} start'],
          links: ['[Where does the code live?]'],
          steps: ['guest-package#workon'],
          errata: ['e29-dead-links'],
        },
        {
          prompt: '(outside) $',
          command: 'cros workon --board=${GUEST_BOARD} start ${PACKAGE_NAME}',
          steps: ['guest-package#workon'],
        },
      ],
    },

    {
      heading: 'Deploying individual packages',
      level: 4,
      sheets: ['guest-package'],
      blocks: [
        {
          text: '6017d296fa9833fc',
          literals: ['cros deploy'],
          steps: ['guest-package#deploy'],
          errata: ['e31-baguette'],
        },
        { text: '8ef79de0c8510c88' },
        {
          prompt: '(outside) $',
          command: 'cros_sdk cros_workon_make --install --test --board=${GUEST_BOARD} ${PACKAGE_NAME}',
          steps: ['guest-package#build'],
        },
        { text: '4f6a3c2cf81b8a4e', literals: ['--restart-services'], steps: ['guest-package#deploy'] },
        {
          prompt: '(inside) $',
          command:
            '../../chromite/contrib/guestos/deploy_to_termina --board ${GUEST_BOARD} ${DEVICE_IP} ${PACKAGE_NAME} --restart-services',
          steps: ['guest-package#deploy'],
        },
      ],
    },

    {
      heading: 'Deploying a full image',
      level: 4,
      sheets: ['full-image'],
      blocks: [
        { text: 'a062b7c950f1719b', literals: ['cros flash'], steps: ['full-image#deploy-dlc'] },
        { text: '41fc4d279a7a9d91' },
        {
          prompt: '(outside) $',
          command: 'cros build-packages --board=${GUEST_BOARD}',
          steps: ['full-image#build-packages'],
        },
        {
          prompt: '(outside) $',
          command: 'cros build-image --board=${GUEST_BOARD} test',
          steps: ['full-image#build-image'],
        },
        { text: '61c19ad84e524972', literals: ['termina-dlc'] },
        {
          prompt: '(outside) $',
          command: 'cros workon --board=${BOARD} start termina-dlc',
          steps: ['full-image#workon-dlc'],
        },
        { prompt: '(outside) $', command: 'cros_sdk emerge-${BOARD} termina-dlc', steps: ['full-image#emerge-dlc'] },
        { text: '395470de6b3a02f0', steps: ['full-image#stop-vms'] },
        {
          prompt: '$',
          command: 'ssh ${DEVICE_IP} -- restart vm_concierge',
          steps: ['full-image#stop-vms'],
          errata: ['e12-prompts', 'e13-restart-concierge'],
        },
        { prompt: '(outside) $', command: 'cros deploy ${DEVICE_IP} termina-dlc', steps: ['full-image#deploy-dlc'] },
        { text: '9b41226ce17aaa71', literals: ['cros deploy'], steps: ['full-image#deploy-dlc'] },
      ],
    },

    {
      heading: 'Deploying a new kernel',
      level: 4,
      sheets: ['kernel'],
      blocks: [
        {
          text: '92116e8ee28d7365',
          literals: ['termina', '6.1'],
          links: ['[ChromiumOS Documentation]', '[termina configuration]'],
          errata: ['e25-kernel-version'],
        },
        { text: 'b5868a7f10ae8896' },
        {
          prompt: '(outside)',
          command: 'cros workon --board=${GUEST_BOARD} start chromeos-kernel-6_1',
          steps: ['kernel#workon'],
          errata: ['e12-prompts'],
        },
        { text: '64799f4e43038f76', errata: ['e12-prompts'] },
        {
          prompt: '(outside)',
          command: 'cros_sdk cros_workon_make --install --test --board=${GUEST_BOARD} chromeos-kernel-6_1',
          steps: ['kernel#build'],
          errata: ['e12-prompts'],
        },
        { text: 'f3ddef6ccb9a897a', literals: ['termina-dlc'] },
      ],
    },

    {
      heading: 'Container changes',
      level: 3,
      sheets: ['container-deb', 'container-tools'],
      blocks: [
        { text: '2a3fbf3e2a2ae052' },
        { text: '1eaaab99a256818a', links: ['[APT]'] },
        { text: 'f01945b74e981e68', literals: ['/opt/google/cros-containers', 'termina_container_tools'] },
        { text: '4888819b383e800f', literals: ['apt:'] },
        { text: 'a53d177b1c69f4ce' },
        {
          prompt: '(penguin) $',
          command: 'apt install ./foo.deb',
          steps: ['container-deb#install'],
          errata: ['e38-apt-needs-root'],
        },
        {
          text: 'b051694f754799e6',
          literals: ['termina_container_tools', 'cros_workon', '/opt/google/cros-containers', 'sommelier'],
          links: ['[Guest service changes]'],
          errata: ['e29-dead-links'],
        },
        {
          prompt: '(outside) $',
          command: 'cros_sdk emerge-${GUEST_BOARD} sommelier',
          comment: 'c2762add8ad3e630',
          steps: ['container-tools#build'],
        },
        {
          prompt: '(outside) $',
          command: 'cros_sdk emerge-${GUEST_BOARD} termina_container_tools',
          comment: 'b87a7cd1025dc53c',
          steps: ['container-tools#collect'],
        },
        { text: '46453ecbf56d140d', literals: ['termina_container_tools', 'termina-dlc'] },
      ],
    },

    {
      heading: 'Building tools directly in the container',
      level: 4,
      sheets: ['sommelier-in-container', 'cros-im'],
      blocks: [{ text: '4441cf0b3f13e4d9' }],
    },

    {
      heading: 'Sommelier',
      level: 5,
      sheets: ['sommelier-in-container'],
      blocks: [
        { text: 'da151af0b0016464', literals: ['update-alternatives'] },
        {
          command:
            'sudo apt install clang meson libwayland-dev cmake pkg-config libgbm-dev libdrm-dev libxpm-dev libpixman-1-dev libx11-xcb-dev libxcb-composite0-dev libxkbcommon-dev libgtest-dev python3-jinja2',
          steps: ['sommelier-in-container#dependencies'],
        },
        {
          command: 'git clone https://chromium.googlesource.com/chromiumos/platform2',
          steps: ['sommelier-in-container#clone'],
        },
        { command: 'cd platform2/vm_tools/sommelier', steps: ['sommelier-in-container#build'] },
        {
          command: 'meson build && cd build && ninja',
          steps: ['sommelier-in-container#build'],
          errata: ['e28-meson-setup'],
        },
        {
          command: 'sudo update-alternatives --install /usr/bin/sommelier sommelier $(pwd)/sommelier 2',
          steps: ['sommelier-in-container#switch'],
        },
        { text: 'e1bc661fdf9df111', steps: ['sommelier-in-container#restart'] },
        {
          text: 'cef256fcc22caff5',
          literals: ['sudo update-alternatives --config sommelier'],
          steps: ['sommelier-in-container#switch-back'],
        },
      ],
    },

    { heading: 'cros_im', level: 5, sheets: ['cros-im'], blocks: [{ text: '24ffa8adbedec84d', links: ['[cros_im]'] }] },

    {
      heading: 'Running VM executables off of a device',
      level: 2,
      sheets: ['run-off-device'],
      blocks: [
        { text: '13fb198da502fbd3' },
        {
          command: '../platform2/common-mk/platform2_test.py --board tatl [--run_as_root] [command to run]',
          steps: ['run-off-device#run', 'run-off-device#run-as-root'],
        },
        { text: '40e07eec6ebf945b' },
        {
          command:
            '../platform2/common-mk/platform2_test.py --board tatl --run_as_root env LXD_DIR=/path/to/lxd/data lxd',
          steps: ['run-off-device#lxd'],
          errata: ['e39-run-off-device'],
        },
        {
          command:
            '../platform2/common-mk/platform2_test.py --board tatl --run_as_root env LXD_DIR=/path/to/lxd/data lxd waitready',
          steps: ['run-off-device#lxd-ready'],
        },
        {
          command:
            '../platform2/common-mk/platform2_test.py --board tatl --run_as_root env LXD_DIR=/path/to/lxd/data lxc [lxc subcommands go here]',
          steps: ['run-off-device#lxc'],
        },
        { text: 'f33436482f138e1a', literals: ['platform2_test.py'], steps: ['run-off-device#arm'] },
        { text: '69feb46b1d6451f8' },
      ],
    },

    {
      heading: 'Remote Access',
      level: 2,
      sheets: ['owner-hash'],
      blocks: [
        { text: '86eef4111716f524', literals: ['USER_HASH'] },
        {
          command:
            'export USER_HASH=$(ssh $DEVICE -- dbus-send --system --dest=org.chromium.SessionManager --print-reply --type=method_call /org/chromium/SessionManager org.chromium.SessionManagerInterface.RetrievePrimarySession | awk \'NR==3\' | cut -d "\\"" -f2)',
          steps: ['owner-hash#from-workstation'],
          errata: ['e09-device-name'],
        },
      ],
    },

    {
      heading: 'Termina',
      level: 3,
      sheets: ['termina-shell', 'copy-termina'],
      blocks: [
        { text: 'a9d9f9c1ce608cdc' },
        {
          command:
            'ssh $DEVICE -t -- vsh --vm_name=termina --owner_id=$USER_HASH --user=root -- LXD_DIR=/mnt/stateful/lxd LXD_CONF=/mnt/stateful/lxd_conf',
          steps: ['termina-shell#root'],
          errata: ['e09-device-name', 'e21-lxd-environment'],
        },
        {
          text: '7212397face33825',
          literals: ['--user-root', 'LXD_*'],
          steps: ['termina-shell#chronos'],
          errata: ['e08-user-root'],
        },
        { text: 'ac48e556b4feaeab' },
        { text: '0fdd4ad56597d2e6', steps: ['copy-termina#file-in'] },
        {
          command:
            'cat $FILE | ssh $DEVICE -- vsh --vm_name=termina --owner_id=$USER_HASH --user=root -- cp /proc/self/fd/0 $DESTINATION',
          steps: ['copy-termina#file-in'],
          errata: ['e36-copy-mode'],
        },
        { text: '17917c36e41085d6', steps: ['copy-termina#file-out'] },
        {
          command: 'ssh $DEVICE -- vsh --vm_name=termina --owner_id=$USER_HASH -- cat $FILE > $DESTINATION',
          steps: ['copy-termina#file-out'],
          errata: ['e22-copy-out-as-root'],
        },
        {
          text: '060787b91f394c4f',
          steps: ['copy-termina#directory-in', 'copy-termina#directory-out'],
          errata: ['e40-copy-directory'],
        },
      ],
    },

    {
      heading: 'Container',
      level: 3,
      sheets: ['container-shell', 'copy-penguin'],
      blocks: [
        { text: 'a2da145b05ccaeab' },
        {
          command: 'ssh $DEVICE -t -- CROS_USER_ID_HASH=$USER_HASH vmc container termina penguin',
          steps: ['container-shell#vmc'],
          errata: ['e20-user-id-hash', 'e46-vmc-container'],
        },
        {
          text: 'afa6c3c14d1c870b',
          literals: ['$DESTINATION', '/mnt/stateful/lxd/storage-pools/default/containers/penguin/rootfs/'],
          steps: ['copy-penguin#file-in'],
          errata: ['e37-copy-through-rootfs'],
        },
      ],
    },

    {
      heading: 'Container via SSH',
      level: 3,
      sheets: ['container-ssh'],
      blocks: [
        { text: '92bb60539fc5fe4c' },
        { text: '039ba234e8a7beba', literals: ['/etc/ssh/sshd_not_to_be_run'], steps: ['container-ssh#allow'] },
        {
          text: 'ffbc2111fb0265db',
          literals: ['~root/.ssh/authorized_keys'],
          links: ['https://chromium.googlesource.com/chromiumos/chromite/+/main/ssh_keys/testing_rsa.pub'],
          steps: ['container-ssh#key'],
          errata: ['e27-key-download', 'e32-sshd-permissions', 'e41-testing-key-is-public'],
        },
        { text: '1de1e55b543703f7', literals: ['/etc/ssh/sshd_config'], steps: ['container-ssh#configure'] },
        { text: 'c8be9a69a92143a0', literals: ['22', '8222'], steps: ['container-ssh#configure'] },
        { text: 'e42500c0a541a52d', steps: ['container-ssh#configure'], errata: ['e41-testing-key-is-public'] },
        { text: 'db734bfb4009fbec', literals: ['sudo systemctl restart ssh'], steps: ['container-ssh#restart-sshd'] },
        { text: '2377191d18576511', literals: ['8222'], steps: ['container-ssh#forward'] },
        { text: '07fcf61eced3ebb4', steps: ['container-ssh#tunnel'], errata: ['e42-tunnel-not-to-localhost'] },
        { text: '2321d5fa57a57a6a', steps: ['container-ssh#connect'] },
      ],
    },

    { heading: 'Where to find logs', level: 2, sheets: ['logs'], blocks: [] },

    {
      heading: 'Chrome',
      level: 3,
      sheets: ['logs'],
      blocks: [
        {
          text: '2eeca81d216fbd9e',
          links: ['https://chromium.googlesource.com/chromium/src/+/HEAD/docs/chrome_os_logging.md'],
          steps: ['logs#chrome'],
        },
      ],
    },

    {
      heading: 'Host Services',
      level: 3,
      sheets: ['logs'],
      blocks: [
        {
          text: 'a723e7296cd8847b',
          literals: ['/var/log/messages'],
          links: ['logging.md'],
          steps: ['logs#host'],
          errata: ['e29-dead-links'],
        },
      ],
    },

    {
      heading: 'Termina Services',
      level: 3,
      sheets: ['logs'],
      blocks: [
        {
          text: '2d75c94debbeff6e',
          literals: [
            'crosvm',
            '/run/daemon-store/crosvm/<user hash>/log/<base64-encoded VM name>.log',
            'termina',
            'dGVybWluYQ==',
            '/run/daemon-store/crosvm/<user hash>/log/dGVybWluYQ==.log',
          ],
          steps: ['logs#termina'],
          errata: ['e18-base64-alphabet'],
        },
        { text: '414f7da0b346f1e3', literals: ['.log.1'], steps: ['logs#termina-rotated'], errata: ['e19-rotation'] },
      ],
    },

    {
      heading: 'Container Services',
      level: 3,
      sheets: ['logs'],
      blocks: [
        {
          text: '758d277faf86a0bb',
          literals: ['journalctl'],
          steps: ['logs#garcon', 'logs#sommelier'],
          errata: ['e43-user-units'],
        },
      ],
    },

    {
      heading: 'Attaching a debugger',
      level: 2,
      sheets: ['debug-host', 'debug-container', 'debug-termina'],
      blocks: [],
    },

    {
      heading: 'Host Services',
      level: 3,
      sheets: ['debug-host'],
      blocks: [
        {
          text: 'e8277dc2bd089855',
          links: ['/chromium-os/developer-library/guides/development/developer-guide/#Remote-Debugging'],
          steps: ['debug-host#attach'],
        },
      ],
    },

    {
      heading: 'Termina Services',
      level: 3,
      sheets: ['debug-termina'],
      blocks: [{ text: '2f33144550f9fd3f', errata: ['e45-termina-debugger'] }],
    },

    {
      heading: 'Container Services',
      level: 3,
      sheets: ['debug-container', 'debug-symbols'],
      blocks: [
        { text: 'efeec436c14299c9', literals: ['sudo gdb', 'gdb-$BOARD'], steps: ['debug-container#gdb'] },
        { text: 'e75930e401c198c8' },
        { text: '655a2df03bf8ef5b', links: ['#container-via-ssh'] },
        {
          text: '05c1297b93d89ade',
          literals: ['sudo apt install gdbserver binutils'],
          steps: ['debug-container#install'],
        },
        {
          text: '97a2bfbf81adcf9c',
          links: ['/chromium-os/developer-library/guides/development/developer-guide/#Remote-Debugging'],
          steps: ['debug-container#attach'],
          errata: ['e44-process-name'],
        },
        { text: '370d544239ddd3ee' },
        {
          text: '256fee45c337644a',
          literals: ['/opt/google/cros-containers'],
          steps: ['debug-symbols#files'],
          errata: ['e05-wrapper-path'],
        },
        { text: '18a43a551619ab27', steps: ['debug-symbols#command'], errata: ['e07-symbols-place'] },
        {
          command: 'base=$(cat /proc/$PID/maps | grep $BINARY_PATH | head -n1 | cut -d- -f1)',
          steps: ['debug-symbols#command'],
          errata: ['e04-first-mapping', 'e35-grep-wrapper'],
        },
        {
          command: "offset=$(readelf -WS $BINARY_PATH | grep \\.text) | tr -s ' ' | cut -d' ' -f6)",
          steps: ['debug-symbols#command'],
          errata: ['e01-stray-parenthesis', 'e02-readelf-field', 'e06-grep-text'],
        },
        {
          command: 'echo Command is "add-symbol-file $BINARY_PATH 0x$base+0x$offset"',
          steps: ['debug-symbols#command'],
          errata: ['e03-offset-not-address'],
        },
        { text: '19bff8b715a5d409', literals: ['$BINARY_PATH'], steps: ['debug-symbols#load'] },
      ],
    },
  ],
  definitions: {
    cros_im: 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/cros_im/README.md',
    crosvm: 'https://chromium.googlesource.com/chromiumos/platform/crosvm/+/HEAD/README.md',
    garcon: 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/garcon/README.md',
    'github/lxc/lxd': 'https://github.com/lxc/lxd',
    'platform/container-guest-tools':
      'https://chromium.googlesource.com/chromiumos/containers/cros-container-guest-tools/',
    'platform/crosvm': 'https://chromium.googlesource.com/chromiumos/platform/crosvm/',
    'platform/tremplin': 'https://chromium.googlesource.com/chromiumos/platform/tremplin/',
    'platform2/system_api': 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/system_api',
    'platform2/vm_tools/9s': 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/9s',
    'platform2/vm_tools/chunnel': 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/chunnel',
    'platform2/vm_tools/cicerone': 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/cicerone',
    'platform2/vm_tools/concierge': 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/concierge',
    'platform2/vm_tools/cros_im': 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/cros_im',
    'platform2/vm_tools/crostini_client':
      'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/crostini_client',
    'platform2/vm_tools/garcon': 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/garcon',
    'platform2/vm_tools/maitred': 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/maitred',
    'platform2/vm_tools/metric_reporter':
      'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/metric_reporter',
    'platform2/vm_tools/proto': 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/proto',
    'platform2/vm_tools/seneschal': 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/seneschal',
    'platform2/vm_tools/sommelier': 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/sommelier',
    'platform2/vm_tools/syslog': 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/syslog',
    'platform2/vm_tools/vsh': 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/vsh',
    seneschal: 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/seneschal/README.md',
    sommelier: 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/sommelier/README.md',
    tremplin: 'https://chromium.googlesource.com/chromiumos/platform/tremplin/+/HEAD/README.md',
    vsh: 'https://chromium.googlesource.com/chromiumos/platform2/+/HEAD/vm_tools/vsh/README.md',
    APT: 'https://en.wikipedia.org/wiki/APT_(software)',
    'go/termina-rpc': 'http://go/termina-rpc',
    'Where does the code live?': '#repo-table',
    'ChromiumOS Documentation':
      'https://www.chromium.org/chromium-os/how-tos-and-troubleshooting/kernel-configuration/',
    'termina configuration':
      'https://source.chromium.org/chromiumos/chromiumos/codesearch/+/main:src/overlays/project-termina/profiles/base/make.defaults',
  },
};
