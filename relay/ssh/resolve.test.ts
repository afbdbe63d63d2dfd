import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig, parseConfig } from './config-file.ts';
import { resolveRoute, type Hop, type LocalUser } from './resolve.ts';

const local: LocalUser = {
  home: '/home/dev',
  name: 'dev',
  id: 1000,
  hostName: 'desk.example',
  environment: { KEYS: '/keys', AGENT: '/run/agent' },
};

function resolve(text: string, address: string, alias?: string) {
  const config = parseConfig(text, '~/.ssh/config');
  return 'problem' in config ? config : resolveRoute(config.lines, address, local, alias);
}

function route(text: string, address: string, alias?: string): readonly Hop[] {
  const result = resolve(text, address, alias);
  if ('problem' in result) throw new Error(result.problem.message);
  return result.route;
}

const target = (text: string, address: string, alias?: string) => route(text, address, alias).at(-1);
const names = (hops: readonly Hop[]) => hops.map(({ user, host, port }) => `${user}@${host}:${port}`);

describe('addresses', () => {
  it.each([
    ['dut', 'root@dut:22', 'dut'],
    ['me@dut', 'me@dut:22', 'dut'],
    ['dut:2222', 'root@dut:2222', '[dut]:2222'],
    ['ssh://me@192.0.2.7:2222', 'me@192.0.2.7:2222', '[192.0.2.7]:2222'],
    ['2001:db8::1', 'root@2001:db8::1:22', '2001:db8::1'],
    ['me@[2001:db8::1]:2200', 'me@2001:db8::1:2200', '[2001:db8::1]:2200'],
    ['DUT', 'root@dut:22', 'dut'],
  ])('%s', (address, name, hostKeyName) => {
    const hops = route('', address);
    expect(names(hops)).toEqual([name]);
    expect(hops[0]?.hostKeyName).toBe(hostKeyName);
  });

  it('wins over the configuration', () => {
    expect(names(route('Host dut\n User conf\n Port 99\n HostName other\n', 'me@dut:2222'))).toEqual(['me@other:2222']);
  });

  it('that is none is a problem', () => {
    expect(resolve('', '-oProxyCommand=x')).toMatchObject({ problem: { code: 'name-not-found' } });
  });
});

describe('settings', () => {
  it.each<[string, string, Partial<Hop>]>([
    ['HostName with %h', 'HostName %h.lab', { host: 'dut.lab', hostKeyName: 'dut.lab' }],
    ['HostName with %%', 'HostName a%%b', { host: 'a%b' }],
    ['the first value', 'User a\nUser b', { user: 'a' }],
    ['keywords in any case', 'hOSTNAME x\nuSER y', { host: 'x', user: 'y' }],
    ['= as separator', 'User=a\nPort = 2201', { user: 'a', port: 2201 }],
    ['quotes', 'IdentityFile "/keys/my key"', { identityFiles: ['/keys/my key'] }],
    ['comments behind values', 'Port 2201 # lab', { port: 2201 }],
    [
      'several IdentityFiles, each once',
      'IdentityFile /a\nIdentityFile /b\nIdentityFile /a',
      { identityFiles: ['/a', '/b'] },
    ],
    ['no IdentityFile', '', { identityFiles: null }],
    ['IdentityFile none', 'IdentityFile none', { identityFiles: [] }],
    [
      'tokens of IdentityFile',
      'HostName h\nUser r\nIdentityFile ~/%d/%h/%r/%u/%n/%p/%i/%L/%l/%%/%Z',
      {
        identityFiles: ['/home/dev/home/dev/h/r/dev/dut/22/1000/desk/desk.example/%/%Z'],
      },
    ],
    [
      'variables of IdentityFile',
      'IdentityFile ${KEYS}/a\nIdentityFile ${NONE}/b',
      { identityFiles: ['/keys/a', '/home/dev/.ssh/${NONE}/b'] },
    ],
    ['IdentitiesOnly', 'IdentitiesOnly yes', { identitiesOnly: true }],
    ['IdentityAgent none', 'IdentityAgent none', { identityAgent: null }],
    ['IdentityAgent SSH_AUTH_SOCK', 'IdentityAgent SSH_AUTH_SOCK', { identityAgent: undefined }],
    ['IdentityAgent $NAME', 'IdentityAgent $AGENT', { identityAgent: '/run/agent' }],
    ['IdentityAgent path', 'IdentityAgent ~/agent', { identityAgent: '/home/dev/agent' }],
    ['HostKeyAlias', 'Port 2222\nHostKeyAlias Lab-7', { hostKeyName: 'lab-7' }],
  ])('%s', (_, text, expected) => expect(target(text, 'dut')).toMatchObject(expected));

  it("the target's own alias wins over HostKeyAlias", () => {
    expect(target('HostKeyAlias conf', 'dut:2222', 'Mine')?.hostKeyName).toBe('mine');
  });

  it.each<[string, boolean]>([
    ['Host dut', true],
    ['Host DUT', false],
    ['Host other dut', true],
    ['Host d?t', true],
    ['Host dut?', false],
    ['Host d*', true],
    ['Host * !dut', false],
    ['Host !dut *', false],
    ['Host !other', false],
    ['Host !other *', true],
    ['Host "dut"', true],
    ['Match all', true],
    ['Match host DUT', true],
    ['Match host a,d*', true],
    ['Match host "a,dut"', true],
    ['Match !host dut', false],
    ['Match originalhost dut user root', true],
    ['Match host dut user other', false],
    ['Match localuser dev', true],
    ['Match exec "true"', false],
    ['Match !exec "false"', false],
    ['Match final', true],
    ['Match canonical', false],
    ['Match tagged x', false],
  ])('%s applies: %s', (section, applies) => {
    expect(target(`${section}\n  Port 2999\n`, 'dut')?.port).toBe(applies ? 2999 : 22);
  });

  it('Match host sees HostName, originalhost what was typed', () => {
    const text = 'Host dut\n hostname real\nMatch host real\n User seen\nMatch originalhost dut\n Port 2201\n';
    expect(names(route(text, 'dut'))).toEqual(['seen@real:2201']);
  });
});

