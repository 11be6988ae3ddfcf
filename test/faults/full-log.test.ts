/** Row E10: the volume of the log is full. `/dev/full` refuses every write as such a volume does. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MAIN, startGateway } from '../support/gateway-process.ts';
import { startMockUpstream } from '../support/mock-upstream.ts';

const REQUESTS = 200;

test('requests are answered, lines are counted, and SIGTERM ends it', async () => {
  const upstream = await startMockUpstream({ models: ['m'] });
  const folder = await mkdtemp(join(tmpdir(), 'smallfirst-'));
  const config = join(folder, 'smallfirst.yaml');
  await writeFile(
    config,
    `store: { kind: memory }\njudge: { deep: off }\nupstreams:\n  - { name: local, kind: openai, locality: local, url: '${upstream.url}', model: m }\n`,
  );
  const gateway = await startGateway(config, {}, [
    'sh',
    '-c',
    'exec "$0" "$@" > /dev/full',
    process.execPath,
    MAIN,
  ]);
  const ask = (): Promise<Response> =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'hello' }] }),
    });
  for (let count = 0; count < REQUESTS; count += 1) expect((await ask()).status).toBe(200);
  const dropped = async (): Promise<number> =>
    Number(
      /^smallfirst_log_lines_dropped_total (\d+)/m.exec(
        await (await fetch(`${gateway.url}/metrics`)).text(),
      )?.[1],
    );
  await expect.poll(dropped).toBeGreaterThan(REQUESTS / 2);
  expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  // What it says comes another way, and maybe later.
  await expect
    .poll(() => gateway.output().match(/The log cannot be written/g) ?? [])
    .toHaveLength(1);
  expect(await gateway.stop()).toBe(0);
  await upstream.close();
  await rm(folder, { recursive: true });
});
