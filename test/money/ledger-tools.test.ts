/** What is done to a ledger beside the gateway that writes it. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { readBill } from '../../src/analysis/bill.ts';
import { openLedgerTools } from '../../src/offline.ts';
import { reportBooks } from '../../src/commands/report-books.ts';
import { loadConfig } from '../../src/config/load.ts';
import { upstreamKinds } from '../../src/upstreams/index.ts';
import { reconcileWith } from '../../src/commands/ledger/reconcile.ts';
import { openBudgetStore, openPolicyStore } from '../../src/stores/open.ts';
import { startGateway, type GatewayProcess } from '../support/gateway-process.ts';
import { ANSWER_NANO_USD } from '../support/paid-cloud.ts';
import { killedUnderLoad, paidWorld, type PaidWorld } from '../support/paid-kill.ts';

const act = { who: 'ana', note: '', atMs: Date.now() };
const storeOf = ({ config }: PaidWorld) =>
  ({ kind: 'sqlite', path: join(dirname(config), 'state.db') }) as const;

const ask = async ({ url }: GatewayProcess, model = 'cloud/m'): Promise<void> => {
  const done = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }], max_tokens: 20 }),
  });
  await done.text();
};

/** What the stand-in would charge: each call that reached it is answered in full there. */
function billOf(world: PaidWorld): string {
  const day = new Date().toISOString().slice(0, 10);
  const lines = world.asked().map((model) => `${day},${model},${ANSWER_NANO_USD / 1e9}`);
  return ['day,model,usd', ...lines].join('\n');
}

test('after kills under load the bill closes every unknown row, and differs by 0 nano-USD', async () => {
  const world = await paidWorld('budgets: [{ name: all, usd: 1, per: all }]');
  await killedUnderLoad(world, 2);
  expect(world.rows().filter(({ state }) => state === 'unknown').length).toBeGreaterThan(0);
  const ledger = openLedgerTools(storeOf(world));
  const how = { act, file: 'bill.csv', upstream: 'cloud', isTodayWhole: true, isDry: false };
  const bill = readBill(billOf(world));
  const dry = await reconcileWith(ledger, bill, { ...how, isDry: true });
  expect(dry.closed).toBe(0);
  const found = await reconcileWith(ledger, bill, how);
  expect(found.differenceNanoUsd).toBe(0);
  expect(found.days.filter(({ differenceNanoUsd }) => differenceNanoUsd !== 0)).toEqual([]);
  expect(world.rows().filter(({ state }) => state === 'unknown')).toEqual([]);
  // What budgets count, the rows and the bill are one sum.
  const used = world.rows().reduce((sum, row) => sum + row.used, 0);
  expect(used).toBe(world.asked().length * ANSWER_NANO_USD);
  expect(world.spent()).toBe(used);
  expect((await reconcileWith(ledger, bill, how)).closed).toBe(0);
  await ledger.end();
  const policies = openPolicyStore(storeOf(world));
  expect(await policies.audit()).toContainEqual(
    expect.objectContaining({
      event: 'ledger_reconciled',
      who: 'ana',
      detail: expect.stringContaining('bill.csv'),
    }),
  );
  await policies.close();
  await world.close();
});

test('the report by key adds up to what the upstream was asked for, also of what was pruned', async () => {
  const world = await paidWorld();
  const gateway = await startGateway(world.config);
  for (let time = 0; time < 3; time += 1) await ask(gateway);
  await gateway.stop();
  const config = loadConfig({ file: world.config, env: {}, kinds: upstreamKinds });
  const span = { sinceMs: Date.now() - 86_400_000, untilMs: Date.now() + 1 };
  const told = async (by: string) => await reportBooks(config, { by, csv: true }, span);
  const head = 'requests,calls,owed_usd,unknown_usd,charged_usd,gap_usd';
  const usd = `0.000${String(3 * ANSWER_NANO_USD)}`;
  expect(await told('key')).toBe(
    `from,key,${head}\n,open,3,3,${usd},0.000000000,${usd},0.000000000`,
  );
  expect(await told('model')).toContain(`\n,m,3,3,${usd},`);
  await expect(told('colour')).rejects.toThrow(
    '--by is "colour"; write key, team, model, upstream',
  );
  const ledger = openLedgerTools(storeOf(world));
  await ledger.prune(Date.now() + 1, act);
  await ledger.end();
  const whole = { ...span, sinceMs: 0 };
  expect(await reportBooks(config, { by: 'key', csv: true }, whole)).toContain(`,open,0,3,${usd},`);
  await world.close();
});

test('a copy made while the gateway writes is whole, and another is not put over it', async () => {
  const world = await paidWorld();
  const gateway = await startGateway(world.config);
  const asking = Promise.all(Array.from({ length: 50 }, () => ask(gateway)));
  const ledger = openLedgerTools(storeOf(world));
  const copy = join(dirname(world.config), 'copy.db');
  await ledger.backup(copy);
  await asking;
  await expect(ledger.backup(copy)).rejects.toThrow('exists already');
  // Of the copy's place, not of the store, which is well.
  const nowhere = join(dirname(world.config), 'no-folder', 'copy.db');
  await expect(ledger.backup(nowhere)).rejects.toMatchObject({ code: 'ENOENT', path: nowhere });
  await gateway.stop();
  expect(await ledger.check()).toMatchObject({ problems: [], attempts: 50, open: 0, records: 50 });
  await ledger.end();
  const copied = openLedgerTools({ kind: 'sqlite', path: copy });
  expect((await copied.check()).problems).toEqual([]);
  await copied.end();
  await world.close();
});

test('what is pruned is gone, its sums stay, and a budget set later counts them', async () => {
  const world = await paidWorld();
  const gateway = await startGateway(world.config);
  for (let time = 0; time < 3; time += 1) await ask(gateway);
  await gateway.stop();
  const ledger = openLedgerTools(storeOf(world));
  expect(await ledger.prune(Date.now() - 3_600_000, act)).toEqual({ records: 0, attempts: 0 });
  expect(await ledger.prune(Date.now() + 1, act)).toEqual({ records: 3, attempts: 3 });
  expect(await ledger.check()).toMatchObject({ problems: [], records: 0, attempts: 0 });
  await ledger.end();
  const { budgets, spending } = openBudgetStore(storeOf(world));
  const account = { key: 'k', scope: { kind: 'gateway' }, startMs: 0, endMs: Infinity } as const;
  expect((await spending.of(account)).spentNanoUsd).toBe(3 * ANSWER_NANO_USD);
  await budgets.close();
  await world.close();
});

test('without a ledger there is nothing to do, and no file is made', () => {
  const path = '/tmp/smallfirst-no-such-folder/state.db';
  expect(() => openLedgerTools({ kind: 'sqlite', path })).toThrow('There is no ledger');
  expect(existsSync(path)).toBe(false);
});
