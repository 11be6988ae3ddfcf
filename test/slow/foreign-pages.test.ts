/**
 * Rows D1 to D4 with Chromium as the browser: a page of another name, whose server is on loopback too, tries all that a page can to
 * spend through an open gateway or to read from it, also under a name of its own that resolves to 127.0.0.1.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { missing } from '../support/ensure-system-packages.ts';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const NEEDED = [{ debian: 'chromium', program: 'chromium', suite: 'this' }];
const skipped = missing(NEEDED, process.env['PATH'] ?? '').length > 0;
const PAGE_HOST = 'evil.acme.test';

/** Run in the page: `gateway` and `rebound` are the gateway under its own address and under the page's name. */
const ATTACK = `
const chat = (marked) => JSON.stringify({ model: 'cloud/gpt-4o', messages: [{ role: 'user', content: marked }] });
const told = [];
const tried = async (name, run) => {
  const outcome = await Promise.resolve().then(run).then((text) => 'read ' + text, (error) => 'no ' + error.name);
  told.push(name + ': ' + outcome);
};
const read = async (answer) => {
  const text = await answer.text();
  if (text === '') throw new Error('nothing');
  return text.slice(0, 60);
};
for (const base of [gateway, rebound]) {
  for (const path of ['/v1/chat/completions', '/v1/responses', '/v1/images/generations', '/v1/files', '/v1/route', '/admin/keys']) {
    for (const mode of ['no-cors', 'cors']) {
      await tried(mode + ' blob', () => fetch(base + path, { method: 'POST', mode, body: new Blob([chat('blob')]) }).then(read));
      await tried(mode + ' text', () => fetch(base + path, { method: 'POST', mode, body: chat('text'), headers: { 'content-type': 'text/plain' } }).then(read));
      await tried(mode + ' json', () => fetch(base + path, { method: 'POST', mode, body: chat('json'), headers: { 'content-type': 'application/json' } }).then(read));
    }
    navigator.sendBeacon(base + path, chat('beacon'));
    const frame = document.body.appendChild(Object.assign(document.createElement('iframe'), { name: 'f' + told.length }));
    const form = Object.assign(document.createElement('form'), { method: 'post', action: base + path, enctype: 'text/plain', target: frame.name });
    form.append(Object.assign(document.createElement('input'), { name: chat('form').slice(0, -1) + ',"x":"', value: '"}' }));
    document.body.append(form);
    form.submit();
  }
  for (const path of ['/v1/models', '/admin/requests', '/metrics', '/readyz', '/dashboard', '/admin/about']) {
    await tried('get ' + path, () => fetch(base + path).then(read));
    await tried('opaque ' + path, () => fetch(base + path, { mode: 'no-cors' }).then(read));
    document.body.append(Object.assign(document.createElement('img'), { src: base + path }));
    document.body.append(Object.assign(document.createElement('script'), { src: base + path }));
  }
}
await new Promise((resolve) => setTimeout(resolve, 1000));
document.body.textContent = 'told ' + told.join(' | ') + ' end';
`;

let whole: WholeGateway;
let pages: ReturnType<typeof createServer>;
let pageUrl: string;
let profile: string;
beforeAll(async () => {
  whole = await startTestGateway();
  profile = await mkdtemp(join(tmpdir(), 'smallfirst-chromium-'));
  const { port } = new URL(whole.gateway.url);
  const bases = `const gateway = 'http://127.0.0.1:${port}', rebound = 'http://${PAGE_HOST}:${port}';`;
  const page = `<!doctype html><body><script type="module">${bases}${ATTACK}</script>`;
  pages = createServer((_, outgoing) => {
    outgoing.setHeader('content-type', 'text/html').end(page);
  });
  await new Promise<void>((resolve) => void pages.listen(0, '127.0.0.1', resolve));
  // `address()` is a string only for pipes.
  pageUrl = `http://${PAGE_HOST}:${(pages.address() as AddressInfo).port}/`;
});
afterAll(async () => {
  await whole.close();
  pages.close();
  pages.closeAllConnections();
  await rm(profile, { recursive: true, force: true });
});

test.skipIf(skipped)('nothing is spent and nothing is read', async () => {
  const { stdout } = await promisify(execFile)(
    'chromium',
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      `--user-data-dir=${profile}`,
      `--host-resolver-rules=MAP ${PAGE_HOST} 127.0.0.1`,
      '--virtual-time-budget=30000',
      '--dump-dom',
      pageUrl,
    ],
    { maxBuffer: 16 * 1024 * 1024, timeout: 500_000 },
  );
  const told = /told (.*) end/s.exec(stdout)?.[1]?.split(' | ') ?? [];
  // Six routes in six ways and six pages in two, at two addresses.
  expect(told).toHaveLength(2 * (6 * 6 + 6 * 2));
  expect(told.filter((each) => !each.includes(': no '))).toEqual([]);
  expect([...whole.cloud.requests, ...whole.local.requests]).toEqual([]);
});
