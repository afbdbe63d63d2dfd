import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';
import { relayInDev } from './relay/dev.ts';

export default defineConfig({
  plugins: [sveltekit(), relayInDev()],
});
