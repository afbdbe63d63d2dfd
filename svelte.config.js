import adapter from '@sveltejs/adapter-static';

/** @type {import('@sveltejs/kit').Config} */
export default {
  compilerOptions: { runes: true },
  kit: {
    // SvelteKit links the styles of what the layout loads later from the first page on: as files they are eight requests
    // that the first paint waits for.
    inlineStyleThreshold: 4096,
    adapter: adapter({ pages: 'build/app', assets: 'build/app', fallback: '200.html', precompress: true }),
    // The relay adds the directives a <meta> cannot carry (frame-ancestors). xterm's DOM renderer writes
    // style elements, hence the one unsafe-inline; scripts get none.
    csp: {
      mode: 'hash',
      directives: {
        'default-src': ['self'],
        'script-src': ['self'],
        'style-src': ['self', 'unsafe-inline'],
        'img-src': ['self', 'data:'],
        'font-src': ['self'],
        'connect-src': ['self'],
        'object-src': ['none'],
        'base-uri': ['none'],
        'form-action': ['none'],
      },
    },
  },
};
