import type { Sheet } from '../../domain/sheet.ts';

export const crosIm: Sheet = {
  id: 'cros-im',
  title: 'Build cros_im in the container',
  summary: 'For the input method modules of GTK and Qt: build, test and install them where they run.',
  guideSections: ['Building tools directly in the container', 'cros_im'],
  kind: 'sequence',
  steps: [
    {
      id: 'dependencies',
      title: 'Install what the build needs',
      place: 'penguin',
      command:
        'sudo apt install -y clang googletest libgtk-3-dev libgtkmm-3.0-dev libwayland-bin meson pkg-config xvfb weston dpkg-dev qtbase5-dev qtbase5-private-dev',
      why: 'Compiler, build system, GTK and Qt, and a compositor for the tests. The guide leaves this sheet to the README of cros_im.',
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
      why: 'cros_im lives in platform2. A clone made for sommelier serves as well.',
      checks: [
        {
          place: 'penguin',
          command: 'ls ~/platform2/vm_tools/cros_im/meson.build',
          expect: 'The file.',
          matches: '/platform2/vm_tools/cros_im/meson\\.build$',
        },
      ],
      undo: { place: 'penguin', command: 'rm -rf ~/platform2' },
    },
    {
      id: 'build',
      title: 'Build it',
      place: 'penguin',
      command: 'cd ~/platform2/vm_tools/cros_im && meson setup build --prefix=/usr && ninja -C build',
      why: 'The prefix decides where the last step installs: GTK and Qt look for modules under /usr.',
      checks: [
        {
          place: 'penguin',
          command: 'find ~/platform2/vm_tools/cros_im/build -name "*.so"',
          expect: 'The modules, im-cros.so among them.',
          matches: '/im-cros\\S*\\.so$',
        },
      ],
      pitfalls: [
        { symptom: 'Directory already configured.', remedy: 'It was set up before; ninja -C build is enough.' },
      ],
      undo: { place: 'penguin', command: 'rm -rf ~/platform2/vm_tools/cros_im/build' },
      errata: ['e28-meson-setup'],
    },
    {
      id: 'test',
      title: 'Run its tests',
      place: 'penguin',
      command: 'meson test -C ~/platform2/vm_tools/cros_im/build',
      why: 'They run in a compositor of their own and touch nothing of the container.',
      checks: [
        {
          place: 'penguin',
          command: 'grep -c \'"result": "OK"\' ~/platform2/vm_tools/cros_im/build/meson-logs/testlog.json',
          expect: 'How many passed.',
          matches: '^[1-9]\\d*$',
        },
      ],
    },
    {
      id: 'uninstall-package',
      title: 'Remove the packaged one',
      place: 'penguin',
      command: 'sudo apt remove -y cros-im',
      why: 'APT installs cros-im by itself since M112. Two copies in different directories lead to whichever is found first.',
      checks: [
        {
          place: 'penguin',
          command: "dpkg-query -W -f '$\\{db:Status-Status\\}\\n' cros-im || echo not installed",
          expect: 'Anything but installed.',
          matches: '^(?:not-installed|config-files|not installed)$',
        },
      ],
      undo: { place: 'penguin', command: 'sudo apt install -y cros-im' },
    },
    {
      id: 'install',
      title: 'Install yours',
      place: 'penguin',
      command: 'sudo meson install -C ~/platform2/vm_tools/cros_im/build',
      why: 'Copies the modules to where GTK and Qt look. Apps that start from now on use them.',
      requires: [
        {
          text: 'The flags crostini-ime-support, and for Qt crostini-qt-ime-support, are on in chrome://flags: they set the variable that makes apps load the module.',
          check: {
            place: 'penguin',
            command: 'env | grep _IM_MODULE=',
            expect: 'GTK_IM_MODULE=cros, and QT_IM_MODULE=cros with the second flag.',
            matches: '^(?:GTK|QT)_IM_MODULE=cros$',
          },
        },
      ],
      checks: [
        {
          place: 'penguin',
          command: 'find /usr/lib -name "im-cros*.so" -exec ls -l --time-style=full-iso \\{\\} +',
          expect: 'The module, with the time of now.',
          matches: '\\d\\d:\\d\\d:\\S+ [+-]\\d{4} /usr/lib/\\S+/im-cros\\S*\\.so$',
        },
      ],
      pitfalls: [
        {
          symptom: 'The module is there, apps do not use it.',
          remedy: 'GTK keeps a list of modules: refresh it with gtk-query-immodules-3.0 --update-cache, as root.',
        },
      ],
      undo: { place: 'penguin', command: 'sudo ninja -C ~/platform2/vm_tools/cros_im/build uninstall' },
    },
  ],
};
