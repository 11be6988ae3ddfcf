import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { longestFirst } from './support/longest-first.ts';
import { keepCompiled } from './support/compile-cache.ts';

/** Those that mostly wait stand between those that mostly work. */
const LONGEST = [
  'support-bot',
  'after-a-pause',
  'memory',
  'ledger-kills',
  'soak',
  'workers-shared',
  'network',
  'workers',
  'package',
  'big-bodies',
];

keepCompiled();

/** What needs a real model, minutes, or both: run by name, never by `npm test`. */
export default defineConfig({
  test: {
    root: '.',
    setupFiles: ['test/support/left-over.ts'],
    globalSetup: ['test/support/temporary-folder.ts'],
    include: ['test/slow/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 120_000 } },
    // Half of the time is spent in waiting: for Prometheus, kernels that notice a cut cable, readers that are given up.
    maxWorkers: availableParallelism() + 1,
    sequence: {
      sequencer: longestFirst(LONGEST),
    },
  },
});
