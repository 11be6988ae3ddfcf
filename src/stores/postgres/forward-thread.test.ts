import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { forwarderThread } from './forward-thread.ts';

const folder = mkdtempSync(join(tmpdir(), 'smallfirst-forward-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a thread that ends says why, is started again, and leaves nobody waiting', async () => {
  const path = join(folder, 'outbox.db');
  // Not a file, for now.
  mkdirSync(path);
  const problems: (string | undefined)[] = [];
  const forwarder = forwarderThread({
    url: 'postgres://127.0.0.1:1/nobody',
    path,
    outbox: 'o',
    onProblem: (problem) => problems.push(problem),
  });
  await expect(forwarder.flush()).rejects.toThrow('is started again');
  await expect.poll(() => problems[0]).toContain('The thread that forwards to Postgres');
  await expect(forwarder.flush()).rejects.toThrow();
  rmdirSync(path);
  // It says so once, then what it finds in the file.
  await expect.poll(() => problems.slice(1)).toContain(undefined);
  await expect(forwarder.flush()).rejects.toMatchObject({
    code: 'gateway_state_unavailable',
    message: expect.stringContaining('no such table: outbox'),
  });
  expect(await forwarder.close()).toBe(0);
  await expect(forwarder.flush()).rejects.toThrow();
});
