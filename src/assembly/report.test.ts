import { expect, test } from 'vitest';
import { aRecord } from '../../test/support/record.ts';
import { loadConfig } from '../config/load.ts';
import { upstreamKinds } from '../upstreams/index.ts';
import { memoryLedger } from '../stores/memory/ledger.ts';
import { reportOnLedger } from './report.ts';

const config = loadConfig({ env: {}, kinds: upstreamKinds });

test('all pages of the ledger are read', async () => {
  const ledger = memoryLedger();
  for (let n = 0; n < 250; n++) ledger.append(aRecord({ id: `req_${n}`, atMs: n }));
  const { requests, period } = await reportOnLedger(config, ledger, { sinceMs: 10, untilMs: 240 });
  expect(requests.total).toBe(230);
  expect(period).toMatchObject({ firstMs: 10, lastMs: 239 });
});

test('a store that fails between two pages fails only the report', async () => {
  const failing = {
    list: async ({ cursor }: { cursor?: string }) =>
      cursor === undefined
        ? { records: [aRecord()], next: 'page 2' }
        : await Promise.reject(new Error('the disk is gone')),
  };
  await expect(reportOnLedger(config, failing, { sinceMs: 0, untilMs: Infinity })).rejects.toThrow(
    'the disk is gone',
  );
});
