/** The whole gateway where the cloud is behind a proxy, or closes the connections that were kept to it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
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
  const gateway = await startTestGateway(setup);
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

test('a cloud that closes each kept connection answers every request, and stays well', async () => {
  const used = new Set<Socket>();
  let cut = 0;
  const cloud = createServer((request, response) => {
    request.resume().once('end', () => {
      if (used.has(request.socket)) {
        cut += 1;
        request.socket.destroy();
        return;
      }
      used.add(request.socket);
      response.setHeader('content-type', 'application/json').end(ANSWER);
    });
  });
  const whole = await started({ cloudUrl: `http://127.0.0.1:${await portOf(cloud)}/v1` });
  for (let turn = 0; turn < 6; turn += 1) {
    const answer = await whole.chat(HARD);
    expect(answer.headers.get('x-smallfirst-upstream')).toBe('cloud');
    expect(answer.headers.get('x-smallfirst-degraded')).toBeNull();
    const { attempts } = await whole.record(answer);
    expect(attempts).toMatchObject([{ outcome: 'ok' }]);
  }
  expect(cut).toBeGreaterThan(2);
});
