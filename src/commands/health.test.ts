import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startTestGateway } from '../../test/support/gateway-fixture.ts';
import { healthAt, reachable } from './health.ts';

async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a string only for pipes
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a running gateway is alive and ready', async () => {
  const whole = await startTestGateway();
  onTestFinished(() => whole.close());
  expect(await healthAt(`${whole.gateway.url}/healthz`, 5000)).toContain('"status":"ok"');
  expect(await healthAt(`${whole.gateway.url}/readyz`, 5000)).toContain('"status":"ready"');
});

test('one that is not ready is a failure, with what it says', async () => {
  const url = await answering((_, response) => {
    response.writeHead(503).end('{"status":"not ready","detail":"shutting down"}');
  });
  await expect(healthAt(url, 5000)).rejects.toThrow(/answers 503: .*shutting down/);
});

test('one that is not there is said to be so', async () => {
  await expect(healthAt('http://127.0.0.1:1', 5000)).rejects.toThrow(
    /ECONNREFUSED.*not running, or has another address/,
  );
});

test('one that never answers is given up', async () => {
  const url = await answering(() => undefined);
  await expect(healthAt(url, 50)).rejects.toThrow('did not answer within 0.05 s.');
});

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['0.0.0.0', '127.0.0.1'],
  ['::', '[::1]'],
  ['[::]', '[::1]'],
  ['::1', '[::1]'],
  ['gateway.example', 'gateway.example'],
])('a gateway on %s is asked at %s', (host, asked) => {
  expect(reachable(host)).toBe(asked);
});
