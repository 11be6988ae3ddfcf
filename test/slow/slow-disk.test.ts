/** Row F18: the ledger's disk stands still. A lock on its file, held by the test, is a disk that does not answer for as long as it takes. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { startTestGateway } from '../support/gateway-fixture.ts';

const REQUESTS = 100;

test('requests are answered while nothing can be written, and their rows are there afterwards', async () => {
  const whole = await startTestGateway({ store: 'sqlite' });
  const queued = async (): Promise<number> =>
    Number(
      /^smallfirst_ledger_queue (\d+)$/m.exec(
        await (await fetch(`${whole.gateway.url}/metrics`)).text(),
      )?.[1],
    );
  const disk = new DatabaseSync(join(whole.folder, 'state.db'), { timeout: 60_000 });
  disk.exec('BEGIN IMMEDIATE');
  const asked = Array.from({ length: REQUESTS }, async (_, at) => {
    const stream = at % 2 === 0;
    const answer = await whole.chat(`request ${at}`, { model: 'small', stream });
    await answer.text();
    return answer.status;
  });
  expect(new Set(await Promise.all(asked))).toEqual(new Set([200]));
  expect(await queued()).toBe(REQUESTS);
  disk.exec('COMMIT');
  await expect.poll(queued).toBe(0);
  expect(disk.prepare('SELECT count(*) AS n FROM records').get()).toEqual({ n: REQUESTS });
  disk.close();
  await whole.close();
});
