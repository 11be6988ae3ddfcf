/** Rows D3, D4, D11, S03, S06 and S17: what is asked before a route is looked for, and where administration is. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { upstreamKinds } from '../../src/upstreams/index.ts';
import { startTestGateway, type Setup, type WholeGateway } from '../support/gateway-fixture.ts';

const KEYS: Setup = {
  config:
    "auth: { mode: keys, adminKey: '${ADMIN}', keys: [{ name: bot, key: '${BOT}' }, { name: eye, key: '${EYE}', role: viewer }] }",
  env: { ADMIN: 'the-admin-key', BOT: 'key-of-bot', EYE: 'key-of-eye' },
};
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

interface Told {
  readonly status: number;
  readonly body: string;
}

/** `fetch` sets the Host itself. */
function ask(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<Told> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => (body += text));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    asked.on('error', reject).end();
  });
}

function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let said = '';
    socket.setEncoding('utf8').on('data', (part: string) => (said += part));
    socket.on('close', () => resolve(said)).on('error', reject);
  });
}

const ROUTES = [
  '/healthz',
  '/readyz',
  '/metrics',
  '/dashboard',
  '/admin/requests',
  '/v1/models',
  '/v1/files',
  '/nowhere',
];

describe('open mode', () => {
  let whole: WholeGateway;
  beforeAll(async () => {
    whole = await startTestGateway({ server: ', hosts: [Host.docker.internal]' });
  });
  afterAll(() => whole.close());

  test.each(ROUTES)('%s is nobody else’s', async (path) => {
    for (const host of ['evil.acme.io', 'evil.acme.io:80', '127.0.0.1.acme.io', 'localhost.'])
      expect(await ask(whole.gateway.url + path, { host })).toMatchObject({
        status: 403,
        body: expect.stringContaining('caller_bad_host'),
      });
    expect(whole.cloud.requests).toEqual([]);
  });

  test.each([
    ['http://localhost', 200],
    ['http://evil.acme.io', 403],
    ['http://localhost@evil.acme.io', 404],
  ])(
    'a target that is a whole URL (%s) is read, and its host is the one that counts',
    async (base, status) => {
      const { port } = whole.gateway;
      for (const path of ['/healthz', '/v1/models'])
        for (const host of ['localhost', 'evil.acme.io']) {
          const said = await raw(
            port,
            `GET ${base}${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
          );
          const isNone = status === 404 && host !== 'localhost';
          expect(said).toMatch(new RegExp(`^HTTP/1.1 ${isNone ? 403 : status} `));
        }
      expect(whole.cloud.requests).toEqual([]);
    },
  );

  test('names of this machine and of server.hosts are served, with any port', async () => {
    const { port } = new URL(whole.gateway.url);
    for (const host of ['localhost', `LOCALHOST:${port}`, '[::1]:80', 'host.docker.internal:4100'])
      expect((await ask(`${whole.gateway.url}/metrics`, { host })).status).toBe(200);
  });
});

describe('both modes', () => {
  test.each([{}, KEYS])(
    'none or two Host headers are 400, an unknown method is 405',
    async (setup) => {
      const whole = await startTestGateway(setup);
      const { port } = whole.gateway;
      for (const path of ['/healthz', '/v1/chat/completions', '/admin/requests']) {
        const twice = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nhOST: evil.acme.io\r\nConnection: close\r\n\r\n`;
        expect(await raw(port, twice)).toMatch(/^HTTP\/1\.1 400 [^]*two Host headers/);
        const none = `GET ${path} HTTP/1.1\r\nConnection: close\r\n\r\n`;
        expect(await raw(port, none)).toMatch(/^HTTP\/1\.1 400 [^]*no Host header/);
      }
      for (const method of ['PROPFIND', 'TRACE', 'LOCK', 'SEARCH']) {
        const told = await ask(`${whole.gateway.url}/v1/files`, bearer('key-of-bot'), method);
        expect(told).toMatchObject({ status: 405, body: expect.stringContaining(method) });
      }
      expect(whole.cloud.requests).toEqual([]);
      await whole.close();
    },
  );
});

describe('keys mode', () => {
  let whole: WholeGateway;
  beforeAll(async () => {
    whole = await startTestGateway(KEYS);
  });
  afterAll(() => whole.close());

  test('/metrics wants a key that may read', async () => {
    const url = `${whole.gateway.url}/metrics`;
    expect((await ask(url)).status).toBe(401);
    expect((await ask(url, bearer('key-of-bot'))).status).toBe(401);
    for (const key of ['key-of-eye', 'the-admin-key'])
      expect(await ask(url, bearer(key))).toMatchObject({
        status: 200,
        body: expect.stringContaining('smallfirst_'),
      });
  });

  test('/readyz says ready or not, and names to those who may read', async () => {
    const url = `${whole.gateway.url}/readyz`;
    for (const headers of [{}, bearer('wrong'), bearer('key-of-bot')])
      expect(await ask(url, headers)).toEqual({ status: 200, body: '{"status":"ready"}' });
    expect((await ask(url, bearer('key-of-eye'))).body).toContain('local up');
  });
});

describe('administration with a listener of its own', () => {
  let whole: WholeGateway;
  afterEach(() => whole.close());

  test('is there and nowhere else', async () => {
    whole = await startTestGateway({ ...KEYS, config: `admin: { port: 0 }\n${KEYS.config}` });
    const { url, adminUrl } = whole.gateway;
    expect(adminUrl).not.toBe(url);
    for (const path of ['/admin/requests', '/dashboard', '/metrics']) {
      expect((await ask(url + path, bearer('the-admin-key'))).status).toBe(404);
      expect((await ask(adminUrl + path, bearer('the-admin-key'))).status).toBe(200);
    }
    // Only this machine reaches it.
    expect((await ask(`${adminUrl}/metrics`)).status).toBe(200);
    expect((await ask(`${adminUrl}/admin/requests`)).status).toBe(401);
    // Pages of administration ask the API too.
    for (const each of [url, adminUrl])
      expect((await ask(`${each}/v1/models`, bearer('key-of-bot'))).status).toBe(200);
    for (const each of [url, adminUrl]) expect((await ask(`${each}/healthz`)).status).toBe(200);
  });
});

describe('what does not start', () => {
  async function problemsOf(yaml: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'smallfirst-'));
    try {
      const file = join(folder, 'smallfirst.yaml');
      await writeFile(file, yaml);
      loadConfig({ file, env: {}, kinds: upstreamKinds });
      return '';
    } catch (error) {
      return String(error);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  test('any origin without keys, and a public listener for administration without keys', async () => {
    expect(await problemsOf('server: { cors: ["*"] }')).toContain('lets every web page ask');
    expect(await problemsOf('auth: { mode: open }\nserver: { cors: ["*"] }')).toContain('2:17');
    expect(await problemsOf('admin: { host: 0.0.0.0, port: 4101 }')).toContain('needs a host');
    expect(await problemsOf('admin: { port: 70000 }')).toContain('admin');
    expect(await problemsOf('server: { cors: ["https://ours.acme.io"] }')).toBe('');
  });
});
