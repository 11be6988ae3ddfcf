/** Row S01: no address that a caller, or an upstream, names is ever connected to. A listener counts connections. */
import { once } from 'node:events';
import { createServer as createHttp, type Server } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const KEY = 'sk-operator-0123456789';
const portOf = (server: { address(): AddressInfo | string | null }): number =>
  (server.address() as AddressInfo).port;

let connections = 0;
/** Of them those that `counted` made. */
let own = 0;
const canary = createServer((socket) => {
  connections += 1;
  socket.on('error', () => {}).destroy();
});
/** What the redirecting upstream is asked to answer with. */
let status = 302;
const redirecting: Server = createHttp((incoming, outgoing) => {
  incoming.resume().on('end', () => {
    if (incoming.method === 'GET' && incoming.url === '/v1/models')
      return void outgoing
        .setHeader('content-type', 'application/json')
        .end('{"data":[{"id":"m"}]}');
    outgoing.writeHead(status, {
      location: `http://127.0.0.1:${portOf(canary)}/v1/chat/completions`,
      refresh: `0; url=http://127.0.0.1:${portOf(canary)}/`,
      link: `<http://127.0.0.1:${portOf(canary)}/>; rel=preload`,
      'content-location': `http://127.0.0.1:${portOf(canary)}/`,
    });
    outgoing.end();
  });
});

let whole: WholeGateway;
beforeAll(async () => {
  for (const server of [canary, redirecting])
    await once(server.listen(0, '127.0.0.1'), 'listening');
  whole = await startTestGateway({
    cloudMore: ", apiKey: '${CLOUD_KEY}'",
    env: { CLOUD_KEY: KEY },
    config: `  - { name: away, kind: openai, locality: cloud, url: 'http://127.0.0.1:${portOf(redirecting)}/v1', model: m }`,
  });
  connections = 0;
});
afterAll(async () => {
  await whole.close();
  canary.close();
  redirecting.close();
});

const address = (): string => `http://127.0.0.1:${portOf(canary)}`;

/** Names under which other gateways and clients take an address, a proxy or a host. */
const MEMBERS =
  'api_base apiBase base_url baseUrl baseURL url uri endpoint host hostname proxy proxy_url http_proxy https_proxy azure_endpoint api_host apiHost custom_host customHost server target upstream upstream_url webhook webhook_url callback callback_url success_callback notify_url redirect redirect_uri location origin region_url api_url model_url fetch_url remote_url litellm_params provider_url';
const HEADERS =
  'x-portkey-custom-host x-custom-host x-base-url x-api-base x-api-base-url openai-base-url openai-api-base x-forwarded-host x-forwarded-server x-forwarded-proto x-original-url x-rewrite-url x-host x-upstream x-upstream-url x-target-url x-proxy-url x-http-host-override x-smallfirst-upstream x-smallfirst-url forwarded proxy via referer origin-url x-azure-endpoint helicone-openai-api-base helicone-target-url cf-connecting-url location destination';
const QUERIES = 'api_base base_url url endpoint host proxy target upstream callback redirect';
const ROUTES: readonly (readonly [path: string, body: object])[] = [
  ['/v1/chat/completions', { model: 'cloud/gpt-4o', messages: [{ role: 'user', content: 'hi' }] }],
  ['/v1/responses', { model: 'cloud/gpt-4o', input: 'hi' }],
  ['/v1/embeddings', { model: 'cloud/text-embedding-3-small', input: 'hi' }],
];

/** A server whose connections are still on their way would not have counted them. */
async function counted(): Promise<number> {
  const before = connections - own;
  const socket = connect(portOf(canary), '127.0.0.1');
  await once(socket, 'close');
  expect(connections - own).toBeGreaterThan(before);
  own += 1;
  return before;
}

const send = async (path: string, body: object, headers = {}): Promise<void> => {
  await (await whole.post(path, body, { headers })).text();
};

/** Each by itself, since one that is refused would hide the others. */
test('members, headers and queries that name an address', async () => {
  const [path, body] = ROUTES[0]!;
  for (const name of MEMBERS.split(' '))
    await send(path, { ...body, [name]: address(), extra_body: { [name]: address() } });
  for (const name of HEADERS.split(' ')) await send(path, body, { [name]: address() });
  for (const name of QUERIES.split(' '))
    await send(`${path}?${name}=${encodeURIComponent(address())}`, body);
  expect(await counted()).toBe(0);
});

const all = (names: string): Record<string, string> =>
  Object.fromEntries(names.split(' ').map((name) => [name, address()]));

test.each(ROUTES)('all of them at once on %s', async (path, body) => {
  await send(path, { ...body, ...all(MEMBERS), metadata: all(MEMBERS) });
  await send(path, body, all(HEADERS));
  await send(`${path}?${new URLSearchParams(all(QUERIES)).toString()}`, body);
  expect(await counted()).toBe(0);
});

test('models, pictures and files that are addresses', async () => {
  const [path, body] = ROUTES[0]!;
  for (const model of [address(), `cloud/${address()}`, `${address()}/m`, `openai@${address()}`])
    await send(path, { ...body, model });
  const parts = [
    { type: 'image_url', image_url: { url: `${address()}/a.png` } },
    { type: 'file', file: { file_data: `${address()}/a.pdf` } },
    { type: 'input_audio', input_audio: { data: `${address()}/a.wav`, format: 'wav' } },
  ];
  for (const part of parts)
    await send(path, { ...body, messages: [{ role: 'user', content: [part] }] });
  expect(await counted()).toBe(0);
});

test.each([
  ['an absolute target', (to: string) => `POST ${to}/v1/chat/completions HTTP/1.1\r\nHost: x`],
  ['another Host', (to: string) => `POST /v1/chat/completions HTTP/1.1\r\nHost: ${to.slice(7)}`],
  [
    'a target without a scheme',
    (to: string) => `POST //${to.slice(7)}/v1/chat/completions HTTP/1.1\r\nHost: x`,
  ],
  ['CONNECT', (to: string) => `CONNECT ${to.slice(7)} HTTP/1.1\r\nHost: ${to.slice(7)}`],
])('%s in the request line', async (_, head) => {
  const body = JSON.stringify(ROUTES[0]![1]);
  const socket = connect(whole.gateway.port, '127.0.0.1');
  socket.on('error', () => {}).resume();
  socket.end(
    `${head(address())}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await once(socket, 'close');
  expect(await counted()).toBe(0);
});

test.each([301, 302, 303, 307, 308])(
  'a redirect of an upstream (%i) is not followed',
  async (code) => {
    status = code;
    const answer = await whole.chat('hi', { model: 'away/m' });
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(await answer.text()).not.toContain(String(portOf(canary)));
    expect(await counted()).toBe(0);
  },
);
