/** Builds the dashboard into `dist/dashboard`: names that change with the content, and each file compressed beside itself. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const OUT = join(import.meta.dirname, '..', '..', 'dist', 'dashboard');

export default defineConfig({
  root: import.meta.dirname,
  // Relative: the page may stand behind a proxy under any path.
  base: './',
  logLevel: 'error',
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: 'es2023',
    // No markup is inlined into scripts or style sheets: `img-src` and `font-src` allow nothing.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [compressed()],
});

/** The gateway answers with these; it never compresses a file while somebody waits. */
function compressed(): Plugin {
  return {
    name: 'smallfirst:compressed',
    apply: 'build',
    closeBundle: () => {
      const folder = join(OUT, 'assets');
      for (const name of readdirSync(folder)) {
        const bytes = readFileSync(join(folder, name));
        writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
        const params = {
          // Level 10 takes fifteen times as long, for 6 % less.
          [constants.BROTLI_PARAM_QUALITY]: 9,
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        };
        writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes, { params }));
      }
    },
  };
}
