/** Rows F13 and F14 by Debian's `slowhttptest`: thousands of connections that send, or read, as slowly as they can. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway, type GatewayProcess } from '../support/gateway-process.ts';
import { startMockUpstream, type MockUpstream } from '../support/mock-upstream.ts';
import { startProber } from '../support/prober.ts';

let gateway: GatewayProcess;
let upstream: MockUpstream;
let folder: string;
beforeAll(async () => {
  upstream = await startMockUpstream({ models: ['m'], record: false });
  folder = await mkdtemp(join(tmpdir(), 'smallfirst-'));
  const config = join(folder, 'smallfirst.yaml');
  await writeFile(
    config,
    `store: { kind: memory }
log: { level: silent }
judge: { deep: off }
upstreams:
  - { name: local, kind: openai, locality: local, url: '${upstream.url}', model: m }
`,
  );
  gateway = await startGateway(config);
});
afterAll(async () => {
  await gateway.stop();
  await upstream.close();
  await rm(folder, { recursive: true });
});

const chat = (): Promise<number> =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'local/m', messages: [{ role: 'user', content: 'hello' }] }),
  }).then(async (answer) => {
    await answer.text();
    return answer.status;
  });

/** Attacks for 15 s. Resolves to the exit status. */
const attack = (...args: readonly string[]): Promise<number | null> =>
  new Promise((resolve, reject) => {
    const url = `${gateway.url}/v1/chat/completions`;
    spawn('slowhttptest', [...args, '-l', '15', '-p', '10', '-u', url], { stdio: 'ignore' })
      .once('error', reject)
      .once('close', resolve);
  });

test.each([
  ['2,000 slow heads', ['-H', '-c', '2000', '-r', '400', '-i', '5', '-t', 'POST']],
  ['1,000 slow bodies', ['-B', '-c', '1000', '-r', '300', '-i', '5', '-s', '8192']],
  ['500 slow readers', ['-X', '-c', '500', '-r', '200', '-w', '1', '-y', '2', '-n', '5']],
])('%s do not keep others waiting', async (row, args) => {
  const measured = await startProber(gateway.url);
  const attacked = attack(...args);
  for (let count = 0; count < 50; count += 1) expect(await chat()).toBe(200);
  await attacked;
  const { p99, worst, count } = await measured();
  process.stdout.write(`${row}: /healthz p99 ${p99} ms, worst ${worst} ms of ${count}\n`);
  expect(await chat()).toBe(200);
});
