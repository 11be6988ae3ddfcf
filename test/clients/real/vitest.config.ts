import { defineConfig } from 'vitest/config';
import { keepCompiled } from '../../support/compile-cache.ts';

keepCompiled();

/** Official clients against llama.cpp's own server with a real model. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    setupFiles: ['../../support/left-over.ts'],
    globalSetup: ['../../support/temporary-folder.ts'],
    include: ['*.test.ts'],
    // A processor's speed: 30 tokens a second when it is free.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
