/** A start that fails: what it says, and that it leaves nothing behind. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/config.ts';
import { upstreamKinds } from '../../src/upstreams/index.ts';
import { fakeUpstream } from '../support/fake-upstream.ts';

const other = createServer();
let port = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a string only for pipes
  port = (other.address() as AddressInfo).port;
});
afterAll(() => void other.close());

const configured = (env: Readonly<Record<string, string>>): Config => ({
  ...loadConfig({ env, kinds: upstreamKinds }),
  store: { kind: 'memory' },
});

test('a busy port is said before a model is looked for', async () => {
  const said: string[] = [];
  const config = configured({ SMALLFIRST_PORT: String(port) });
  const started = startGateway(config, { env: {}, printLine: (line) => said.push(line) });
  await expect(started).rejects.toThrow(
    `Port ${port} is in use on 127.0.0.1. Stop what listens there, or choose another: --port ${port + 1}, SMALLFIRST_PORT=${port + 1}`,
  );
  expect(said).toEqual([]);
});

test('a start that fails later closes the upstreams that it had', async () => {
  const config = { ...configured({ SMALLFIRST_PORT: '0' }), policy: 'no-such-policy' };
  let closed = 0;
  const upstreams = [fakeUpstream('local'), fakeUpstream('cloud')].map((upstream) =>
    Object.assign(upstream, { close: () => Promise.resolve(void (closed += 1)) }),
  );
  await expect(startGateway(config, { env: {}, upstreams })).rejects.toThrow('no-such-policy');
  expect(closed).toBe(2);
});