describe('ProxyJump', () => {
  it.each<[string, string, string[]]>([
    ['one', 'Host dut\n ProxyJump b\n', ['dev@b:22', 'root@dut:22']],
    ['with user and port', 'Host dut\n ProxyJump me@b:2200\n', ['me@b:2200', 'root@dut:22']],
    ['several', 'Host dut\n ProxyJump a,ssh://me@b:24\n', ['dev@a:22', 'me@b:24', 'root@dut:22']],
    [
      'an alias with a jump of its own',
      'Host dut\n ProxyJump a\nHost a\n HostName a.real\n User u\n ProxyJump b\n',
      ['dev@b:22', 'u@a.real:22', 'root@dut:22'],
    ],
    [
      'the list wins over the own jump of its later members',
      'Host dut\n ProxyJump x,a\nHost a\n ProxyJump b\n',
      ['dev@x:22', 'dev@a:22', 'root@dut:22'],
    ],
    ['none', 'Host dut\n ProxyJump none\nHost *\n ProxyJump a\n', ['root@dut:22']],
    ['ProxyCommand none', 'Host dut\n ProxyCommand none\nHost *\n ProxyJump a\n', ['root@dut:22']],
    ['before ProxyCommand', 'Host dut\n ProxyJump a\n ProxyCommand nc %h\n', ['dev@a:22', 'root@dut:22']],
  ])('%s', (_, text, expected) => {
    const result = resolve(text, 'dut');
    expect('route' in result && names(result.route)).toEqual(expected);
  });

  it.each<[string, string]>([
    ['a circle', 'Host *\n ProxyJump bastion\n'],
    ['a longer circle', 'Host dut\n ProxyJump a\nHost a\n ProxyJump b\nHost b\n ProxyJump a\n'],
    [
      'too many hops',
      Array.from({ length: 20 }, (_, i) => `Host h${i}\n ProxyJump h${i + 1}\n`).join('') + 'Host dut\n ProxyJump h0\n',
    ],
    ['a list that is none', 'Host dut\n ProxyJump a,,b\n'],
    ['ProxyCommand', 'Host dut\n ProxyCommand nc %h %p\n'],
  ])('%s is a problem', (_, text) => {
    expect(resolve(text, 'dut')).toMatchObject({ problem: { code: 'ssh-config-invalid' } });
  });
});

