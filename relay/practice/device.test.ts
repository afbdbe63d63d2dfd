import { expect, test } from 'vitest';
import { LOG_FILE_LIMIT } from './logs/log-file.ts';
import { startQuietDevice, TestClient } from './testing/client.ts';

/** Lines of a log that are not in its format. */
const strays = (text: string, format: RegExp) =>
  text
    .trimEnd()
    .split('\n')
    .filter((line) => !format.test(line));

const messageFormat =
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z (?:EMERG|ALERT|CRIT|ERR|WARNING|NOTICE|INFO|DEBUG) [\w./()-]+(?:\[\d+\])?: ./;
const guestFormat = /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d <(?:11|12|13|14|15)> {2}VM\(32\): ./;

test('a fresh device has a history in the real formats, in order of time (chromeos-facts 3.2, 3.3, 11.5)', async () => {
  const device = await startQuietDevice();
  const client = await TestClient.connect(device.port);
  const messages = await client.text('cat /var/log/messages');
  const guest = await client.text('cat /run/daemon-store/crosvm/*/log/dGVybWluYQ==.log');
  client.close();
  await device.close();
  expect(messages.split('\n').length).toBeGreaterThan(200);
  expect(guest.split('\n').length).toBeGreaterThan(60);
  expect(strays(messages, messageFormat)).toEqual([]);
  expect(strays(guest, guestFormat)).toEqual([]);
  const times = messages
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(0, 27));
  expect(times).toEqual([...times].sort());
  expect(messages).not.toMatch(/[{}]|\[0\]:/);
  expect(messages).toContain('garcon');
  expect(guest).toContain('#033[33m');
});

test('logs grow by themselves, and stop with the device', async () => {
  const device = await startQuietDevice({ logIntervalMs: 2 });
  const client = await TestClient.connect(device.port);
  const count = async () =>
    Number(await client.text('cat /var/log/messages /run/daemon-store/crosvm/*/log/*.log | wc -l'));
  const before = await count();
  await expect.poll(count).toBeGreaterThan(before + 10);
  client.close();
  await device.close();
});

test('messages rotate by size and on demand, seven are kept (chromeos-facts 3.4)', async () => {
  const device = await startQuietDevice();
  const client = await TestClient.connect(device.port);
  const line = 'x'.repeat(100_000);
  for (let written = 0; written <= LOG_FILE_LIMIT; written += line.length) device.appendLog(line);
  device.appendLog('the newest');
  expect(await client.text('cat /var/log/messages')).not.toContain('GetVmInfo');
  for (let round = 0; round < 12; round++) device.rotateLogs();
  expect(
    await client.text(
      'ls /var/log | grep -c "^messages"; ls /run/daemon-store/crosvm/*/log | grep -c termina; ls /run/daemon-store/crosvm/*/log | wc -l',
    ),
  ).toBe('8\n0\n6\n');
  client.close();
  await device.close();
});

test('what is done is logged', async () => {
  const device = await startQuietDevice();
  const client = await TestClient.connect(device.port);
  await client.run('vmc stop termina; vmc start --no-shell termina');
  const messages = await client.text('tail -n 30 /var/log/messages');
  expect(messages).toMatch(/INFO vm_concierge\[2533\]: .*Shutting down VM termina, cid 32/);
  expect(messages).toMatch(/INFO vm_concierge\[2533\]: .*Started VM with pid \d+/);
  await expect
    .poll(() => client.text('tail -n 5 /var/log/messages'))
    .toMatch(/Startup of container penguin at IP 100\.115\.92\.204 for VM termina completed\./);
  expect(await client.text('vmc logs termina | tail -n 40')).toContain(
    'VM(33): [    0.412345] maitred: Server listening on port 8888',
  );
  client.close();
  await device.close();
});

/** Tries until the device lets somebody in. */
async function reconnect(port: number): Promise<TestClient> {
  for (;;) {
    const client = await TestClient.connect(port).catch(() => null);
    if (client) return client;
  }
}

test.each(['reboot typed in a shell', 'reboot asked of the device'])(
  '%s drops everything; it is another boot',
  async (way) => {
    const device = await startQuietDevice();
    const client = await TestClient.connect(device.port);
    const bootId = 'cat /proc/sys/kernel/random/boot_id';
    const before = await client.text(bootId);
    const closed = new Promise<void>((resolve) => client.ssh.once('close', () => resolve()));
    await client.run('echo x > /tmp/left');
    const following = await client.start('tail -f /var/log/messages');
    if (way.includes('typed')) await client.start('reboot');
    else void device.reboot();
    await closed;
    await following.ended;
    const fresh = await reconnect(device.port);
    expect(await fresh.text(bootId)).not.toBe(before);
    expect((await fresh.run('ls /tmp/left')).code).not.toBe(0);
    expect(await fresh.text('head -n 1 /var/log/messages; vmc list')).toMatch(/Linux version[^]* running\n/);
    fresh.close();
    await device.close();
  },
);
