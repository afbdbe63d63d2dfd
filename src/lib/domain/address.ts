/** A device address as people write it: `root@host`, `host:port`, `ssh://user@host:port`, `[2001:db8::1]:22`, or a Host alias. */
export interface Address {
  readonly user?: string;
  readonly host: string;
  /** 1 to 65535. */
  readonly port?: number;
}

export type AddressResult = { readonly address: Address } | { readonly problem: string };

const NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/;
const USER = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
const IPV6 = /^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9_.-]+)?$/;

/**
 * Parses a device address. Refuses what no ssh_config or DNS would take, above all a leading `-`, which
 * command line tools would read as an option (web-terminals.md section 2, "Shelling out").
 * The guide's own `123.45.67.765` is refused by name (chromeos-facts.md section 8, number 10).
 */
export function parseAddress(text: string): AddressResult {
  const trimmed = text.trim();
  if (trimmed === '')
    return { problem: 'An address is missing. Type one such as root@192.0.2.7 or a Host of your ~/.ssh/config.' };
  // Before anything that repeats what was typed: a problem is shown, and may be kept.
  if (/^[^@:]*:.*@/.test(trimmed.replace(/^ssh:\/\//, '')))
    return { problem: 'Leave the password out of the address: it is asked for. Write it like root@192.0.2.7.' };
  const match = /^(?:ssh:\/\/)?(?:([^@\s]*)@)?(?:\[([^\]]*)\]|([^@[\]\s]*?))(?::(\d+))?\/?$/.exec(trimmed);
  const bareIpv6 = /^(?:([^@\s]*)@)?([0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.%\w]*)$/.exec(trimmed);
  const user = bareIpv6 ? bareIpv6[1] : match?.[1];
  const host = bareIpv6 ? bareIpv6[2] : (match?.[2] ?? match?.[3]);
  const portText = bareIpv6 ? undefined : match?.[4];
  if (host === undefined)
    return { problem: `"${trimmed}" is not an address. Write it like root@192.0.2.7 or root@dut:2222.` };
  if (user !== undefined && !USER.test(user))
    return { problem: `"${user}" is not a user name. Write the address like root@192.0.2.7.` };
  const ipv6 = bareIpv6 !== null || match?.[2] !== undefined;
  if (ipv6 ? !IPV6.test(host) : !NAME.test(host))
    return { problem: `"${host}" is not a host name. Use letters, digits, dots and dashes, or an IP address.` };
  if (/^\d+(\.\d+){3}$/.test(host) && host.split('.').some((byte) => Number(byte) > 255))
    return { problem: `${host} is not an IP address: each of its four numbers ends at 255.` };
  const port = portText === undefined ? undefined : Number(portText);
  if (port !== undefined && (port < 1 || port > 65535))
    return { problem: `${portText} is not a port. Ports go from 1 to 65535.` };
  return { address: { ...(user !== undefined && { user }), host, ...(port !== undefined && { port }) } };
}

/**
 * The address as one word that `ssh`, `cros deploy` and `deploy_to_termina` all take (chromeos-facts.md sections 5
 * and 10): `root@host`, or `ssh://root@host:port` when the port is not 22. Without a user it is root, because
 * without one ssh logs in as the local user (section 8, number 11).
 */
export function sshDestination(address: Address): string {
  const user = address.user ?? 'root';
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return address.port === undefined || address.port === 22
    ? `${user}@${address.host}`
    : `ssh://${user}@${host}:${address.port}`;
}
