/** Row F24: large bodies at a gateway whose memory the kernel bounds (control groups), with no flag for its heap. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startGateway } from '../support/gateway-process.ts';
import { memoryCage } from '../support/memory-cage.ts';
import { startMockUpstream } from '../support/mock-upstream.ts';

const ROOT = join(import.meta.dirname, '../..');
const MB = 1e6;
/** Of 256 MB it takes 205 to 253: at that edge a test would fail by chance. */
const CAGE_MB = 300;

const cage = memoryCage(CAGE_MB * MB);
if (cage === undefined) process.stderr.write('SKIPPED: nobody here may make a control group\n');

test.skipIf(cage === undefined)(
  'twenty bodies of 20 MB are answered or refused, and it is not killed',
  async () => {
    // As users run it: sources take 40 MB more.
    execFileSync(process.execPath, [join(ROOT, 'deploy/package/build.ts'), '--if-older']);
    const upstream = await startMockUpstream({ models: ['m'], record: false });
    const folder = mkdtempSync(join(tmpdir(), 'smallfirst-cage-'));
    const config = join(folder, 'smallfirst.yaml');
    writeFileSync(
      config,
      `store: { kind: memory }\nlog: { level: silent }\njudge: { deep: off }\nupstreams:\n  - { name: local, kind: openai, locality: local, url: '${upstream.url}', model: m }\n`,
    );
    const gateway = await startGateway(config, { MALLOC_MMAP_THRESHOLD_: '32768' }, [
      'sh',
      '-c',
      `${cage?.enter ?? ''}; exec "$0" "$@"`,
      process.execPath,
      join(ROOT, 'dist/main.js'),
    ]);
    const body = JSON.stringify({
      model: 'local/m',
      messages: [{ role: 'user', content: 'word '.repeat((20 * MB) / 5) }],
    });
    const ask = (sent: string): Promise<number> =>
      fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: sent,
      }).then(
        async (answer) => {
          await answer.arrayBuffer();
          return answer.status;
        },
        // The connection of a refused upload is closed while it is still being written.
        () => 0,
      );
    const statuses = new Set(await Promise.all(Array.from({ length: 20 }, () => ask(body))));
    for (const status of statuses) expect([0, 200, 408, 413, 503]).toContain(status);
    const small = JSON.stringify({ model: 'local/m', messages: [{ role: 'user', content: 'hi' }] });
    expect(await ask(small)).toBe(200);
    const peak = cage?.peak() ?? 0;
    process.stdout.write(
      `20 bodies of 20 MB in ${CAGE_MB} MB: ${[...statuses].join(', ')}; peak ${Math.round(peak / MB)} MB\n`,
    );
    expect(await gateway.stop()).toBe(0);
    cage?.close();
    await upstream.close();
    rmSync(folder, { recursive: true });
  },
);
