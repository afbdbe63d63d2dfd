import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/** What relay and app have in common. */
const RELAY_SHARES = {
  group: ['**/lib/{catalog,client,state,ui}/**', '#lib/{catalog,client,state,ui}/**'],
  message: 'the relay knows exec only: domain and protocol are all it shares with the app.',
};

/**
 * Who may import whom (CONTRIBUTING.md, "Borders"). Each entry: files, what they must not import, and what to do instead.
 * @type {{ files: string[], ignores?: string[], forbidden: { group: string[], message: string, allowTypeImports?: boolean }[] }[]}
 */
const BORDERS = [
  {
    files: ['src/lib/domain/**'],
    forbidden: [
      {
        group: [
          '**/catalog/**',
          '**/protocol/**',
          '**/client/**',
          '**/state/**',
          '**/ui/**',
          '#lib/**',
          '$app/**',
          'svelte*',
        ],
        message: 'domain is pure and knows only itself: take the content as an argument.',
      },
    ],
  },
  {
    files: ['src/lib/protocol/**'],
    forbidden: [
      {
        group: ['**/catalog/**', '**/client/**', '**/state/**', '**/ui/**', '$app/**', 'svelte*'],
        message: 'protocol is the wire: only domain and valibot.',
      },
    ],
  },
  {
    files: ['src/lib/catalog/**'],
    forbidden: [
      {
        group: ['**/protocol/**', '**/client/**', '**/state/**', '**/ui/**', '$app/**', 'svelte*'],
        message: 'catalog is content: literals with types of domain. Code belongs in domain.',
      },
    ],
  },
  {
    files: ['src/lib/client/**'],
    forbidden: [
      {
        group: ['**/catalog/**', '**/state/**', '**/ui/**', '$app/**', 'svelte*'],
        message: 'client is browser I/O: hand it what it needs from state.',
      },
    ],
  },
  {
    files: ['src/lib/state/**'],
    forbidden: [
      {
        group: ['**/ui/**', '$app/**', '@xterm/**'],
        allowTypeImports: true,
        message: 'state does not draw: let a route connect it to a component.',
      },
    ],
  },
  {
    files: ['src/lib/ui/**'],
    forbidden: [
      {
        group: ['**/state/**', '**/client/**', '**/catalog/**', '$app/**'],
        allowTypeImports: true,
        message: 'ui gets props and calls back: pass it from the route.',
      },
    ],
  },
  {
    files: ['src/routes/**'],
    forbidden: [{ group: ['**/relay/**'], message: 'a page reaches the relay through client only.' }],
  },
  {
    files: ['relay/**'],
    forbidden: [RELAY_SHARES],
  },
  {
    files: ['relay/cli/**'],
    forbidden: [
      {
        group: [
          '**/lib/{client,protocol,state,ui}/**',
          '#lib/{client,protocol,state,ui}/**',
          '**/{ssh,practice}/**',
          '../*.ts',
        ],
        message: 'the command line prints the catalogue: it knows catalog and domain, and nothing of the relay.',
      },
    ],
  },
  {
    files: ['relay/{channel,channels,forward,frames,output,replay-ring,transport}.ts'],
    forbidden: [
      RELAY_SHARES,
      {
        group: [
          '**/ssh/**',
          '**/practice/**',
          './{callers,gate,listen,main,metrics,relay,routes,sessions,sockets,targets}.ts',
        ],
        message: 'the core knows channels and the Transport only: main puts the rest together.',
      },
    ],
  },
  {
    files: ['relay/{audit,callers,gate,limits,listen,metrics,routes,sessions,sockets,targets,targets-file}.ts'],
    forbidden: [
      RELAY_SHARES,
      {
        group: ['**/ssh/**', '**/practice/**', './main.ts', './relay.ts'],
        allowTypeImports: true,
        message: 'the server asks the Transport.',
      },
    ],
  },
  {
    files: ['relay/ssh/**'],
    forbidden: [
      RELAY_SHARES,
      {
        group: [
          '**/practice/**',
          '../{callers,channel,channels,gate,listen,main,metrics,relay,routes,sessions,sockets,targets}.ts',
        ],
        message: 'ssh implements the Transport and knows nothing above it.',
      },
    ],
  },
  {
    files: ['relay/practice/**'],
    // Of those two one listens for SSH, the other closes what the process inherited.
    ignores: ['**/*.test.ts', 'relay/practice/ssh/door.ts', 'relay/practice/descriptors.ts'],
    forbidden: [
      RELAY_SHARES,
      {
        group: ['../ssh/**', '../../ssh/**', 'node:fs*', 'node:child_process', 'node:net', 'fs', 'child_process'],
        message: 'the practice device is a world of its own: no file, process or connection of this host.',
      },
    ],
  },
];

