import { type Call, type Subcommand, done, failed, operationFailed, refuseOwner } from './vmc-answers.ts';

const isByte = (text: string): boolean => /^\d{1,3}$/.test(text) && Number(text) < 256;

/** Refuses an owner who is not signed in, and a VM that does not run; undefined if both are well. */
function refuseVm({ world, owner }: Call, name: string, operation: string, text: string) {
  const refused = refuseOwner(world, owner);
  if (refused) return refused;
  const runs = world.vms.list().some((vm) => vm.name === name && vm.state === 'running');
  return runs ? undefined : operationFailed(operation, text);
}

/**
 * Subcommands about what is outside a VM: paths, USB devices, keys (chromeos-facts.md sections 2.1 and 2.3). Arguments are
 * checked as vmc checks them. This device has no 9P server and no USB, so what passes ends with the error that
 * ChromeOS has for a failure of that kind.
 */
export const DEVICE_COMMANDS: Readonly<Record<string, Subcommand>> = {
  launch: ({ world, args, owner }) =>
    args.length === 0
      ? failed('expected <name>')
      : (refuseOwner(world, owner) ?? operationFailed('vm_launch', 'Failed to launch: unknown descriptor')),

  adjust: ({ world, args: [name, operation], owner }) =>
    name === undefined || operation === undefined
      ? failed('expected <name>')
      : (refuseOwner(world, owner) ?? operationFailed('vm_adjust', `failed to adjust vm: Unsupported operation`)),

  share: (call) => {
    const [name, path, ...more] = call.args;
    if (name === undefined || path === undefined || more.length > 0) return failed('expected <vm name> <path>');
    return (
      refuseVm(call, name, 'vm_share_path', 'failed to get vm info') ??
      operationFailed('vm_share_path', 'failed to share path with vm: there is no 9P server on this device')
    );
  },

  unshare: (call) => {
    const [name, path, ...more] = call.args;
    if (name === undefined || path === undefined || more.length > 0) return failed('expected <vm name> <path>');
    return (
      refuseVm(call, name, 'vm_unshare_path', 'failed to get vm info') ??
      operationFailed('vm_unshare_path', 'failed to share path with vm: Path is not shared')
    );
  },

  'update-container-devices': (call) => {
    const [name, container, ...updates] = call.args;
    if (name === undefined || container === undefined) return failed('expected <vm name> <path>');
    if (updates.length === 0) return failed('expected args `<device>:<enable|disable>`');
    for (const update of updates) {
      const [, device, action = update] = /^([^:]*):(.*)$/s.exec(update) ?? [];
      if (device === '') return failed('invalid vm device <empty>');
      if (device === undefined || !['enable', 'disable'].includes(action))
        return failed(`invalid vm device action ${action}`);
    }
    const text = 'Failed to update container devices: ';
    return (
      refuseVm(call, name, 'container_update_devices', `${text}VM does not exist`) ??
      operationFailed('container_update_devices', `${text}no such device`)
    );
  },

  'usb-attach': (call) => {
    const [name, address, , ...more] = call.args;
    const [, bus, device] = /^([^:]*):(.*)$/s.exec(address ?? '') ?? [];
    if (name === undefined || bus === undefined || device === undefined || more.length > 0)
      return failed('expected <vm name> <bus>:<device> [<container name>]');
    if (!isByte(bus)) return failed('expected <bus> to fit into an 8-bit integer');
    if (!isByte(device)) return failed('expected <device> to fit into an 8-bit integer');
    return (
      refuseVm(call, name, 'usb_attach', 'failed to attach usb device to vm: Requested VM does not exist') ??
      operationFailed('usb_attach', 'failed to attach usb device to vm: no such device')
    );
  },

  'usb-detach': (call) => {
    const [name, port, ...more] = call.args;
    if (name === undefined || port === undefined || more.length > 0) return failed('expected <vm name> <port>');
    if (!isByte(port)) return failed('expected <port> to fit into an 8-bit integer');
    return (
      refuseVm(call, name, 'usb_detach', 'failed to detach usb device from vm: Requested VM does not exist') ??
      operationFailed('usb_detach', 'failed to detach usb device from vm: no device at this port')
    );
  },

  'usb-list': (call) => {
    const [name, ...more] = call.args;
    if (name === undefined || more.length > 0) return failed('expected <name>');
    return (
      refuseVm(call, name, 'usb_list', 'failed to get list of usb devices attached to vm') ??
      done('No attached usb devices\n')
    );
  },

  'key-attach': (call) => {
    const [name, file, ...more] = call.args;
    if (name === undefined || file === undefined || more.length > 0) return failed('expected <vm name> <hidraw file>');
    return (
      refuseVm(call, name, 'key_attach', 'failed to attach security key to vm: Requested VM does not exist') ??
      operationFailed('key_attach', `failed to attach security key to vm: no such device`)
    );
  },
};
