/** A running gateway whose certificate is replaced: new connections get the new one, an answer under way goes on. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import { selfSigned } from '../support/self-signed.ts';
import { startTestGateway } from '../support/gateway-fixture.ts';

/** What a new connection is shown. */
async function served(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

test('the files are read again without a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'smallfirst-certificate-'));
  const [before, after] = [selfSigned('localhost'), selfSigned('localhost')];
  const path = (name: string): string => join(folder, name);
  writeFileSync(path('live.pem'), before.cert);
  writeFileSync(path('live.key'), before.key);
  const whole = await startTestGateway({
    server: `, tls: { cert: ${path('live.pem')}, key: ${path('live.key')} }`,
  });
  const { port, url } = whole.gateway;
  const first = await served(port);
  // Under way: the events of the page never end by themselves.
  const events = get(`${url}/admin/events`, { rejectUnauthorized: false });
  const [stream] = (await once(events, 'response')) as [{ resume(): void; complete: boolean }];
  stream.resume();
  writeFileSync(path('live.pem'), after.cert);
  writeFileSync(path('live.key'), after.key);
  await expect.poll(() => served(port)).not.toBe(first);
  expect(stream.complete).toBe(false);
  events.destroy();
  await whole.close();
  rmSync(folder, { recursive: true });
});
