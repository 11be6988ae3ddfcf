import { defineConfig } from 'vitest/config';

/** Routing quality against labelled data: minutes, and skipped aloud where the data is not there. */
export default defineConfig({
  test: {
    root: '.',
    include: ['test/eval/**/*.test.ts'],
    testTimeout: 600_000,
  },
});
