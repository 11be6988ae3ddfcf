import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { foundConfig } from './find.ts';

const folder = mkdtempSync(join(tmpdir(), 'smallfirst-find-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a configuration of the folder is found, unless the environment names another', () => {
  expect(foundConfig({}, folder)).toBeUndefined();
  writeFileSync(join(folder, 'smallfirst.yaml'), '');
  expect(foundConfig({}, folder)).toBe('smallfirst.yaml');
  expect(foundConfig({ SMALLFIRST_CONFIG: '' }, folder)).toBe('smallfirst.yaml');
  expect(foundConfig({ SMALLFIRST_CONFIG: 'other.yaml' }, folder)).toBeUndefined();
});
