/** How many everyday rows are named in the language of their label: those of 25 characters or more. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { language } from '../../src/signals/language.ts';
import { shippedIdentifier } from '../../src/signals/language/shipped.ts';
import { taskReader } from '../../src/signals/text/reader.ts';
import { featuresOf } from '../support/features.ts';
import { readRows, routingFile } from '../support/routing-data.ts';

const FILE = routingFile('everyday.jsonl.gz');
const LEAST_CHARACTERS = 25;
const rows = z.array(
  z.object({
    lang: z.string(),
    messages: z.array(
      z.object({
        role: z.enum(['system', 'user', 'assistant', 'tool']),
        content: z.string().nullish(),
      }),
    ),
  }),
);

test.skipIf(FILE === undefined)('97 in 100 everyday rows are named as they are labelled', () => {
  const signal = language(taskReader(), shippedIdentifier());
  const long = rows
    .parse(readRows(FILE ?? ''))
    .map(({ lang, messages }) => ({
      lang,
      features: featuresOf(...messages.map(({ role, content }) => ({ role, text: content ?? '' }))),
    }))
    .filter(({ features }) => features.task.length >= LEAST_CHARACTERS);
  const right = long.filter(({ lang, features }) => {
    const reading = signal.evaluate(features);
    return 'value' in reading && reading.value === lang;
  });
  expect(long.length).toBeGreaterThan(2800);
  expect(right.length / long.length).toBeGreaterThanOrEqual(0.97);
});
