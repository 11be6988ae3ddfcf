import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { advice, missing, type Needed } from './ensure-system-packages.ts';

const NEEDED: readonly Needed[] = [
  { debian: 'redis-server', program: 'redis-server', suite: 'shared state' },
];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'programs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a program on the path is not missing, wherever it came from', () => {
  writeFileSync(join(folder, 'redis-server'), '#!/bin/sh\n');
  chmodSync(join(folder, 'redis-server'), 0o755);
  expect(missing(NEEDED, `/nowhere${delimiter}${folder}`)).toEqual([]);
});

test('a file that cannot be run does not count', () => {
  writeFileSync(join(folder, 'redis-server'), 'no program');
  expect(missing(NEEDED, folder)).toEqual(NEEDED);
});

test('what is missing is named with the command that brings it', () => {
  expect(advice(missing(NEEDED, folder))).toContain('apt-get install -y redis-server');
});
