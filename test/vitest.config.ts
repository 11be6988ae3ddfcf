import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { keepCompiled } from './support/compile-cache.ts';

keepCompiled();

/** What `npm test` runs. The limits only end a test that hangs: no test may fail because the machine was slow. */
export default defineConfig({
  test: {
    root: '.',
    // Nothing in the product lives at module level, so files can share a worker: its modules load once, not 340 times.
    isolate: false,
    // V8 shares the wrappers of what WebAssembly calls among threads, and once ended a test's process as two made the same one anew
    // ("Check failed: jit_page.has_value()", below Runtime_TierUpWasmToJSWrapper). Here, where threads come and go, none is made anew.
    execArgv: ['--wasm-wrapper-tiering-budget=1000000000'],
    // Many tests wait for a process or a socket; by default two cores would get one worker.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    setupFiles: ['test/support/left-over.ts'],
    globalSetup: ['test/support/temporary-folder.ts'],
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/bench/**', 'test/clients/**', 'test/slow/**', 'test/page/**', 'test/eval/**'],
    // Only with `--coverage`. Floors are a point below what was measured; a folder that is not there has none to keep.
    coverage: {
      provider: 'v8',
      include: ['src/{engine,policy,wire}/*.ts'],
      exclude: ['**/*.test.ts'],
      reporter: ['text-summary'],
      thresholds: {
        'src/engine/*.ts': { lines: 98.9, branches: 93.9 },
        'src/policy/*.ts': { lines: 96.5, branches: 88 },
        'src/wire/*.ts': { lines: 98, branches: 89.9 },
      },
    },
  },
});
