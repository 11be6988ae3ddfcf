import { afterEach, expect, test } from 'vitest';
import { featuresOf } from '../../../test/support/features.ts';
import type { Domain } from '../../core/policy.ts';
import { createSignals, settingsOf } from '../index.ts';
import { learnDomains } from './learn.ts';
import { domainLearner } from './thread.ts';

const domains: readonly Domain[] = [
  {
    name: 'password',
    use: 'small',
    examples: ['I forgot my password', 'reset my password please'],
  },
  { name: 'parcel', use: 'small', examples: ['where is my parcel', 'my order has not arrived'] },
  { name: 'legal', use: 'large', examples: ['my lawyer will write to you', 'I shall sue you'] },
];

const learner = domainLearner();
afterEach(() => learner.close());

test('domains are learned in a thread: the same comes of them, in memory that is shared', async () => {
  const tables = await learner.learn(domains);
  expect(tables).toEqual(learnDomains(domains));
  for (const table of [tables.keys, tables.rarity, tables.weights, tables.middle])
    expect(table.buffer).toBeInstanceOf(SharedArrayBuffer);
  const signals = createSignals({ domains, tables });
  expect(settingsOf(signals)?.tables).toBe(tables);
  const domain = signals.find(({ name }) => name === 'domain');
  expect(await domain?.evaluate(featuresOf('I forgot my password'))).toMatchObject({
    value: 'password',
  });
});
