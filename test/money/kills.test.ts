/** A gateway that is killed while it pays: test/slow has fifty rounds of the same. */
import { expect, test } from 'vitest';
import { startGateway } from '../support/gateway-process.ts';
import { ANSWER_NANO_USD } from '../support/paid-cloud.ts';
import { killedUnderLoad, paidWorld, streams } from '../support/paid-kill.ts';

test('no paid call is without its row, and none has two', async () => {
  const world = await paidWorld('budgets: [{ name: all, usd: 1, per: all }]');
  await killedUnderLoad(world, 3);
  const rows = world.rows();
  const byModel = new Map(rows.map((row) => [row.model, row]));
  expect(byModel.size).toBe(rows.length);
  expect(world.asked().filter((model) => !byModel.has(model))).toEqual([]);
  expect(rows.filter(({ state }) => state === 'open')).toEqual([]);
  const unknown = rows.filter(({ state }) => state === 'unknown');
  expect(unknown.length).toBeGreaterThan(0);
  for (const { reserved, used } of unknown) expect(used).toBe(reserved);
  const settled = rows.filter(({ state }) => state === 'settled');
  expect(settled.filter(({ used }) => used === ANSWER_NANO_USD).length).toBeGreaterThan(0);
  // What limits are held against is the sum of the rows.
  expect(world.spent()).toBe(rows.reduce((sum, { used }) => sum + used, 0));
  await world.close();
});

/** Written in a tenth of a second, of the five that a process has after the second signal: on a slow machine too. */
const STREAMS = 50;

test('a second signal cuts off what is under way, and every row is written', async () => {
  const world = await paidWorld('', 1_000);
  const gateway = await startGateway(world.config);
  await streams(gateway, STREAMS);
  const ended = gateway.stop();
  await expect.poll(gateway.output).toContain('again to stop at once');
  process.kill(gateway.pid, 'SIGTERM');
  expect(await ended).toBe(0);
  expect([world.records(), world.rows().length]).toEqual([STREAMS, STREAMS]);
  expect(world.rows().filter(({ state }) => state === 'open')).toEqual([]);
  await world.close();
});
