import { defineConfig } from 'vitest/config';

/** The built page in Debian's Chromium, against whole gateways with scripted upstreams. */
export default defineConfig({
  test: {
    root: '.',
    setupFiles: ['test/support/left-over.ts'],
    include: ['test/page/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    // One browser at a time: each takes a core.
    fileParallelism: false,
  },
});
