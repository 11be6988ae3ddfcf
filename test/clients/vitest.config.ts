import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { longestFirst } from '../support/longest-first.ts';
import { keepCompiled } from '../support/compile-cache.ts';

keepCompiled();

/** Black-box suites: real clients against a running server. Each file starts a server of its own. */
export default defineConfig({
  test: {
    root: dirname(fileURLToPath(import.meta.url)),
    setupFiles: ['../support/left-over.ts'],
    globalSetup: ['../support/temporary-folder.ts'],
    include: ['*.test.ts', 'python/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    // Each file has a gateway process beside it; those of Python also wait for packages.
    maxWorkers: 3,
    sequence: { sequencer: longestFirst(['official', 'llamaindex', 'openai-connection']) },
  },
});
