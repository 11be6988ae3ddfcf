/** The routes that do not go through the router keep what it did around them. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { requestListener } from '../../src/http/listener.ts';
import type { HttpParts } from '../../src/http/parts.ts';
import { listen } from '../../src/http/server.ts';
import { startTestGateway } from '../support/gateway-fixture.ts';

const AT_ONCE = { graceMs: 0, acceptMs: 0, idle: Promise.resolve(), endAll: () => {} };

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

async function started(config: string) {
  const whole = await startTestGateway({ config, env: { KEY: 'secret' } });
  open.push(whole.close);
  return whole;
}

test('a fault before a request is read is a 500 with a record, readable by another origin', async () => {
  const rejected: unknown[] = [];
  const faults: unknown[] = [];
  let ids = 0;
  // Only what is used until the fault.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const parts = {
    auth: { requireHost: () => {} },
    corsOrigins: ['https://app.example'],
    newId: () => {
      ids += 1;
      if (ids === 1) throw new Error('no entropy');
      return `req_${ids}`;
    },
    epochMs: () => 0,
    nowMs: () => 0,
    isDraining: () => false,
    stateDeadline: () => undefined,
    gateway: { reject: (_: unknown, error: unknown) => rejected.push(error) },
    reportBug: (error: unknown) => faults.push(error),
  } as unknown as HttpParts;
  const listening = await listen(requestListener(parts), { host: '127.0.0.1', port: 0 });
  open.push(() => listening.close(AT_ONCE));
  const answer = await fetch(`${listening.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { origin: 'https://app.example' },
    body: '{}',
  });
  expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example');
  expect([answer.status, answer.headers.get('x-request-id')]).toEqual([500, 'req_2']);
  expect([faults, rejected]).toEqual([[new Error('no entropy')], [new Error('no entropy')]]);
});

test('the first requests for the router are answered, all that come while it is loaded', async () => {
  const { gateway } = await started('auth: { mode: open }');
  const paths = ['/healthz', '/v1/models', '/openapi.json', '/v1/models', '/nowhere'];
  const answers = await Promise.all(paths.map((path) => fetch(`${gateway.url}${path}`)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 404]);
  const head = await fetch(`${gateway.url}/healthz`, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
  expect(await (await fetch(`${gateway.url}/healthz?verbose`)).json()).toEqual({ status: 'ok' });
});

test('a body that does not end after its refusal is cut off', async () => {
  const whole = await started("auth: { mode: keys, keys: [{ name: ann, key: '${KEY}' }] }");
  const socket = connect(whole.gateway.port, '127.0.0.1');
  const head =
    'POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked';
  socket.write(`${head}\r\n\r\n4\r\n{"a"\r\n`);
  let got = '';
  socket.on('data', (chunk: Buffer) => (got += chunk.toString()));
  await once(socket, 'close');
  expect(got).toMatch(/^HTTP\/1\.1 401 /);
});