/** Written from PROTOCOL.md, to prove it. */
const INDEPENDENT = {
  files: ['tests/integration/independent-client.ts'],
  /** @type {Record<string, ['error', object]>} */
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          { group: ['#lib/**', './**', '../**'], message: 'it imports nothing of the project: say it in PROTOCOL.md.' },
        ],
      },
    ],
  },
};

/** Libraries that one file each may import: everything else asks that file. */
const OWNERS = [
  { group: ['ws'], owners: ['relay/sockets.ts', 'tests/**'], message: 'Only relay/sockets.ts knows ws: use its Wire.' },
  {
    group: ['ssh2'],
    owners: ['relay/ssh/client.ts', 'relay/practice/**', 'tests/**'],
    message: 'Only relay/ssh/client.ts and the practice device know ssh2: use the Transport.',
  },
  {
    group: ['@xterm/*'],
    owners: ['src/lib/ui/terminal/xterm.ts'],
    allowTypeImports: true,
    message: 'Only ui/terminal/xterm.ts knows xterm.js: use its OpenedScreen.',
  },
];

/**
 * Rules for a border's files. A later entry of the configuration replaces an earlier one's patterns, so each is
 * written out whole; the files that own a library get theirs once more without it.
 * @param {(typeof BORDERS)[number]} border
 */
function enforce({ files, ignores = [], forbidden }) {
  /** @param {string[]} where @param {{ owners: string[] }[]} owned */
  const entry = (where, owned) => ({
    files: where,
    ignores,
    /** @type {Record<string, ['error', object]>} */
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            ...forbidden,
            ...OWNERS.filter((library) => !owned.includes(library)).map(({ owners: _, ...pattern }) => pattern),
          ],
        },
      ],
    },
  });
  const folder = files[0]?.replace(/[{*].*$/, '') ?? '';
  const exceptions = OWNERS.map((library) => ({
    library,
    where: library.owners.filter((owner) => owner.startsWith(folder)),
  })).filter(({ where }) => where.length > 0);
  return [entry(files, []), ...exceptions.map(({ library, where }) => entry(where, [library]))];
}

export default ts.config(
  { ignores: ['build/', '.svelte-kit/', 'node_modules/', 'test-results/', 'static/'] },
  js.configs.recommended,
  ts.configs.recommendedTypeChecked,
  svelte.configs.recommended,
  prettier,
  svelte.configs.prettier,
  {
    languageOptions: {
      globals: { ...globals.browser, ...globals.node },
      parserOptions: {
        projectService: { allowDefaultProject: ['*.js'] },
        extraFileExtensions: ['.svelte'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/require-await': 'off',
      // TypeScript checks undefined names, and knows Svelte's and Node's types.
      'no-undef': 'off',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  {
    // typescript-eslint takes the props of an imported component for `any`; svelte-check knows their types.
    files: ['**/*.svelte'],
    rules: Object.fromEntries(
      ['argument', 'assignment', 'call', 'member-access', 'return'].map((what) => [
        `@typescript-eslint/no-unsafe-${what}`,
        'off',
      ]),
    ),
  },
  // State that screens follow is replaced, never mutated; a Map or URLSearchParams here is plain working memory.
  { files: ['src/**'], rules: { 'svelte/prefer-svelte-reactivity': 'off' } },
  // Addresses with a query have no route of their own: they are built on resolve() where they are made.
  { files: ['src/**'], rules: { 'svelte/no-navigation-without-resolve': 'off' } },
  ...BORDERS.flatMap(enforce),
  INDEPENDENT,
  { files: ['**/*.js', '**/*.mjs'], extends: [ts.configs.disableTypeChecked] },
);
