/** The examples of `deploy/proxy`, run by Debian's nginx and Caddy in front of a whole gateway: TLS, streams, hang-ups. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../support/gateway-process.ts';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';
import type { Behaviour } from '../support/mock/behaviour.ts';
import { selfSigned } from '../support/self-signed.ts';

const HOST = 'gateway.example.org';
const APP_KEY = 'app-key-of-the-test-0123456789';
const certificate = selfSigned(HOST);

interface Proxy {
  readonly name: string;
  /** What `deploy/proxy/<file>` becomes on a machine without root, and how it is started. */
  start(folder: string, ports: { readonly tls: number; readonly gateway: number }): ChildProcess;
}

function nginx(folder: string, { tls, gateway }: { tls: number; gateway: number }): ChildProcess {
  const site = readFileSync('deploy/proxy/nginx.conf', 'utf8')
    .replaceAll('127.0.0.1:4100', `127.0.0.1:${gateway}`)
    .replace('listen 443', `listen 127.0.0.1:${tls}`)
    .replace(/^.*listen \[::\]:443.*$/m, '')
    .replace('/etc/ssl/certs/gateway.example.org.pem', join(folder, 'cert.pem'))
    .replace('/etc/ssl/private/gateway.example.org.key', join(folder, 'key.pem'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder}/${kind};`)
    .join(' ');
  const config = `pid ${folder}/pid; error_log stderr; daemon off; events {}
http { access_log off; ${temporary}\n${site}}`;
  writeFileSync(join(folder, 'nginx.conf'), config);
  return spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder], { stdio: 'ignore' });
}

function caddy(folder: string, { tls, gateway }: { tls: number; gateway: number }): ChildProcess {
  const site = readFileSync('deploy/proxy/Caddyfile', 'utf8')
    .replace('127.0.0.1:4100', `127.0.0.1:${gateway}`)
    .replace(
      `${HOST} {`,
      `https://${HOST}:${tls} {\n\tbind 127.0.0.1\n\ttls ${folder}/cert.pem ${folder}/key.pem`,
    );
  writeFileSync(
    join(folder, 'Caddyfile'),
    `{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n${site}`,
  );
  const args = ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'];
  return spawn('caddy', args, { stdio: 'ignore', env: { ...process.env, HOME: folder } });
}

const PROXIES: readonly Proxy[] = [
  { name: 'nginx', start: nginx },
  { name: 'caddy', start: caddy },
];

/** Holds back what follows the first word: the chunk before it has the role alone. */
const after =
  (opened: Promise<void>): ((index: number) => Promise<void>) =>
  (index) =>
    index < 2 ? Promise.resolve() : opened;

const isHere = (program: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

describe.each(PROXIES)('$name in front of the gateway', ({ name, start }) => {
  const here = isHere(name);
  if (!here)
    process.stderr.write(`SKIPPED: ${name} in front of the gateway: it is not installed\n`);

  let folder: string;
  let whole: WholeGateway;
  let proxy: ChildProcess;
  let tls: number;
  let behaviour: Behaviour | undefined;

  beforeAll(async () => {
    if (!here) return;
    folder = mkdtempSync(join(tmpdir(), `smallfirst-${name}-`));
    writeFileSync(join(folder, 'cert.pem'), certificate.cert);
    writeFileSync(join(folder, 'key.pem'), certificate.key);
    // With keys: an open gateway answers to the names of this machine only.
    whole = await startTestGateway({
      local: { behaviour: () => behaviour },
      config: "auth: { mode: keys, keys: [{ name: app, key: '${APP_KEY}' }] }",
      env: { APP_KEY },
    });
    tls = await freePort();
    proxy = start(folder, { tls, gateway: whole.gateway.port });
    while ((await send('GET', '/healthz').catch(() => undefined))?.status !== 200) await pause(50);
  });
  afterAll(async () => {
    if (!here) return;
    proxy.kill('SIGTERM');
    await whole.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const options = (method: string, path: string): RequestOptions => ({
    host: '127.0.0.1',
    port: tls,
    servername: HOST,
    ca: certificate.cert,
    method,
    path,
    agent: false,
    headers: {
      host: `${HOST}:${tls}`,
      'content-type': 'application/json',
      authorization: `Bearer ${APP_KEY}`,
    },
  });

  function send(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
    return new Promise((resolve, reject) => {
      const asked = request(options(method, path), (incoming) => {
        const { statusCode: status = 0, headers } = incoming;
        text(incoming).then((got) => resolve({ status, headers, body: got }), reject);
      });
      asked.once('error', reject);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  const chat = { model: 'small', messages: [{ role: 'user', content: 'Hello' }] };

  test.skipIf(!here)('an answer and its headers pass', async () => {
    behaviour = undefined;
    const answer = await send('POST', '/v1/chat/completions', chat);
    expect(answer.status).toBe(200);
    expect(answer.headers['x-smallfirst-upstream']).toBe('local');
  });

  test.skipIf(!here)('a stream is passed on while the model still answers', async () => {
    const gate = Promise.withResolvers<void>();
    behaviour = { kind: 'answer', pieces: ['first ', 'second'], gate: after(gate.promise) };
    const all = await new Promise<string>((resolve, reject) => {
      const asked = request(options('POST', '/v1/chat/completions'), (incoming) => {
        let got = '';
        incoming.setEncoding('utf8').on('data', (piece: string) => {
          got += piece;
          // Only what is already here lets the model go on: a proxy that kept it back would wait for ever.
          if (got.includes('first ')) gate.resolve();
        });
        incoming.once('end', () => resolve(got)).once('error', reject);
      });
      asked.once('error', reject);
      asked.end(JSON.stringify({ ...chat, stream: true }));
    });
    expect(all).toContain('second');
    expect(all.trimEnd().endsWith('data: [DONE]')).toBe(true);
  });

  test.skipIf(!here)('who hangs up stops the model', async () => {
    behaviour = {
      kind: 'answer',
      pieces: ['first ', 'never'],
      gate: after(new Promise(() => undefined)),
    };
    const asked = request(options('POST', '/v1/chat/completions'), (incoming) => {
      incoming.once('data', () => asked.destroy());
    });
    asked.on('error', () => undefined);
    asked.end(JSON.stringify({ ...chat, stream: true }));
    await whole.local.nextHangup();
    expect(whole.local.hangups()).toBe(1);
  });

  test.skipIf(!here || name === 'nginx')('the figures are not for everybody', async () => {
    expect((await send('GET', '/metrics')).status).toBe(404);
  });
});
