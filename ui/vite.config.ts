import { svelte, vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  base: './',
  plugins: [svelte({ preprocess: vitePreprocess() })],
  server: { port: 5173, strictPort: true },
  // The policy of the page allows files of the program itself and nothing inline: no data: fonts,
  // no inline scripts.
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  resolve: process.env['VITEST'] ? { conditions: ['browser'] } : {},
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts'],
    setupFiles: ['src/test-setup.ts'],
    // A busy machine is slow, not wrong.
    testTimeout: 60_000,
  },
});
