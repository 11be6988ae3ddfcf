import { defineConfig } from 'vitest/config';
import { keepCompiled } from './support/compile-cache.ts';

keepCompiled();

/** Routing quality on the labelled data: minutes, an hour on a busy machine, so not a part of `npm test`. */
export default defineConfig({
  test: {
    root: '.',
    globalSetup: ['test/support/temporary-folder.ts'],
    include: ['test/eval/**/*.test.ts'],
    testTimeout: 3_600_000,
    hookTimeout: 3_600_000,
  },
});
