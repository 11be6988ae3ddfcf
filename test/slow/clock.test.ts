/** Row F23 by Debian's `faketime`: the clock of a running gateway, its threads' too, is set forward and back. Money: `test/money/clocks.test.ts`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { UsageRecord } from '../../src/core/record.ts';
import { simplePolicy } from '../support/gateway-fixture.ts';
import { startGateway } from '../support/gateway-process.ts';
import { startMockUpstream } from '../support/mock-upstream.ts';

const library = spawnSync('faketime', ['-f', '+0', 'sh', '-c', 'printf %s "$LD_PRELOAD"'], {
  encoding: 'utf8',
}).stdout;
const hasFaketime = library !== undefined && library !== null && library !== '';
if (!hasFaketime) process.stderr.write('SKIPPED: faketime is not installed (package faketime)\n');

const HOUR = 3600;
const ADMIN = 'admin-key-0123456789';
/** Real time goes by as well, however slow the machine is. */
const LONGEST_MS = 600_000;

type Jump = readonly [what: string, seconds: number];

/** To a second before a time, and over it. */
function over(what: string, time: string): readonly Jump[] {
  const seconds = Math.round((Date.parse(time) - Date.now()) / 1000);
  return [
    [`to ${what}`, seconds - 1],
    [`over ${what}`, seconds + 1],
  ];
}

const JUMPS: readonly Jump[] = [
  ['an hour forward', HOUR],
  ['an hour back', -HOUR],
  ...over('the end of a month', '2027-02-01T00:00:00+01:00'),
  ...over('the end of winter time', '2027-03-28T02:00:00+01:00'),
  ...over('the end of summer time', '2027-10-31T03:00:00+02:00'),
  ['thirty days forward', 30 * 24 * HOUR],
  ['to where it was', 0],
];

test.skipIf(!hasFaketime)(
  'no jump hurts a stream, a request, a latency or a key that is valid',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'smallfirst-clock-'));
    const now = join(folder, 'now');
    const set = (seconds: number): void =>
      writeFileSync(now, `${seconds < 0 ? '' : '+'}${seconds}`);
    set(0);
    const gate = Promise.withResolvers<void>();
    const upstream = await startMockUpstream({
      name: 'local',
      models: ['slm'],
      behaviour: ({ text }) => ({
        kind: 'answer',
        ...(text.includes('a stream') ? { gate: () => gate.promise } : {}),
      }),
    });
    const config = join(folder, 'smallfirst.yaml');
    writeFileSync(join(folder, 'policy.yaml'), simplePolicy());
    writeFileSync(
      config,
      `policy: ./policy.yaml
judge: { deep: off }
store: { kind: sqlite, path: state.db }
auth: { mode: keys, adminKey: '\${ADMIN}' }
budgets: [{ name: day, usd: 1, per: day, zone: Europe/Madrid }, { name: month, usd: 9, per: month, zone: Europe/Madrid }]
upstreams:
  - { name: local, kind: openai, locality: local, url: '${upstream.url}', model: slm }
  - { name: cloud, kind: openai, locality: cloud, url: '${upstream.url}', model: slm, price: { inputUsdPerMillion: 1, outputUsdPerMillion: 1 } }
`,
    );
    const gateway = await startGateway(config, {
      ADMIN,
      TZ: 'Europe/Madrid',
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: now,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    });
    const post = (path: string, key: string, body: object): Promise<Response> =>
      fetch(gateway.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: JSON.stringify(body),
      });
    const keyUntil = async (name: string, expiresMs?: number): Promise<string> => {
      const more = expiresMs === undefined ? {} : { expiresMs };
      const made = await post('/admin/keys', ADMIN, { name, ...more });
      expect(made.status).toBe(201);
      return ((await made.json()) as { secret: string }).secret;
    };
    const [always, hours] = [
      await keyUntil('always'),
      await keyUntil('hours', Date.now() + 12 * HOUR * 1000),
    ];
    const chat = (key: string, content: string, model: string, stream = false) =>
      post('/v1/chat/completions', key, {
        model,
        stream,
        max_tokens: 5,
        messages: [{ role: 'user', content }],
      });
    const stream = chat(always, 'a stream', 'small', true).then((answer) => answer.text());
    await upstream.nextRequest();
    let asked = 1;
    for (const [what, seconds] of JUMPS) {
      set(seconds);
      for (const model of ['small', 'large']) {
        const answer = await chat(always, what, model);
        asked += 1;
        expect([what, model, answer.status]).toEqual([what, model, 200]);
        await answer.text();
      }
      const isValid = seconds < 12 * HOUR;
      const limited = async (): Promise<number> => {
        const answer = await chat(hours, what, 'small');
        await answer.text();
        if (answer.status === 200) asked += 1;
        return answer.status;
      };
      // Keys are looked at twice a second.
      await expect.poll(limited).toBe(isValid ? 200 : 401);
      expect([what, (await fetch(`${gateway.url}/healthz`)).status]).toEqual([what, 200]);
    }
    gate.resolve();
    expect(await stream).toContain('[DONE]');
    const records = async (): Promise<readonly UsageRecord[]> => {
      const page = await fetch(`${gateway.url}/admin/requests?limit=200`, {
        headers: { authorization: `Bearer ${ADMIN}` },
      });
      const found = (await page.json()) as { records: readonly UsageRecord[] };
      return found.records.filter(({ outcome }) => outcome === 'answered');
    };
    await expect.poll(async () => (await records()).length).toBe(asked);
    const times = (await records()).flatMap(({ latencyMs, overheadMs, attempts }) =>
      [latencyMs, overheadMs.route, overheadMs.total].concat(attempts.map((one) => one.latencyMs)),
    );
    for (const ms of times) {
      expect(ms).toBeGreaterThanOrEqual(0);
      expect(ms).toBeLessThan(LONGEST_MS);
    }
    expect(await gateway.stop()).toBe(0);
    await upstream.close();
    rmSync(folder, { recursive: true });
  },
);
