/** `npm run fuzz -- --runs N [--seed S] [--target T]`: every target, or one, with seeds that give the same cases again. */
import { parseArgs } from 'node:util';
import { targets } from './targets.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    target: { type: 'string' },
    path: { type: 'string' },
  },
});

const numRuns = numberOf('--runs', values.runs, 1);
const seed = numberOf('--seed', values.seed ?? String(Date.now() & 0x7fffffff), 0);
const chosen = targets.filter(({ name }) => values.target === undefined || name === values.target);
if (chosen.length === 0)
  fail(
    `No target is called '${values.target}'. There are ${targets.map(({ name }) => name).join(', ')}.`,
  );

let failed = 0;
for (const { name, run } of chosen) {
  const started = performance.now();
  const seconds = (): string => ((performance.now() - started) / 1000).toFixed(1);
  try {
    await run({ numRuns, seed, ...(values.path === undefined ? {} : { path: values.path }) });
    say(`${name}: ${numRuns} cases, seed ${seed}, ${seconds()} s: every rule held`);
  } catch (error) {
    failed += 1;
    say(`${name}: seed ${seed}, ${seconds()} s: ${wordsOf(error)}`);
  }
}
// A gateway of a failed case may still be open.
process.exit(failed === 0 ? 0 : 1);

function numberOf(option: string, text: string, least: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least || text === '')
    fail(`${option} takes a whole number of ${least} or more, not '${text}'.`);
  return number;
}

function fail(words: string): never {
  process.stderr.write(`${words}\n`);
  process.exit(2);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** fast-check gives the case, and what broke it as the cause. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}\n${wordsOf(error.cause)}`;
}
