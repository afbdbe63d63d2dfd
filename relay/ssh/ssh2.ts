import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { compileFunction } from 'node:vm';
import { acceptShortSignatures } from './ssh2-host-key.ts';
import { groupExchange } from './ssh2-group-exchange.ts';

/**
 * The relay's own copy of ssh2 1.17.0, less strict with servers where OpenSSH is, too (ssh2-limits.md has the list).
 * Node's copy, which others import, stays as it is: its limits are constants of its files, so they are changed in the
 * text of those files, before it runs.
 */

/** A place in a file of ssh2 and what stands there in the copy. */
interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const EDITS: readonly Edit[] = [
  {
    // OpenSSH packet.c, PACKET_MAX_SIZE. sshd fills such packets with SSH_MSG_IGNORE when a person pastes at a program
    // that does not echo (channels.c, channel_handle_wfd). ssh2 counts 20 bytes more where the cipher is GCM.
    file: 'lib/protocol/crypto.js',
    from: 'const MAX_PACKET_SIZE = 35000;',
    to: 'const MAX_PACKET_SIZE = 256 * 1024 + 20;',
  },
  {
    // OpenSSH packet.c, ssh_packet_read_poll_seqnr and ssh_packet_type_is_kex: "strict KEX" holds for the first key
    // exchange only. In a later one sshd goes on with IGNORE and DEBUG, and a paste brings many.
    file: 'lib/protocol/kex.js',
    from: '  if (!this._strictMode) {\n    switch (type) {',
    to:
      '  if (this._kex && this._kex.sessionID && (type < 20 || type > 49)) return this._onPayload(payload);\n' +
      '  if (!this._strictMode) {\n    switch (type) {',
  },
];

/** What a file of ssh2 gets in place of a module that it asks for. */
const REPLACEMENTS: Readonly<Record<string, Readonly<Record<string, (module: object) => object>>>> = {
  'lib/protocol/kex.js': { crypto: groupExchange, './keyParser.js': acceptShortSignatures },
};

const nodeRequire = createRequire(import.meta.url);
const root = dirname(nodeRequire.resolve('ssh2/package.json'));
const loaded = new Map<string, { exports: unknown }>();

/** Runs a file of ssh2 once, as Node's `require` does, with its edits and replacements. */
function load(path: string): unknown {
  const known = loaded.get(path);
  if (known) return known.exports;
  const file = relative(root, path);
  const module = { exports: {} };
  const run = compileFunction(edited(file, readFileSync(path, 'utf8')), PARAMETERS, { filename: path }) as Run;
  loaded.set(path, module);
  try {
    run(module.exports, requireFrom(path, REPLACEMENTS[file] ?? {}), module, path, dirname(path));
  } catch (error) {
    loaded.delete(path);
    throw error;
  }
  return module.exports;
}

/** The parameters of a CommonJS file (Node's documentation, "The module wrapper"). */
const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname'];
type Require = (request: string) => unknown;
type Run = (exports: object, require: Require, module: object, path: string, directory: string) => void;

function requireFrom(path: string, replacements: Readonly<Record<string, (module: object) => object>>): Require {
  const require = createRequire(path);
  return (request) => {
    const isOwn = request.startsWith('.') && request.endsWith('.js');
    const module: unknown = isOwn ? load(require.resolve(request)) : require(request);
    const replace = replacements[request];
    return replace ? replace(module as object) : module;
  };
}

function edited(file: string, text: string): string {
  return EDITS.filter((edit) => edit.file === file).reduce((before, { from, to }) => {
    const [head, tail, ...more] = before.split(from);
    if (head === undefined || tail === undefined || more.length > 0)
      throw new Error(`${file} is not the one of ssh2 1.17.0, so the relay cannot repair it: ${from}`);
    return head + to + tail;
  }, text);
}

/** A file of the copy, such as `lib/protocol/crypto.js`. Its shape is up to who asks. */
export function ssh2File(file: string): unknown {
  return load(join(root, file));
}

/** What `import ssh2 from 'ssh2'` gives, of the copy. */
export const ssh2 = ssh2File('lib/index.js') as typeof import('ssh2');
