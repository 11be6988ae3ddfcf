import { expect, test } from 'vitest';
import { catalogue } from '../models/catalogue.ts';
import { catalogueTable } from './models.ts';

test('lists each model on a line of its own: name, size, licence, context, whether it is here', () => {
  const [head = '', ...rows] = catalogueTable(catalogue, new Set(['qwen3-1.7b'])).split('\n');
  expect(rows).toHaveLength(catalogue.length);
  const here = head.indexOf('here');
  for (const row of rows) {
    const cached = row.startsWith('qwen3-1.7b ') ? 'yes' : 'no';
    expect(row.slice(here, here + 4).trim()).toBe(cached);
  }
  expect(rows.join('\n')).toMatch(/tinyllama-1.1b-chat +0.32 GB +1.1 B, IQ2_XXS +Apache-2.0 +2k/);
});