describe('what is wrong with a configuration', () => {
  it.each<[string, number]>([
    ['Host dut\n  Port no\n', 2],
    ['Host dut\n\n  Port 70000\n', 3],
    ['Host\n', 1],
    ['Port 22\nHost "dut\n', 2],
    ['# x\nMatch host\n', 2],
    ['Host dut\n  User\n', 2],
    ['Host dut\n  HostName a b\n', 2],
  ])('%j, line %i', (text, line) => {
    const result = resolve(text, 'dut');
    expect(result).toMatchObject({ problem: { code: 'ssh-config-invalid' } });
    expect('problem' in result && result.problem.message).toContain(`~/.ssh/config, line ${line}:`);
  });

  it('does not matter in a section that does not apply', () => {
    expect(target('Host other\n  Port no\n', 'dut')?.port).toBe(22);
  });
});

const word = fc.oneof(
  fc.constantFrom(
    'Host',
    'Match',
    'host',
    'all',
    'final',
    'Port',
    'HostName',
    'ProxyJump',
    'IdentityFile',
    'User',
    'Include',
    '%h',
    '%',
    '*',
    '!dut',
    'dut',
    '"',
    '\\',
    '=',
    '#',
    '22',
    '\t',
    '\n',
    '\r\n',
    '  ',
    '\n',
    '${KEYS}',
  ),
  fc.string({ maxLength: 6 }),
);

describe('properties', () => {
  it('any text and any address give a route or a problem that fits the wire', () => {
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 40 }),
        fc.oneof(fc.constantFrom('dut', 'a@b:22', '[::1]:2'), fc.string()),
        (words, address) => {
          const result = resolve(words.join(' '), address);
          if ('problem' in result) {
            expect(result.problem.message.length).toBeLessThanOrEqual(1000);
            return;
          }
          for (const hop of result.route) {
            expect(hop.port).toBeGreaterThan(0);
            expect(hop.host).not.toMatch(/\s/);
          }
        },
      ),
    );
  });

  it('sections of other hosts change nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('Port 2201', 'User a', 'HostName x', 'IdentityFile /k', 'ProxyJump j', 'Port no')),
        (lines) => {
          expect(route(`Host other\n${lines.join('\n')}\nHost *\n Port 2202\n`, 'dut')).toEqual(
            route('Host *\n Port 2202\n', 'dut'),
          );
        },
      ),
    );
  });
});

