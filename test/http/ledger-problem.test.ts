/** A ledger that cannot be written for a while, in the process that its users run. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { startGateway } from '../support/gateway-process.ts';
import { startMockUpstream } from '../support/mock-upstream.ts';
import { EASY, simplePolicy } from '../support/gateway-fixture.ts';

test('is in the log when it begins and when it ends, and in /readyz meanwhile', async () => {
  const upstream = await startMockUpstream({ models: ['slm'] });
  const folder = await mkdtemp(join(tmpdir(), 'ledger-problem-'));
  await writeFile(join(folder, 'policy.yaml'), simplePolicy());
  const config = join(folder, 'smallfirst.yaml');
  const local = `{ name: local, kind: openai, locality: local, url: ${upstream.url}, model: slm }`;
  await writeFile(
    config,
    `policy: ./policy.yaml\nstore: { kind: sqlite, path: state.db }\nupstreams: [${local}]\n`,
  );
  const gateway = await startGateway(config);
  const db = new DatabaseSync(join(folder, 'state.db'), { timeout: 60_000 });
  const status = async (path: string): Promise<number> => (await fetch(gateway.url + path)).status;
  const ready = async (): Promise<readonly [number, unknown]> => {
    const answer = await fetch(`${gateway.url}/readyz`);
    return [answer.status, await answer.json()];
  };
  const chat = async (): Promise<number> => {
    const body = JSON.stringify({ model: 'small', messages: [{ role: 'user', content: EASY }] });
    const headers = { 'content-type': 'application/json' };
    const url = `${gateway.url}/v1/chat/completions`;
    return (await fetch(url, { method: 'POST', headers, body })).status;
  };
  const [, before] = await ready();

  db.exec('ALTER TABLE records RENAME TO away');
  expect(await chat()).toBe(200);
  // Listing tries to write out what waits, each time once.
  for (let attempt = 0; attempt < 3; attempt++) expect(await status('/admin/requests')).toBe(500);
  expect(await ready()).toEqual([
    200,
    { status: 'ready', detail: 'local up; the ledger cannot be written, see the log' },
  ]);
  db.exec('ALTER TABLE away RENAME TO records');
  expect(await status('/admin/requests')).toBe(200);
  expect(await ready()).toEqual([200, before]);

  const told = (): readonly object[] =>
    gateway
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.includes('The ledger'))
      .map((line): object => JSON.parse(line));
  await expect.poll(told).toHaveLength(2);
  expect(told()).toMatchObject([
    { level: 'warn', msg: expect.stringMatching(/cannot be written.*state\.db.*no such table/) },
    { level: 'info', msg: 'The ledger is written again.' },
  ]);
  db.close();
  expect(await gateway.stop()).toBe(0);
  expect(told()).toHaveLength(2);
  await upstream.close();
  await rm(folder, { recursive: true });
});

test('that lasts until the stop is said; what it could not write is kept, and taken in once by the next start', async () => {
  const upstream = await startMockUpstream({ models: ['slm'] });
  const folder = await mkdtemp(join(tmpdir(), 'ledger-problem-'));
  const config = join(folder, 'smallfirst.yaml');
  await writeFile(join(folder, 'policy.yaml'), simplePolicy());
  const local = `{ name: local, kind: openai, locality: local, url: ${upstream.url}, model: slm }`;
  await writeFile(
    config,
    `policy: ./policy.yaml\nstore: { kind: sqlite, path: state.db }\nupstreams: [${local}]\n`,
  );
  const gateway = await startGateway(config);
  const db = new DatabaseSync(join(folder, 'state.db'), { timeout: 60_000 });
  db.exec('ALTER TABLE records RENAME TO away');
  const body = JSON.stringify({ model: 'small', messages: [{ role: 'user', content: EASY }] });
  const headers = { 'content-type': 'application/json' };
  const url = `${gateway.url}/v1/chat/completions`;
  for (let time = 0; time < 3; time += 1) {
    await (await fetch(url, { method: 'POST', headers, body })).text();
  }
  expect(await gateway.stop()).toBe(1);
  const pending = join(folder, 'state.db.pending');
  expect(gateway.output()).toMatch(
    /3 rows of the ledger, 0\.0+ USD, could not be written;.*state\.db\.pending/,
  );
  expect(readFileSync(pending, 'utf8').trim().split('\n')).toHaveLength(3);
  const rows = (table: string): unknown =>
    db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'];
  expect(rows('away')).toBe(0);
  db.exec('ALTER TABLE away RENAME TO records');
  const next = await startGateway(config);
  expect(next.output()).toContain(
    '3 rows that an earlier process could not write are in the ledger now',
  );
  expect([rows('records'), existsSync(pending)]).toEqual([3, false]);
  expect(await next.stop()).toBe(0);
  const third = await startGateway(config);
  expect(third.output()).not.toContain('an earlier process');
  expect(await third.stop()).toBe(0);
  expect(rows('records')).toBe(3);
  db.close();
  await upstream.close();
  await rm(folder, { recursive: true });
});
