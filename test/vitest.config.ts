import { defineConfig } from 'vitest/config';

/** What `npm test` runs. The limits only end a test that hangs: no test may fail because the machine was slow. */
export default defineConfig({
  test: {
    root: '.',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/bench/**', 'test/clients/**', 'test/slow/**', 'test/eval/**'],
  },
});
