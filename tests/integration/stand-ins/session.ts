import { describe, expect, it } from 'vitest';
import { CONSOLE, HASH, RETRIEVE, type StandInsUnderTest } from './device-commands.ts';

export function describeSessionManager({ device }: StandInsUnderTest): void {
  describe('the session manager (chromeos-facts.md section 4)', () => {
    it('answers the real dbus-send with two strings', async () => {
      const { stdout } = await device().ssh(`${RETRIEVE}RetrievePrimarySession`);
      expect(stdout.split('\n').slice(1)).toEqual(['   string "testuser@gmail.com"', `   string "${HASH}"`, '']);
      expect(stdout).toMatch(
        /^method return time=\d+\.\d+ sender=:1\.\d+ -> destination=:1\.\d+ serial=\d+ reply_serial=2\n/,
      );
    });

    it.each([
      ['RetrieveSessionState', 'string "started"'],
      ['IsGuestSessionActive', 'boolean false'],
      ['RetrieveActiveSessions', `string "${HASH}"`],
    ])('%s', async (method, answer) => {
      expect((await device().ssh(`${RETRIEVE}${method}`)).stdout).toContain(answer);
    });

    it('refuses what it does not know', async () => {
      expect(await device().ssh(`${RETRIEVE}NoSuchMethod`)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/UnknownMethod/) as string,
      });
    });
  });
}

export function describeSessions({ device }: StandInsUnderTest): void {
  // Last: nobody is signed in afterwards.
  describe('sessions (chromeos-facts.md sections 3.1, 4 and 6)', () => {
    const PRIMARY = `${RETRIEVE}RetrievePrimarySession`;

    it.each([
      ['a guest', 'guest', 'boolean true'],
      ['nobody', 'signout', 'boolean false'],
    ])('%s has no owner hash, no log and no VM', async (_title, action, isGuest) => {
      await device().act(action);
      expect(await device().ssh(PRIMARY)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/\n {3}string ""\n {3}string ""\n$/) as string,
      });
      expect((await device().ssh(`${RETRIEVE}IsGuestSessionActive`)).stdout).toContain(isGuest);
      expect(await device().ssh(`ls '${CONSOLE}'`)).toMatchObject({ code: 2 });
      expect(await device().ssh('vmc list')).toMatchObject({ code: 1 });
    });

    it('autologin.py signs the test user in, as the guide has it (section 5)', async () => {
      expect(await device().ssh('/usr/local/autotest/bin/autologin.py -d')).toMatchObject({ code: 0 });
      expect((await device().ssh(PRIMARY)).stdout).toContain(HASH);
      expect(await device().ssh('vmc start --no-shell termina && vmc list')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('  running') as string,
      });
    });

    it('has no session manager on the bus while ui is stopped: the third state (4)', async () => {
      await device().act('signin');
      const { stdout, stderr } = await device().ssh(
        `stop ui; ${PRIMARY}; echo "code $?"; ${PRIMARY} | awk 'NR==3' | cut -d '"' -f2; echo "pipeline $?"; ls /run/daemon-store/crosvm; /usr/local/autotest/bin/autologin.py -d; start ui > /dev/null; ${PRIMARY} | tail -n 2`,
      );
      expect(stdout).toBe('ui stop/waiting\ncode 1\npipeline 0\n   string ""\n   string ""\n');
      expect(stderr).toContain('Error org.freedesktop.DBus.Error.ServiceUnknown: ');
      expect(stderr).toContain('nobody can sign in while the job "ui" is stopped');
    });

    it.each([
      ['is restarted', 'restart ui > /dev/null'],
      [
        'dies and comes back',
        `old=$(status ui | grep -o '[0-9]*$'); kill -9 $old; until status ui | grep -q running && [ "$(status ui | grep -o '[0-9]*$')" != $old ]; do :; done`,
      ],
    ])('ends the session when ui %s: nobody is signed in, and the store is gone (3.1, 6)', async (_title, command) => {
      await device().act('signin');
      const { stdout } = await device().ssh(
        `${command}; ${PRIMARY} | tail -n 2; ls /run/daemon-store/crosvm; status vm_concierge`,
      );
      expect(stdout).toBe('   string ""\n   string ""\nvm_concierge stop/waiting\n');
    });

    it('counts cids from 32 again when concierge is another (6)', async () => {
      await device().act('signin');
      const cid = async () => {
        await device().act('vmc', 'start', '--no-shell', 'termina');
        return /VM\((\d+)\)/.exec((await device().ssh(`tail -n 1 '${CONSOLE}'`)).stdout)?.[1];
      };
      expect(await cid()).toBe('32');
      await device().act('vmc', 'stop', 'termina');
      expect(await cid()).toBe('33');
      await device().act('signout');
      await device().act('signin');
      expect(await cid()).toBe('32');
    });
  });
}