/** The real thing, where it is installed. */
const SSH = (() => {
  try {
    execFileSync('ssh', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe('files', () => {
  let home: string;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'config-'));
    await mkdir(join(home, '.ssh', 'conf.d'), { recursive: true });
  });
  afterAll(() => rm(home, { recursive: true, force: true }));
  const write = (name: string, text: string) => writeFile(join(home, '.ssh', name), text);
  const load = async (address: string) => {
    const config = await loadConfig(home, join(home, 'etc', 'ssh_config'));
    return 'problem' in config ? config : resolveRoute(config.lines, address, { ...local, home });
  };

  it('none is an empty configuration', async () => {
    expect(await load('dut')).toMatchObject({ route: [{ host: 'dut', port: 22 }] });
  });

  it('are included by name, pattern and ~, within the section that includes them', async () => {
    await write('conf.d/10-lab', 'Host dut\n  Port 2210\n');
    await write('conf.d/20-lab', 'Host *\n  User twenty\n  Port 2220\n');
    await write('conf.d/.hidden', 'Host *\n  HostName hidden\n');
    await write('inner', 'IdentityFile /inner\nHost nothere\n  HostName wrong\n');
    await write(
      'config',
      'Include conf.d/*  missing\nHost dut\n  Include ~/.ssh/inner\n  HostName after\nHost other\n Include inner\n',
    );
    expect(await load('dut')).toMatchObject({
      route: [{ host: 'after', port: 2210, user: 'twenty', identityFiles: ['/inner'] }],
    });
    expect(await load('else')).toMatchObject({ route: [{ host: 'else', port: 2220, identityFiles: null }] });
  });

  it("come before the machine's, whose relative includes stand beside it", async () => {
    await mkdir(join(home, 'etc', 'ssh_config.d'), { recursive: true });
    await write('config', 'User mine\nHost nothere\n');
    const system = (name: string, text: string) => writeFile(join(home, 'etc', name), text);
    await system('ssh_config', 'Include ssh_config.d/*.conf\nUser theirs\nHost dut\n  HostName dut.lab\n');
    await system(join('ssh_config.d', '10.conf'), 'Host dut\n  Port 2230\n');
    expect(await load('dut')).toMatchObject({ route: [{ host: 'dut.lab', port: 2230, user: 'mine' }] });
    await system('ssh_config', 'Host dut\n  Port\n');
    const result = await load('dut');
    expect('problem' in result && result.problem.message).toContain(`${join(home, 'etc', 'ssh_config')}, line 2`);
    await rm(join(home, 'etc'), { recursive: true });
  });

  it('that include themselves are a problem, with file and line', async () => {
    await write('config', '\nInclude config\n');
    const result = await load('dut');
    expect(result).toMatchObject({ problem: { code: 'ssh-config-invalid' } });
    expect('problem' in result && result.problem.message).toContain(`${join(home, '.ssh', 'config')}, line 2`);
  });

  it.each([
    ['.ssh/config', 0o620, true],
    ['.ssh/config', 0o602, true],
    ['.ssh/config', 0o644, false],
    ['.ssh/inner', 0o666, true],
    ['etc/ssh_config', 0o666, false],
    ['etc/part', 0o662, true],
  ])('that others can write to are refused as ssh does: %s of mode %i', async (name, mode, isRefused) => {
    await mkdir(join(home, 'etc'), { recursive: true });
    await write('config', 'Include inner\n');
    await write('inner', 'User mine\n');
    await writeFile(join(home, 'etc', 'ssh_config'), `Include ${join(home, 'etc', 'part')}\n`);
    await writeFile(join(home, 'etc', 'part'), 'Port 2240\n');
    await chmod(join(home, name), mode);
    const result = await load('dut');
    if (isRefused) {
      const message = `${join(home, name)} cannot be used: others than its owner can write to it`;
      expect(result).toMatchObject({ problem: { code: 'ssh-config-invalid' } });
      expect('problem' in result && result.problem.message).toContain(message);
      expect('problem' in result && result.problem.message).toContain(`"chmod go-w ${join(home, name)}"`);
    } else expect(result).toMatchObject({ route: [{ user: 'mine', port: 2240 }] });
    if (SSH && name.startsWith('etc')) {
      // `-F` names a file that ssh checks no more than the system's own.
      const real = spawnSync('ssh', ['-G', '-F', join(home, 'etc', 'ssh_config'), 'dut'], { encoding: 'utf8' });
      expect(real.stderr.includes('Bad owner or permissions')).toBe(isRefused);
    }
    await Promise.all(['.ssh/config', '.ssh/inner', 'etc'].map((path) => rm(join(home, path), { recursive: true })));
  });

  it.runIf(process.getuid?.() === 0)('that belong to somebody else are refused', async () => {
    await write('config', 'User theirs\n');
    await chown(join(home, '.ssh', 'config'), 47_118, 47_118);
    const result = await load('dut');
    expect('problem' in result && result.problem.message).toContain('it belongs to uid 47118');
    await rm(join(home, '.ssh', 'config'));
  });

  it('that are too large are a problem', async () => {
    await write('config', '#'.repeat(1024 * 1024 + 1));
    expect(await load('dut')).toMatchObject({ problem: { code: 'ssh-config-invalid' } });
  });
});

