/** A process that appends records, and prints the ids of acknowledged ones; `ledger-kill.ts` kills it. */
import { sqliteLedger } from '../../src/stores/sqlite/ledger.ts';
import { aRecord } from './record.ts';

const [path = '', round = ''] = process.argv.slice(2);
const ledger = await sqliteLedger({ path, nowMs: () => performance.now() });
for (let batch = 0; ; batch++) {
  const ids = Array.from({ length: 20 }, (_, index) => `${round}-${batch}-${index}`);
  for (const id of ids) ledger.append(aRecord({ id }));
  await ledger.flush();
  process.stdout.write(`${ids.join('\n')}\n`);
}
