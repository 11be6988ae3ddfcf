/** What was compiled for requests is still there after a pause: V8 says what it does (`--trace-gc`, `--trace-deopt`), and that is counted. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startGateway } from '../support/gateway-process.ts';
import { startMockUpstream } from '../support/mock-upstream.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Enough for V8 to optimise some hundred functions. */
const REQUESTS = 4000;
const AT_ONCE = 16;
/** Where V8 collects to save memory it lets go of 325; a few may go in any collection. */
const MOST_LET_GO = 60;

test('a pause in which V8 collects does not cost the optimised code', async () => {
  execFileSync(process.execPath, [join(ROOT, 'deploy/package/build.ts'), '--if-older']);
  const upstream = await startMockUpstream({ models: ['m'], record: false });
  const folder = mkdtempSync(join(tmpdir(), 'smallfirst-pause-'));
  const config = join(folder, 'smallfirst.yaml');
  writeFileSync(
    config,
    `store: { kind: memory }\nlog: { level: silent }\njudge: { deep: off }\nupstreams:\n  - { name: local, kind: openai, locality: local, url: '${upstream.url}', model: m }\n`,
  );
  const trace = join(folder, 'trace');
  const gateway = await startGateway(config, {}, [
    'sh',
    '-c',
    `exec "$0" "$@" > '${trace}'`,
    process.execPath,
    '--trace-gc',
    '--trace-deopt',
    join(ROOT, 'dist/main.js'),
  ]);
  const said = () => readFileSync(trace, 'latin1');
  const collections = () => said().split('Mark-Compact').length;
  const letGo = () => said().split('embedded weak objects cleared').length;

  await askMany(gateway.url);
  const before = { collections: collections(), letGo: letGo() };
  expect(said(), 'what V8 says of code that it made').toContain('deoptimiz');
  // At the latest 100 seconds after the last one: of that V8 lets nobody choose anything.
  await expect.poll(collections, { interval: 500 }).toBeGreaterThan(before.collections);
  expect(letGo() - before.letGo).toBeLessThan(MOST_LET_GO);

  await gateway.stop();
  await upstream.close();
  rmSync(folder, { recursive: true });
});

async function askMany(url: string): Promise<void> {
  let left = REQUESTS;
  const one = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const answer = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'auto',
          messages: [{ role: 'user', content: `Where is my order ${left}? It should have come.` }],
        }),
      });
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}
