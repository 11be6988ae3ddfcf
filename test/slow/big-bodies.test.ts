/** Rows F25, E1 and E2: how long others wait while one body, or one answer, of up to 31 MB is served. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bigBodies, startBigUpstream, type BigUpstream } from '../support/big-bodies.ts';
import { startGateway, type GatewayProcess } from '../support/gateway-process.ts';
import { startProber } from '../support/prober.ts';

/** 50 is aimed at, and printed; this guards against what stops everybody, on a machine that is slow and busy too. */
const MOST_WAIT_MS = 10_000;

let gateway: GatewayProcess;
let upstream: BigUpstream;
let folder: string;
beforeAll(async () => {
  upstream = await startBigUpstream();
  folder = await mkdtemp(join(tmpdir(), 'smallfirst-'));
  const config = join(folder, 'smallfirst.yaml');
  await writeFile(
    config,
    `store: { kind: memory }
log: { level: silent }
upstreams:
  - { name: local, kind: openai, locality: local, url: '${upstream.url}', model: m, capabilities: [chat, text_completion, embeddings, tools, vision, image_url, files, json_object, json_schema] }
`,
  );
  gateway = await startGateway(config, { NODE_OPTIONS: '--max-semi-space-size=16' });
});
afterAll(async () => {
  await gateway.stop();
  upstream.close();
  await rm(folder, { recursive: true });
});

test.each(Object.keys(bigBodies))('%s keeps nobody waiting', async (name) => {
  const { path, bytes, encoding } = bigBodies[name]!();
  const ask = async (): Promise<number> => {
    const answer = await fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(encoding && { 'content-encoding': encoding }),
      },
      body: bytes,
    });
    for await (const _ of answer.body ?? []);
    return answer.status;
  };
  const measured = await startProber(gateway.url);
  const fromMs = performance.now();
  const status = await ask();
  const tookMs = Math.round(performance.now() - fromMs);
  const { p50, p99, worst, count } = await measured();
  process.stdout.write(
    `${name}: ${status} in ${tookMs} ms; /healthz p50 ${p50} ms, p99 ${p99} ms, worst ${worst} ms of ${count}\n`,
  );
  expect(status).toBe(name === 'no JSON' ? 400 : 200);
  expect(worst).toBeLessThan(MOST_WAIT_MS);
});
