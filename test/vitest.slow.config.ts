import { defineConfig } from 'vitest/config';

/** What needs a real model, minutes, or both: run by name, never by `npm test`. */
export default defineConfig({
  test: {
    root: '.',
    setupFiles: ['test/support/left-over.ts'],
    include: ['test/slow/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 120_000 } },
    fileParallelism: false,
  },
});
