/**
 * `npm run bench:features [-- --rounds 8]`: what each part costs, by leaving it out: gateways of this build in turns, processor time a request
 * as `npm run bench -- --only cpu` takes it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cpuTable, measureCpu } from './cpu.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '8' } } });
const folder = mkdtempSync(join(tmpdir(), 'smallfirst-features-'));
const shipped = readFileSync(join(import.meta.dirname, '../../policies/default.yaml'), 'utf8');
const policy = join(folder, 'unchecked.yaml');
writeFileSync(policy, shipped.replace(/^verify:.*$/m, ''));

const parts = {
  'the deep judge': { judge: { deep: 'off' } },
  'the log': { log: { level: 'silent' } },
  'the ledger': { store: { kind: 'memory' } },
  'checks of answers': { policy },
};

try {
  const plan = { rounds: Number(values.rounds), seconds: 1, warmUpSeconds: 4 };
  const without = { ...parts, 'all of these': Object.assign({}, ...Object.values(parts)) };
  const figures = await measureCpu(
    plan,
    { without },
    (line) => void process.stderr.write(`${line}\n`),
  );
  process.stdout.write(`${cpuTable(figures)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
