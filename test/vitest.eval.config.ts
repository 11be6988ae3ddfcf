import { defineConfig } from 'vitest/config';

/** Routing quality on the labelled data: minutes, so not a part of `npm test`. */
export default defineConfig({
  test: {
    root: '.',
    include: ['test/eval/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
