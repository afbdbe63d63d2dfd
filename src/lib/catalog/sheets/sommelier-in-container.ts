import type { Sheet } from '../../domain/sheet.ts';

export const sommelierInContainer: Sheet = {
  id: 'sommelier-in-container',
  title: 'Build sommelier in the container',
  summary: 'The shortest way to try a change of sommelier: no chroot and no image, only the container itself.',
  guideSections: ['Building tools directly in the container', 'Sommelier'],
  kind: 'sequence',
  steps: [
    {
      id: 'dependencies',
      title: 'Install what the build needs',
      place: 'penguin',
      command:
        'sudo apt install -y clang meson libwayland-dev cmake pkg-config libgbm-dev libdrm-dev libxpm-dev libpixman-1-dev libx11-xcb-dev libxcb-composite0-dev libxkbcommon-dev libgtest-dev python3-jinja2',
      why: 'Compiler, build system and the libraries that sommelier is linked with, from Debian. Once for each container. On a fresh one run sudo apt update first.',
      checks: [
        { place: 'penguin', command: 'meson --version', expect: 'A version: 1.0.1.', matches: '^\\d+\\.\\d+\\.\\d+$' },
      ],
      pitfalls: [
        {
          symptom: 'E: Unable to locate package …',
          remedy: 'The list of packages is old or missing: sudo apt update.',
        },
      ],
    },
    {
      id: 'clone',
      title: 'Get the source',
      place: 'penguin',
      command: 'git clone https://chromium.googlesource.com/chromiumos/platform2 ~/platform2',
      why: 'sommelier lives in platform2 with all the other VM tools. Some hundred megabytes; --depth=1 makes it fewer, without history.',
      checks: [
        {
          place: 'penguin',
          command: 'ls ~/platform2/vm_tools/sommelier/meson.build',
          expect: 'The file.',
          matches: '/platform2/vm_tools/sommelier/meson\\.build$',
        },
      ],
      pitfalls: [
        {
          symptom: 'git: command not found',
          remedy: 'sudo apt install git.',
        },
      ],
      undo: { place: 'penguin', command: 'rm -rf ~/platform2' },
    },
    {
      id: 'build',
      title: 'Build it',
      place: 'penguin',
      command: 'cd ~/platform2/vm_tools/sommelier && meson setup build && ninja -C build',
      why: 'After the first time ninja -C build is enough, and compiles only what changed.',
      checks: [
        {
          place: 'penguin',
          command: 'ls -l --time-style=full-iso ~/platform2/vm_tools/sommelier/build/sommelier',
          expect: 'The program, with the time of now.',
          matches: '^-rwx.* \\d\\d:\\d\\d:\\S+ [+-]\\d{4} \\S+/build/sommelier$',
        },
      ],
      pitfalls: [
        {
          symptom: 'Directory already configured.',
          remedy: 'It was set up before; ninja -C build is enough. To begin anew: meson setup --wipe build.',
        },
        {
          symptom: 'ERROR: Dependency "…" not found, tried pkgconfig',
          remedy: 'A package of the first step is missing, or the source needs a newer Debian.',
        },
      ],
      undo: { place: 'penguin', command: 'rm -rf ~/platform2/vm_tools/sommelier/build' },
      errata: ['e28-meson-setup'],
    },
    {
      id: 'switch',
      title: 'Put it in the place of the one from Termina',
      place: 'penguin',
      command:
        'sudo update-alternatives --install /usr/bin/sommelier sommelier ~/platform2/vm_tools/sommelier/build/sommelier 2',
      why: 'The units start /usr/bin/sommelier, a link that update-alternatives keeps. 2 is more than the priority of the tool from Termina, so yours wins.',
      checks: [
        {
          place: 'penguin',
          command: 'readlink -f /usr/bin/sommelier',
          expect: 'The program in your build directory.',
          matches: '/platform2/vm_tools/sommelier/build/sommelier$',
        },
      ],
      pitfalls: [
        {
          symptom: 'update-alternatives: warning: not replacing /usr/bin/sommelier with a link',
          remedy: 'A file stands there that is no alternative. Move it away first.',
        },
      ],
      undo: {
        place: 'penguin',
        command: 'sudo update-alternatives --remove sommelier ~/platform2/vm_tools/sommelier/build/sommelier',
      },
    },
    {
      id: 'restart',
      title: 'Restart the running sommeliers',
      place: 'penguin',
      command: "systemctl --user restart 'sommelier@*.service' 'sommelier-x@*.service'",
      why: 'They are user units and keep the program they were started with. Restarting the whole container does it too.',
      interrupts: 'Closes every window of every Linux app.',
      checks: [
        {
          place: 'penguin',
          command: "systemctl --user is-active 'sommelier@*.service' 'sommelier-x@*.service' | sort -u",
          expect: 'active, and nothing else.',
          matches: '(?<![\\s\\S])active\\s*(?![\\s\\S])',
        },
        {
          place: 'penguin',
          command: 'readlink /proc/$(systemctl --user show -p MainPID --value sommelier@0)/exe',
          expect: 'The program in your build directory: the first sommelier runs it.',
          matches: '/platform2/vm_tools/sommelier/build/sommelier$',
        },
      ],
      pitfalls: [
        {
          symptom: 'Failed to connect to bus: …',
          remedy:
            'The shell is not one of the user of the container, as after sudo -i. Open it through vsh or the Terminal app.',
        },
        {
          symptom: 'is-active says failed.',
          remedy: 'Your build does not start. See journalctl --user -u "sommelier@0", or switch back.',
        },
      ],
    },
    {
      id: 'switch-back',
      title: 'Switch back to the one of Termina',
      place: 'penguin',
      command: 'sudo update-alternatives --config sommelier',
      interactive: true,
      onlyIf: 'You want the one of Termina again. Restart the sommeliers afterwards.',
      why: 'Lists both and asks for a number. What you choose stays until you choose again.',
      checks: [
        {
          place: 'penguin',
          command: 'update-alternatives --query sommelier',
          expect: 'Value: with the path of the one you chose.',
          matches: '^Value: /\\S+$',
        },
      ],
    },
  ],
};
