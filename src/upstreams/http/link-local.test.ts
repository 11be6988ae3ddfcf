/** At each connection, whatever the name stood for before: over the way of plain HTTP and that of TLS. */
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { failure, hi, send, whole } from '../../../test/support/ask-upstream.ts';
import { openaiHarness } from '../../../test/support/openai-harness.ts';

const { serverOf, upstreamAt } = openaiHarness();

let addresses: readonly string[] = [];
let lookUps = 0;
type Found = (error: null, found: readonly dns.LookupAddress[]) => void;

/** Not by a mock of the module: others of the same process may have imported it. */
const system = dns.lookup;
beforeAll(() => {
  dns.lookup = ((host: string, options: object, found: Found): void => {
    // Who listens looks its address up, too.
    if (!host.endsWith('.test')) {
      (system as (...given: unknown[]) => void)(host, options, found);
      return;
    }
    lookUps += 1;
    const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    process.nextTick(found, null, all);
  }) as typeof dns.lookup;
  syncBuiltinESMExports();
});
afterAll(() => {
  dns.lookup = system;
  syncBuiltinESMExports();
});
beforeEach(() => {
  lookUps = 0;
});

const ANSWER = JSON.stringify({
  object: 'chat.completion',
  choices: [{ index: 0, message: { content: 'Hi' }, finish_reason: 'stop' }],
});

test.each([
  [['169.254.169.254']],
  [['169.254.0.1']],
  [['::ffff:169.254.169.254']],
  [['::ffff:a9fe:a9fe']],
  [['fe80::1']],
  [['fe80::1%eth0']],
  [['fd00:ec2::254']],
  [['100.100.100.200']],
  [['127.0.0.1', '169.254.169.254']],
])('a name that stands for %j now is not connected to', async (now) => {
  let asked = 0;
  const url = await serverOf((_request, response) => {
    asked += 1;
    response.setHeader('connection', 'close').setHeader('content-type', 'application/json');
    response.end(ANSWER);
  });
  const named = new URL(url);
  named.hostname = 'rebinds.test';
  addresses = ['127.0.0.1'];
  const upstream = upstreamAt(named.href);
  await whole(upstream, hi());
  addresses = now;
  const refused = await failure(send(upstream, hi()));
  expect([refused.attemptCause, asked]).toEqual(['unreachable', 1]);
  expect(refused.message).toContain('stands for a link-local address');
  const overTls = await failure(send(upstreamAt('https://rebinds.test/v1'), hi()));
  expect(overTls.attemptCause).toBe('unreachable');
  expect(overTls.message).toContain('stands for a link-local address');
  expect(lookUps).toBe(3);
});

test('of a name with a dead address first the second answers', async () => {
  const url = await serverOf((_request, response) => {
    response.setHeader('content-type', 'application/json').end(ANSWER);
  });
  const named = new URL(url);
  named.hostname = 'two.test';
  // Nobody listens there: the server is on 127.0.0.1.
  addresses = ['127.0.0.77', '127.0.0.1'];
  await whole(upstreamAt(named.href), hi());
  expect(lookUps).toBe(1);
});
