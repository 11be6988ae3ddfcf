import { defineConfig } from 'vitest/config';

/** The built page in Debian's Chromium, against whole gateways with scripted upstreams. */
export default defineConfig({
  test: {
    root: '.',
    include: ['test/page/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    // One browser at a time: each takes a core.
    fileParallelism: false,
  },
});
