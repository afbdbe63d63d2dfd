import { always, fail, type Program } from '../shell/program.ts';

/** The kernel's lines: of messages on the device, of the VM's console in the VM. */
export const dmesg: Program = {
  name: 'dmesg',
  isLive: always,
  run: async (call) => {
    const follow = call.args.some((word) => /^-\w*[wW]/.test(word) || word === '--follow');
    const { messages } = call.shell.world.machine.logs;
    const guest = call.shell.world.name !== 'device';
    if (guest) {
      const uptime = call.shell.world.machine.logs.vmLog.current.read().toString();
      const lines = uptime
        .split('\n')
        .map((line) => /VM\(\d+\): (\[ *\d+\.\d+\] .*)$/.exec(line)?.[1])
        .filter((line) => line !== undefined);
      await call.stdout.write(lines.join('\n') + '\n');
      return 0;
    }
    const kernel = messages.current
      .read()
      .toString()
      .split('\n')
      .filter((line) => line.includes(' kernel: '));
    await call.stdout.write(kernel.map((line) => line.replace(/^.* kernel: /, '') + '\n').join(''));
    if (!follow) return 0;
    if (!call.live) return fail(call, 'dmesg: on the practice device it cannot be followed here');
    return call.shell
      .spawn(call.env, call.cwd)
      .execute(
        "tail -q -n 0 -F /var/log/messages | grep --line-buffered ' kernel: ' | sed 's/^.* kernel: //'",
        call,
        call.signal,
      );
  },
};
