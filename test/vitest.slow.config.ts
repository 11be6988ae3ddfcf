import { defineConfig } from 'vitest/config';

/** What needs a real model, minutes, or both: run by name, never by `npm test`. */
export default defineConfig({
  test: {
    root: '.',
    include: ['test/slow/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 30_000 } },
    fileParallelism: false,
  },
});
