/** The ledgers of one machine; that in Postgres is in `test/slow/postgres-stores.test.ts`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import type { Ledger } from '../../src/core/store.ts';
import { memoryLedger } from '../../src/stores/memory/ledger.ts';
import { sqliteLedger } from '../../src/stores/sqlite/ledger.ts';
import { ledgerContract } from '../support/ledger-contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const nowMs = (): number => performance.now();

const KINDS: Readonly<Record<string, () => Promise<Ledger>>> = {
  memory: async () => memoryLedger(),
  sqlite: async () => await sqliteLedger({ path: join(folder, 'new', `${files++}.db`), nowMs }),
};

describe.each(Object.entries(KINDS))('the %s ledger', (_, open) => ledgerContract(open));
