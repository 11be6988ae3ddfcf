import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { longestFirst } from '../support/longest-first.ts';
import { keepCompiled } from '../support/compile-cache.ts';

keepCompiled();

/** The built page in Debian's Chromium, against whole gateways with scripted upstreams. */
export default defineConfig({
  test: {
    root: '.',
    setupFiles: ['test/support/left-over.ts'],
    globalSetup: ['test/support/temporary-folder.ts'],
    include: ['test/page/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    // A browser takes a core, and waits for half a second after each page.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: longestFirst(['states', 'accessibility', 'live', 'keyboard']) },
  },
});
