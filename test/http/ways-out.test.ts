/** The whole gateway where the cloud is behind a proxy, or closes the connections that were kept to it. */
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { selfSigned } from '../support/self-signed.ts';
import { HARD, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const servers: Server[] = [];
const gateways: WholeGateway[] = [];
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.close();
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function portOf(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  // `address()` is a string only for pipes.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return (server.address() as AddressInfo).port;
}

const ANSWER = JSON.stringify({
  id: 'c1',
  object: 'chat.completion',
  model: 'gpt-4o',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop' }],
});

async function started(setup: Parameters<typeof startTestGateway>[0]): Promise<WholeGateway> {
  // Whoever connects, listens and tunnels is this one process, which a busy machine may keep from it for seconds.
  const upstream = ', timeouts: { connectMs: 60000 }';
  const gateway = await startTestGateway({ upstream, ...setup });
  gateways.push(gateway);
  return gateway;
}

test('the proxy of the environment is used for the cloud alone, and said without its password', async () => {
  const asked: (string | undefined)[] = [];
  const proxy = createServer((request, response) => {
    asked.push(request.url);
    response.setHeader('content-type', 'application/json').end(ANSWER);
  });
  const host = `127.0.0.1:${await portOf(proxy)}`;
  const whole = await started({
    cloudUrl: 'http://models.corp.invalid/v1',
    env: { http_proxy: `http://ann:s3cret@${host}` },
  });
  const answer = await whole.chat(HARD);
  expect(answer.headers.get('x-smallfirst-upstream')).toBe('cloud');
  expect(asked).toContain('http://models.corp.invalid/v1/chat/completions');
  expect((await whole.chat('hi', { model: 'small' })).status).toBe(200);
  expect(asked.every((url) => url?.startsWith('http://models.corp.invalid/'))).toBe(true);
  expect(whole.said).toContain(`'cloud' is reached through the proxy ${host} (http_proxy).`);
  expect(whole.said.join()).not.toContain('s3cret');
});

/** A proxy that tunnels to `port` whatever is asked, and lists what that was. */
async function tunnelTo(
  port: number,
): Promise<{ readonly host: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const proxy = createServer().on('connect', (request, socket: Socket) => {
    asked.push(request.url ?? '');
    const through = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      through.pipe(socket).pipe(through);
    });
    for (const end of [socket, through])
      end.on('error', () => {
        socket.destroy();
        through.destroy();
      });
  });
  return { host: `127.0.0.1:${await portOf(proxy)}`, asked };
}

describe('over TLS, through the tunnel of a proxy', () => {
  const CLOUD = 'models.corp.invalid';
  const trusted = getCACertificates('default');
  const certificate = selfSigned(CLOUD);
  let cloudPort: number;
  beforeEach(async () => {
    setDefaultCACertificates([...trusted, certificate.cert]);
    cloudPort = await portOf(
      createTlsServer(certificate, (request, response) => {
        request.resume();
        response.setHeader('content-type', 'application/json').end(ANSWER);
      }),
    );
  });
  afterEach(() => setDefaultCACertificates(trusted));

  test.each([
    { by: 'the environment', env: 'https_proxy' },
    { by: '`proxy` of the upstream', env: undefined },
  ])('the cloud is reached by $by', async ({ env }) => {
    const { host, asked } = await tunnelTo(cloudPort);
    const whole = await started({
      cloudUrl: `https://${CLOUD}/v1`,
      ...(env === undefined
        ? { cloudMore: `, proxy: "http://${host}"` }
        : { env: { [env]: `http://${host}` } }),
    });
    const answer = await whole.chat(HARD);
    expect(answer.headers.get('x-smallfirst-upstream')).toBe('cloud');
    expect(new Set(asked)).toEqual(new Set([`${CLOUD}:443`]));
    expect(whole.said.join('\n')).toContain(`'cloud' is reached through the proxy ${host} (`);
  });

  test('a proxy of its own comes before the environment’s, and `none` is none', async () => {
    const [own, other] = [await tunnelTo(cloudPort), await tunnelTo(cloudPort)];
    const env = { https_proxy: `http://${other.host}` };
    const cloudUrl = `https://${CLOUD}/v1`;
    const whole = await started({ cloudUrl, env, cloudMore: `, proxy: "http://${own.host}"` });
    await whole.chat(HARD);
    expect([own.asked.length > 0, other.asked.length]).toEqual([true, 0]);
    const direct = await started({ cloudUrl, env, cloudMore: ', proxy: none' });
    expect((await direct.chat(HARD)).headers.get('x-smallfirst-upstream')).toBe('local');
    expect(other.asked).toEqual([]);
  });

  test('a certificate that is not trusted is refused, tunnel or not', async () => {
    setDefaultCACertificates(trusted);
    const { host } = await tunnelTo(cloudPort);
    const env = { https_proxy: `http://${host}` };
    const whole = await started({ cloudUrl: `https://${CLOUD}/v1`, env });
    const answer = await whole.chat(HARD);
    expect(answer.headers.get('x-smallfirst-upstream')).toBe('local');
    // The one that asks at the start whether it is there may say it.
    await expect
      .poll(() => whole.said.join('\n'))
      .toMatch(/'cloud' is down: its certificate is not trusted here/);
    const pinned = await whole.chat(HARD, { model: 'cloud/gpt-4o' });
    expect(await pinned.text()).toContain('NODE_EXTRA_CA_CERTS');
  });
});

test('a cloud that closes each kept connection answers every request, and stays well', async () => {
  let closed = Promise.resolve();
  let cut = 0;
  const cloud = createServer((request, response) => {
    const { socket } = request;
    request.resume();
    response.setHeader('content-type', 'application/json').end(ANSWER, () => {
      if (request.method !== 'POST') return;
      // Once the gateway has closed its side too.
      closed = new Promise((resolve) => void socket.once('close', resolve));
      socket.end();
      cut += 1;
    });
  });
  const whole = await started({ cloudUrl: `http://127.0.0.1:${await portOf(cloud)}/v1` });
  for (let turn = 0; turn < 6; turn += 1) {
    const answer = await whole.chat(HARD);
    expect(answer.headers.get('x-smallfirst-upstream')).toBe('cloud');
    expect(answer.headers.get('x-smallfirst-degraded')).toBeNull();
    const { attempts } = await whole.record(answer);
    expect(attempts).toMatchObject([{ outcome: 'ok' }]);
    await closed;
  }
  expect(cut).toBe(6);
});

test('a cloud that may have read a request is not asked twice: what is free answers', async () => {
  const used = new Set<Socket>();
  let read = 0;
  const cloud = createServer((request, response) => {
    request.resume().once('end', () => {
      if (request.method === 'POST') read += 1;
      if (used.has(request.socket)) return void request.socket.destroy();
      used.add(request.socket);
      response.setHeader('content-type', 'application/json').end(ANSWER);
    });
  });
  // However long the second request takes to come, it finds the first one's connection.
  cloud.keepAliveTimeout = 0;
  const whole = await started({ cloudUrl: `http://127.0.0.1:${await portOf(cloud)}/v1` });
  const answers = [await whole.chat(HARD), await whole.chat(HARD)];
  expect(answers.map(({ headers }) => headers.get('x-smallfirst-upstream'))).toContain('local');
  const records = await Promise.all(answers.map((answer) => whole.record(answer)));
  const asked = records.flatMap(({ attempts }) => attempts.map(({ upstream }) => upstream));
  expect(asked.filter((upstream) => upstream === 'cloud')).toHaveLength(read);
});
