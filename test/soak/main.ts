/** `npm run soak -- --minutes N [--rate R]`: asks for N minutes, prints the figures, and fails where they are not what was asked. */
import { parseArgs } from 'node:util';
import { broken } from './limits.ts';
import { soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    rate: { type: 'string', default: '100' },
  },
});

const figures = await soak(numberOf('--minutes', values.minutes), numberOf('--rate', values.rate));
process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
const failed = broken(figures);
for (const line of failed) process.stderr.write(`${line}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

function numberOf(option: string, text: string): number {
  const number = Number(text);
  if (number > 0) return number;
  process.stderr.write(`${option} takes a number above 0, not '${text}'.\n`);
  return process.exit(2);
}
