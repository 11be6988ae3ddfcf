/** Renders `/docs` into `dist/docs`: `npm run build:page`. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renderDocs } from './docs.ts';

const OUT = join(import.meta.dirname, '..', '..', 'dist', 'docs');

rmSync(OUT, { recursive: true, force: true });
for (const [name, text] of renderDocs()) {
  const path = join(OUT, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
