/** The trial in `policies/README.md`: the policy that it tries, on invented records, says what is shown. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { formatSimulation } from '../src/commands/format-simulation.ts';
import type { Accountant } from '../src/core/accounting.ts';
import type { Policy } from '../src/core/policy.ts';
import { simulator } from '../src/analysis/simulate.ts';
import { loadPolicy } from '../src/policy/load.ts';
import { keptQuality } from '../src/signals/complexity/kept-quality.ts';
import { thresholdFor } from '../src/assembly/threshold.ts';
import { signalNames } from '../src/signals/index.ts';
import { inventedRecords, priceInvented } from './support/invented-records.ts';

const text = readFileSync('policies/README.md', 'utf8');
const section = text.slice(text.indexOf('\n## Trying a policy'));

const block = (kind: string): string =>
  new RegExp(`^\`\`\`${kind}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(section)?.[1] ?? '';

const load = (source: string): Policy =>
  loadPolicy(
    { text: source, file: 'trial.yaml' },
    { upstreams: undefined, signals: signalNames, thresholdFor },
  );

/** Retraining moves the expected quality; the rest depends on nothing but the page and the records. */
const withoutQuality = (said: string): string =>
  said.replace(/^expected quality.*$/m, (line) => line.replaceAll(/[\d.]+/g, '#')).trimEnd();

test('the trial says what the page shows', () => {
  const inForce = load('name: in-force\nobjective: { complexityBelow: 0.4 }\n');
  const accountant: Pick<Accountant, 'price'> = { price: priceInvented };
  const tried = simulator({
    policy: load(block('yaml')),
    known: [],
    accountant,
    keptQuality: keptQuality(),
  });
  for (const record of inventedRecords(10_000, inForce)) tried.add(record);
  const [said = ''] = formatSimulation(tried.result()).split('\n\n* ');
  expect(withoutQuality(block('text trial'))).toBe(withoutQuality(said));
});

test('its options are those of the command', async () => {
  const { simulateCommand } = await import('../src/commands/simulate.ts');
  const known = new Set(Object.keys((await simulateCommand.args) ?? {}));
  const shown = [...block('sh').matchAll(/--([a-z-]+)/g)].map(([, option]) => option ?? '');
  expect(shown.length).toBeGreaterThan(6);
  for (const option of shown) expect(known).toContain(option);
});
