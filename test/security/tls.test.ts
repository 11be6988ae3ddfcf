/** TLS of the gateway's own and to its upstreams, and addresses that are never connected to. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openCertificates } from '../../src/assembly/certificates.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { ServerTls } from '../../src/http/server.ts';
import { upstreamKinds } from '../../src/upstreams/index.ts';
import { isLinkLocal } from '../../src/upstreams/http/link-local.ts';
import { selfSigned, type Certificate } from '../support/self-signed.ts';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

let folder: string;
let server: Certificate;
let other: Certificate;
const path = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'smallfirst-tls-'));
  server = selfSigned('localhost');
  other = selfSigned('localhost');
  for (const [name, made] of Object.entries({ server, other, old: selfSigned('localhost', -10) })) {
    writeFileSync(path(`${name}.pem`), made.cert);
    writeFileSync(path(`${name}.key`), made.key);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

let whole: WholeGateway | undefined;
const closing: (() => void)[] = [];
afterEach(async () => {
  await whole?.close();
  whole = undefined;
  for (const close of closing.splice(0)) close();
});

const own = (cert = 'server', more = ''): string =>
  `, tls: { cert: ${path(`${cert}.pem`)}, key: ${path(`${cert}.key`)}${more} }`;

/** The status of `/healthz`, or why there is none. */
async function health(url: string, options: object): Promise<string> {
  const asked = get(`${url}/healthz`, { agent: false, servername: 'localhost', ...options });
  try {
    const [answer] = (await once(asked, 'response')) as [{ statusCode: number; resume(): void }];
    answer.resume();
    return String(answer.statusCode);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

test('the gateway serves TLS with its certificate, whose time is a metric', async () => {
  whole = await startTestGateway({ server: own() });
  const { url } = whole.gateway;
  expect(url).toMatch(/^https:/);
  expect(await health(url, { ca: server.cert })).toBe('200');
  expect(await health(url, { ca: other.cert })).toMatch(/CERT|SELF_SIGNED/);
});

test('callers show a certificate where that is asked for', async () => {
  whole = await startTestGateway({ server: own('server', `, clientCa: ${path('other.pem')}`) });
  const { url } = whole.gateway;
  expect(await health(url, { ca: server.cert, cert: other.cert, key: other.key })).toBe('200');
  expect(await health(url, { ca: server.cert })).toMatch(/ERR_SSL|ECONNRESET/);
});

const configured = (text: string) => {
  writeFileSync(path('smallfirst.yaml'), text);
  return loadConfig({ file: path('smallfirst.yaml'), env: {}, kinds: upstreamKinds });
};
const UPSTREAM = 'name: u, kind: openai, locality: local, model: m';

test('the certificate is read again when its files change; what does not fit is said and changes nothing', () => {
  vi.useFakeTimers();
  closing.push(() => vi.useRealTimers());
  writeFileSync(path('live.pem'), server.cert);
  writeFileSync(path('live.key'), server.key);
  const config = configured('server: { tls: { cert: live.pem, key: live.key } }');
  const [used, said]: [ServerTls[], string[]] = [[], []];
  const certificates = openCertificates(config, (line) => said.push(line));
  const life = new AbortController();
  certificates.follow((tls) => used.push(tls), life.signal);
  const later = (name: string, text: string, seconds: number): void => {
    writeFileSync(path(name), text);
    utimesSync(path(name), Date.now() / 1000 + seconds, Date.now() / 1000 + seconds);
  };
  later('live.pem', other.cert, 10);
  vi.advanceTimersByTime(5000);
  expect(used).toEqual([]);
  expect(said.join()).toContain('is not the key of this certificate');
  later('live.key', other.key, 20);
  vi.advanceTimersByTime(5000);
  expect(used).toEqual([expect.objectContaining({ cert: other.cert })]);
  expect(certificates.expirySeconds()['server']).toBeGreaterThan(3600);
  expect(certificates.words()).toBe('');
  vi.setSystemTime(Date.now() + 3 * 86_400_000);
  expect(certificates.words()).toBe('; the certificate of server has expired');
  life.abort();
});

test.each([
  ['server: { tls: { cert: gone.pem, key: server.key } }', 'is not there; write the path'],
  ['server: { tls: { cert: server.pem, key: other.key } }', 'is not the key of this certificate'],
  ['server: { tls: { cert: server.key, key: server.key } }', 'is no certificate in PEM'],
  ['server: { tls: { cert: server.pem, key: server.pem } }', 'is no private key in PEM'],
  ['server: { tls: { cert: old.pem, key: old.key } }', 'expired at'],
  ['server: { tls: { cert: ".", key: server.key } }', 'is a folder'],
  [`upstreams: [{ ${UPSTREAM}, url: "https://x/v1", tls: { cert: server.pem } }]`, 'needs its key'],
  [`upstreams: [{ ${UPSTREAM}, url: "https://x/v1", tls: { ca: gone.pem } }]`, '`ca` is not there'],
  [`upstreams: [{ ${UPSTREAM}, url: "http://x/v1", tls: { ca: server.pem } }]`, 'is for an https'],
  [`upstreams: [{ ${UPSTREAM}, url: "http://2852039166/v1" }]`, 'link-local or metadata address'],
])('%s does not start', (text, why) => {
  expect(() => configured(text)).toThrow(why);
});

test.each([
  '169.254.169.254',
  '2852039166',
  '0xa9fea9fe',
  '0251.0376.0251.0376',
  '0xa9.254.43518',
  '169.254.43518',
  '169.254.169.254.',
  '[fe80::1]',
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  '[fd00:ec2::254]',
  '100.100.100.200',
  '１６９.254.169.254',
])('http://%s/ is a link-local or metadata address', (host) => {
  expect(isLinkLocal(new URL(`http://${host}/`).hostname)).toBe(true);
});

test.each(['127.0.0.1', '10.0.0.1', '169.253.1.1', '[::1]', '[2001:db8::1]', 'example.org'])(
  'http://%s/ is none',
  (host) => {
    expect(isLinkLocal(new URL(`http://${host}/`).hostname)).toBe(false);
  },
);

/** A server that answers one chat to who shows the other certificate. */
async function mutualServer(): Promise<string> {
  const options = { cert: server.cert, key: server.key, ca: other.cert, requestCert: true };
  const listening = createServer(options, (incoming, outgoing) => {
    incoming.resume();
    const shown = (incoming.socket as TLSSocket).getPeerCertificate().fingerprint256;
    const message = { role: 'assistant', content: `seen ${shown.slice(0, 5)}` };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    outgoing.setHeader('content-type', 'application/json');
    outgoing.end(JSON.stringify({ id: 'c', object: 'chat.completion', model: 'm', choices }));
  });
  await once(listening.listen(0, '127.0.0.1'), 'listening');
  closing.push(() => listening.close());
  return `https://127.0.0.1:${(listening.address() as AddressInfo).port}/v1`;
}

test('an upstream behind mutual TLS is reached with the certificate of its own settings', async () => {
  const cloudUrl = await mutualServer();
  const tls = `ca: ${path('server.pem')}, cert: ${path('other.pem')}, key: ${path('other.key')}`;
  const cloudMore = `, tls: { ${tls}, serverName: localhost, minVersion: TLSv1.3 }`;
  whole = await startTestGateway({ cloudUrl, cloudMore });
  const answer = await whole.chat('hi', { model: 'cloud/gpt-4o' });
  expect(await answer.text()).toContain('seen ');
  const metrics = await (await fetch(`${whole.gateway.url}/metrics`)).text();
  expect(metrics).toMatch(/smallfirst_certificate_expiry_seconds\{certificate="cloud"\} \d{4}/);
});

test.each([
  ['with the system’s authorities alone', '', 'is not trusted here'],
  ['under a name that the certificate has not', '{ ca: CA, cert: CERT, key: KEY }', 'not trusted'],
])('%s it is not, and the words say why', async (_, tls, why) => {
  const cloudUrl = await mutualServer();
  const files = tls
    .replace('CA', path('server.pem'))
    .replace('CERT', path('other.pem'))
    .replace('KEY', path('other.key'));
  whole = await startTestGateway({ cloudUrl, cloudMore: tls === '' ? '' : `, tls: ${files}` });
  expect(whole.said.join('\n')).toContain(why);
});

test('an unencrypted caller of a TLS port gets nothing', async () => {
  whole = await startTestGateway({ server: own() });
  const socket = connect({
    port: whole.gateway.port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  socket.destroy();
  await expect(fetch(`http://127.0.0.1:${whole.gateway.port}/healthz`)).rejects.toThrow();
});