describe.skipIf(!SSH)('the same as ssh -G', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ssh-g-'));
    await writeFile(join(directory, 'part-a'), 'Host dut\n  Port 2300\n  User part\nHost other\n  User wrong\n');
    await writeFile(join(directory, 'part-b'), 'Host *\n  IdentityFile ~/.ssh/part-b\n');
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it.each<[string, string]>([
    ['first value wins', 'Host dut\n Port 1\n User a\nHost *\n Port 2\n User b\n HostName c\n'],
    ['negation', 'Host * !dut\n Port 1\nHost !other *\n User neg\n'],
    ['patterns', 'Host d?t\n Port 1\nHost du?t\n User no\nHost dut?\n User no2\nHost d*\n HostName yes\n'],
    ['comma in Host is no list', 'Host dut,other\n Port 1\n'],
    ['case of Host', 'Host DUT\n Port 1\n'],
    ['case of Match host', 'Match host DUT\n Port 1\n'],
    ['HostName %h', 'Host dut\n HostName %h.lab\nMatch host dut.lab\n Port 2200\n'],
    ['HostName %%h', 'HostName a%%h\n'],
    ['Match originalhost', 'HostName x\nMatch originalhost dut\n Port 1\nMatch host dut\n Port 2\n'],
    ['Match all', 'Match all\n Port 1\n'],
    ['Match negated', 'Match !host other\n Port 1\nMatch !originalhost dut\n User no\n'],
    ['Match list', 'Match host a,d*,!x\n Port 1\nMatch host d*,!dut\n User no\n'],
    ['Match user', 'User me\nMatch user me\n Port 1\nMatch user you\n HostName no\n'],
    [
      'Match final',
      'Host dut\n HostName %h.lab\nMatch final host dut.lab\n Port 3\nHost dut.lab\n IdentityFile ~/.ssh/final\n',
    ],
    ['Match final, not host', 'Match final host nothere\n Port 3\nHost dut\n User a\n'],
    ['Match canonical', 'Match canonical all\n Port 3\n'],
    ['IdentityFile', 'IdentityFile ~/.ssh/a\nHost dut\n IdentityFile ~/.ssh/b\n IdentityFile ~/.ssh/a\n'],
    ['CertificateFile', 'CertificateFile ~/.ssh/a\nHost dut\n CertificateFile ~/.ssh/b\n CertificateFile ~/.ssh/a\n'],
    ['IdentityAgent', 'Host dut\n IdentityAgent ~/one.sock\nHost *\n IdentityAgent ~/two.sock\n'],
    ['IdentityAgent none', 'IdentityAgent none\n'],
    ['IdentitiesOnly', 'IdentitiesOnly yes\n'],
    ['HostKeyAlias', 'HostKeyAlias Some-Name\n'],
    ['ProxyJump', 'Host dut\n ProxyJump me@b:99,c\n'],
    ['ProxyJump none', 'Host dut\n ProxyJump none\nHost *\n ProxyJump b\n'],
    ['equal signs and quotes', 'Host=dut\n Port=1\n User = "a"\n'],
    ['comments', '# x\nHost dut # y\n Port 1 # z\n'],
    ['CRLF', 'Host dut\r\n  Port 1\r\n'],
    ['tabs', '\tHost\tdut\n\t\tPort\t1\n'],
    ['Include', 'Include @/part-*\nPort 1\n'],
    ['Include within Host', 'Host dut\n Include @/part-a\n HostName after\nHost other\n Include @/part-b\n'],
    ['Include within another Host', 'Host other\n Include @/part-a\n'],
  ])('%s', async (_, template) => {
    const text = template.replaceAll('@', (at, offset: number) => (template[offset + 1] === '/' ? directory : at));
    const file = join(directory, 'config');
    await writeFile(file, text);
    const real = parseSshG(
      execFileSync('ssh', ['-G', '-F', file, 'dut'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
    );

    await mkdir(join(directory, '.ssh'), { recursive: true });
    await writeFile(join(directory, '.ssh', 'config'), text);
    const config = await loadConfig(directory, '/nonexistent');
    if ('problem' in config) throw new Error(config.problem.message);
    const me = userInfo().username;
    const ours = resolveRoute(config.lines, 'dut', { ...local, name: me, home: homedir() });
    if ('problem' in ours) throw new Error(ours.problem.message);
    const hop = ours.route.at(-1);
    expect({ host: hop?.host, port: String(hop?.port), identitiesOnly: hop?.identitiesOnly }).toEqual({
      host: real.get('hostname')?.[0],
      port: real.get('port')?.[0],
      identitiesOnly: real.get('identitiesonly')?.[0] === 'yes',
    });
    // Without a User ssh takes the local account, and we root: a device.
    expect(hop?.user).toBe(real.get('user')?.[0] === me ? 'root' : real.get('user')?.[0]);
    if (hop?.identityFiles)
      expect(hop.identityFiles).toEqual(real.get('identityfile')?.map((path) => path.replace('~', homedir())));
    else expect(real.get('identityfile')?.length).toBeGreaterThan(2);
    const full = (path: string) => path.replace('~', homedir());
    expect(hop?.certificateFiles).toEqual((real.get('certificatefile') ?? []).map(full));
    const agent = real.get('identityagent')?.[0];
    expect(hop?.identityAgent).toBe(agent === 'none' ? null : agent && full(agent));
    if (real.has('hostkeyalias')) expect(hop?.hostKeyName).toBe(real.get('hostkeyalias')?.[0]?.toLowerCase());
    expect(ours.route.length > 1).toBe(real.has('proxyjump'));
  });
});

function parseSshG(text: string): Map<string, string[]> {
  const settings = new Map<string, string[]>();
  for (const line of text.trim().split('\n')) {
    const [keyword = '', ...value] = line.split(' ');
    settings.set(keyword, [...(settings.get(keyword) ?? []), value.join(' ')]);
  }
  return settings;
}
