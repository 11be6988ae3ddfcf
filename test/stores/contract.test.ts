/** The stores of one machine; that in Postgres is in `test/slow/postgres-stores.test.ts`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { openStores } from '../../src/stores/open.ts';
import { storesContract } from '../support/stores-contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'stores-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const tools = { nowMs: () => performance.now(), onLedgerProblem: () => {} };

describe('stores in memory', () =>
  storesContract(() => openStores({ kind: 'memory' }, tools), false));

describe('stores in a file', () =>
  storesContract(
    () => openStores({ kind: 'sqlite', path: join(folder, `${files++}.db`) }, tools),
    true,
  ));
