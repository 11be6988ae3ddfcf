/** Rows E4 to E8 and F24: memory under many bodies, unfinished ones and readers that stop, with a heap of 256 MB. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway, type GatewayProcess } from '../support/gateway-process.ts';
import { startMockUpstream, type MockUpstream } from '../support/mock-upstream.ts';

const MB = 1_000_000;
const MOST_RSS_MB = 450;

let gateway: GatewayProcess;
let upstream: MockUpstream;
let folder: string;
beforeAll(async () => {
  upstream = await startMockUpstream({ models: ['m'], record: false });
  folder = await mkdtemp(join(tmpdir(), 'smallfirst-'));
  const config = join(folder, 'smallfirst.yaml');
  await writeFile(
    config,
    `store: { kind: memory }\nlog: { level: silent }\njudge: { deep: off }\nauth: { mode: keys, keys: [{ name: eve, key: '\${EVE}' }, { name: bob, key: '\${BOB}' }] }\nupstreams:\n  - { name: local, kind: openai, locality: local, url: '${upstream.url}', model: m }\n`,
  );
  gateway = await startGateway(config, {
    NODE_OPTIONS: '--max-old-space-size=256',
    EVE: 'key-of-eve',
    BOB: 'key-of-bob',
  });
});
afterAll(async () => {
  await gateway.stop();
  await upstream.close();
  await rm(folder, { recursive: true });
});

const chat = (content: string, key: string): Promise<number> =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer key-of-${key}` },
    body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content }] }),
  }).then(
    async (answer) => {
      await answer.arrayBuffer();
      return answer.status;
    },
    // The connection of a refused upload is closed while it is still being written.
    () => 0,
  );

/** Resident and peak memory of the gateway's process, in MB. */
async function memory(): Promise<{ rss: number; peak: number }> {
  const text = await readFile(`/proc/${gateway.pid}/status`, 'utf8');
  const of = (name: string): number =>
    Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)?.[1]) / 1000;
  return { rss: of('VmRSS'), peak: of('VmHWM') };
}

test('twenty bodies of 20 MB at once are answered or refused, and others are served', async () => {
  const content = 'word '.repeat((20 * MB) / 5);
  const large = Array.from({ length: 20 }, () => chat(content, 'eve'));
  const small = Array.from({ length: 20 }, () => chat('hello', 'bob'));
  expect(await Promise.all(small)).toEqual(small.map(() => 200));
  const statuses = new Set(await Promise.all(large));
  for (const status of statuses) expect([0, 200, 400, 408, 413, 503]).toContain(status);
  expect(await chat('hello', 'bob')).toBe(200);
  const { peak } = await memory();
  process.stdout.write(
    `20 bodies of 20 MB: ${[...statuses].join(', ')}; peak ${Math.round(peak)} MB\n`,
  );
});

test('forty unfinished uploads of 30 MB hold no more than the budget, and end with 408 or 503', async () => {
  const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer key-of-eve\r\nContent-Type: application/json\r\nContent-Length: ${31 * MB}\r\n\r\n`;
  const piece = Buffer.alloc(30 * MB, 32);
  const port = Number(new URL(gateway.url).port);
  const ends: Promise<string>[] = [];
  const sockets: Socket[] = [];
  for (let count = 0; count < 40; count += 1)
    ends.push(
      new Promise((resolve) => {
        let said = '';
        const socket = connect(port, '127.0.0.1', () => {
          socket.write(head);
          socket.write(piece);
        });
        sockets.push(socket);
        socket.on('data', (data) => (said += data.toString()));
        socket.on('close', () => resolve(said));
        socket.on('error', () => undefined);
      }),
    );
  expect(await chat('hello', 'bob')).toBe(200);
  const said = await Promise.all(ends);
  for (const text of said) if (text !== '') expect(text).toMatch(/^HTTP\/1\.1 (408|413|503) /);
  expect(said.join('')).toContain(' 503 ');
  for (const socket of sockets) socket.destroy();
  const { rss, peak } = await memory();
  process.stdout.write(
    `40 unfinished uploads: RSS ${Math.round(rss)} MB, peak ${Math.round(peak)} MB\n`,
  );
  expect(peak).toBeLessThan(2 * MOST_RSS_MB);
}, 420_000);
