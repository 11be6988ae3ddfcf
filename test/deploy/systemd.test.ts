/** The unit of `deploy/systemd`: systemd's own judgement of it, and what it must hold. Nothing starts it here. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { upstreamKinds } from '../../src/upstreams/index.ts';

const UNIT = 'deploy/systemd/smallfirst.service';
const MAX_EXPOSURE = 3;

const unit = readFileSync(UNIT, 'utf8');
const valueOf = (key: string): string =>
  new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1] ?? `no ${key}`;

const folder = mkdtempSync(join(tmpdir(), 'smallfirst-systemd-'));
afterAll(() => rmSync(folder, { recursive: true }));
// systemd-analyze takes a unit's name from its file, and looks at those beside it.
const copy = join(folder, 'smallfirst.service');
copyFileSync(UNIT, copy);

const analyze = (...args: readonly string[]) =>
  spawnSync('systemd-analyze', [...args, copy], { encoding: 'utf8' });
const isHere = analyze('--version').status === 0;
if (!isHere) process.stderr.write('SKIPPED: the unit by systemd-analyze, which is not installed\n');

describe.skipIf(!isHere)('systemd-analyze', () => {
  test('finds no mistake in the unit', () => {
    const { status, stderr } = analyze('verify');
    expect([status, stderr]).toEqual([0, '']);
  });

  test(`finds it exposed by at most ${MAX_EXPOSURE} of 10`, () => {
    const { stdout } = analyze('security', '--offline=true');
    const exposure = Number(/exposure level.*: (\d+\.\d+)/.exec(stdout)?.[1]);
    expect(exposure).toBeLessThanOrEqual(MAX_EXPOSURE);
  });
});

test('what is under way may be finished before it is killed', () => {
  const { limits } = loadConfig({ env: {}, kinds: upstreamKinds });
  expect(Number(valueOf('TimeoutStopSec'))).toBeGreaterThan(limits.drainMs / 1000 + 8);
});

test('its configuration loads, with the credentials and the folder that the unit gives', () => {
  const credentials = [...unit.matchAll(/^LoadCredential=([\w-]+):/gm)].map(([, name]) => name!);
  expect(credentials.toSorted()).toEqual(['smallfirst-admin-key', 'smallfirst-app-key']);
  for (const name of credentials) writeFileSync(join(folder, name), `key-${name}-0123456789`);
  const env = { CREDENTIALS_DIRECTORY: folder, STATE_DIRECTORY: '/var/lib/smallfirst' };
  const config = loadConfig({
    file: 'deploy/systemd/smallfirst.yaml',
    env,
    kinds: upstreamKinds,
  });
  expect(config.auth.mode).toBe('keys');
  expect(config.store).toMatchObject({ path: '/var/lib/smallfirst/state.db' });
  expect(valueOf('StateDirectory')).toBe('smallfirst');
  expect(config.server).toMatchObject({ host: '127.0.0.1', port: 4100 });
});
