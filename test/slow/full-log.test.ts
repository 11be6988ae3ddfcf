/** Rows F17 and E10: the volume of the log, a megabyte, fills up under load and has room again. `/dev/full`: `test/faults/full-log.test.ts`. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MAIN, startGateway } from '../support/gateway-process.ts';
import { startMockUpstream } from '../support/mock-upstream.ts';
import { fillVolume, isMountable, mountVolume, unmountVolume } from '../support/small-volume.ts';

const REQUESTS = 300;

test.skipIf(!isMountable)(
  'requests are answered, lines are counted, what is written later is written, and SIGTERM ends it',
  async () => {
    const upstream = await startMockUpstream({ models: ['m'], record: false });
    const folder = mkdtempSync(join(tmpdir(), 'smallfirst-log-'));
    const volume = join(folder, 'volume');
    mountVolume(volume, 1);
    try {
      const config = join(folder, 'smallfirst.yaml');
      writeFileSync(
        config,
        `store: { kind: memory }\njudge: { deep: off }\nupstreams:\n  - { name: local, kind: openai, locality: local, url: '${upstream.url}', model: m }\n`,
      );
      const log = join(volume, 'log');
      const gateway = await startGateway(config, { LOG: log }, [
        'sh',
        '-c',
        'exec "$0" "$@" >> "$LOG"',
        process.execPath,
        MAIN,
      ]);
      const ask = async (): Promise<void> => {
        const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'hello' }] }),
        });
        expect(answer.status).toBe(200);
        await answer.text();
      };
      const dropped = async (): Promise<number> =>
        Number(
          /^smallfirst_log_lines_dropped_total (\d+)/m.exec(
            await (await fetch(`${gateway.url}/metrics`)).text(),
          )?.[1],
        );
      const filler = fillVolume(volume, 32_768);
      for (let count = 0; count < REQUESTS; count += 1) await ask();
      await expect.poll(dropped).toBeGreaterThan(0);
      // What it says comes another way, and maybe later.
      await expect
        .poll(() => gateway.output().match(/The log cannot be written/g) ?? [])
        .toHaveLength(1);
      rmSync(filler);
      const lines = (): number => readFileSync(log, 'utf8').split('\n').length;
      const before = lines();
      // Space is looked for every five seconds, when there is something to write.
      await expect
        .poll(
          async () => {
            await ask();
            return lines();
          },
          { interval: 500 },
        )
        .toBeGreaterThan(before + 1);
      const lost = await dropped();
      process.stdout.write(`${lost} of ${REQUESTS} lines were dropped while there was no room\n`);
      await expect.poll(gateway.output).toMatch(/The log is written again/);
      expect(await gateway.stop()).toBe(0);
    } finally {
      unmountVolume(volume);
      await upstream.close();
      rmSync(folder, { recursive: true });
    }
  },
);
