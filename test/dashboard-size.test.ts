/** What a reader's browser loads of the built page, in bytes on the wire. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const BUILT = 'dist/dashboard';
const KB = 1000;

const sizeOf = (name: string): number => readFileSync(`${BUILT}/${name}.gz`).length;

/** The page itself, and the compressed files that it names: everything that stands before the first view. */
function firstLoad(): readonly (readonly [name: string, bytes: number])[] {
  const page = readFileSync(`${BUILT}/index.html`, 'utf8');
  const named = [...page.matchAll(/"\.\/(assets\/[^"]+)"/g)].map(([, name = '']) => name);
  return [['index.html', page.length], ...named.map((name) => [name, sizeOf(name)] as const)];
}

test('the first load takes at most 120 kB gzipped', () => {
  const files = firstLoad();
  expect(files.length).toBeGreaterThan(2);
  const total = files.reduce((sum, [, bytes]) => sum + bytes, 0);
  expect(total, JSON.stringify(files)).toBeLessThanOrEqual(120 * KB);
});

test('the policy view, with its editor, takes at most 300 kB', () => {
  const first = firstLoad();
  const later = readdirSync(`${BUILT}/assets`)
    .filter((name) => /\.(?:js|css)$/.test(name))
    .map((name) => `assets/${name}`)
    .filter((name) => !first.some(([known]) => known === name));
  expect(later).not.toEqual([]);
  const sizes = [...first.map(([, bytes]) => bytes), ...later.map(sizeOf)];
  expect(sizes.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(300 * KB);
});
