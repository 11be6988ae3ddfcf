import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { advice, missing, type Needed } from './ensure-system-packages.ts';

const NEEDED: readonly Needed[] = [
  { debian: 'redis-server', program: 'redis-server', suite: 'shared state' },
];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'programs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function putProgram(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

test('a program on the PATH is not missing', () => {
  putProgram('redis-server', '');
  expect(missing(NEEDED, `/nowhere${delimiter}${folder}`)).toEqual([]);
});

test('a file that is not executable does not count', () => {
  writeFileSync(join(folder, 'redis-server'), 'no program');
  expect(missing(NEEDED, folder)).toEqual(NEEDED);
});

test('a missing program is named with the command that installs it', () => {
  expect(advice(missing(NEEDED, folder))).toContain('apt-get install -y redis-server');
});

describe('run before the slow tests, with a package manager and without promtool', () => {
  const calls = (): string => join(folder, 'apt-get-calls');

  function ensure(env: Readonly<Record<string, string>>, aptStatus = 0) {
    putProgram('apt-get', `echo "$@" >> ${calls()}; exit ${aptStatus}`);
    putProgram('sudo', 'shift 2; exec "$@"');
    const script = join(import.meta.dirname, 'ensure-system-packages.ts');
    const done = spawnSync(process.execPath, [script], {
      env: { PATH: folder, ...env },
      encoding: 'utf8',
    });
    return { status: done.status, said: done.stderr, installs: existsSync(calls()) };
  }

  test('it installs nothing on a developer’s machine, prints what to install, and exits with 0', () => {
    const { status, said, installs } = ensure({});
    expect(installs).toBe(false);
    expect(said).toContain(
      'apt-get install -y buildah caddy faketime iproute2 nginx-light redis-server slowhttptest chromium prometheus',
    );
    expect(status).toBe(0);
  });

  test('in CI it installs', () => {
    expect(ensure({ CI: '1' })).toMatchObject({ status: 0, installs: true, said: '' });
    expect(readFileSync(calls(), 'utf8')).toMatch(
      /^install .* buildah caddy faketime iproute2 nginx-light redis-server slowhttptest chromium prometheus$/m,
    );
  });

  test('in CI it fails when the installation fails', () => {
    const { status, said } = ensure({ CI: '1' }, 100);
    expect(status).toBe(1);
    expect(said).toContain('promtool');
  });
});
