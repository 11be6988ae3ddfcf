import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { shippedCards } from '../competence/shipped.ts';
import type { CompetenceCard, Share } from '../core/competence.ts';
import { cardLines, suggestedDiff } from './check-card.ts';

const share = (right: number, items = 50): Share => ({ items, right, low: 0, high: 1 });
const [shipped] = shippedCards();
const card = (passed: Readonly<Record<string, Share>>): CompetenceCard => ({
  ...shipped!,
  model: 'tiny',
  passed,
});

const domain = (name: string, use: 'small' | 'large', ...examples: readonly string[]) => ({
  name,
  use,
  examples,
});
const SUMS = ['What is 17 + 25?', 'How much is 12 times 9?'];

test('a domain for the small model is warned of where its card has fewer than six in ten right', () => {
  const weak = card({ 'sums.en': share(29), 'sums.es': share(0) });
  const policy = { name: 'mine', domains: [domain('till', 'small', ...SUMS)] };
  expect(cardLines(policy, weak)).toEqual([
    expect.stringMatching(/domain `till` says `use: small`, and tiny has \d+ of \d+ such tasks/),
  ]);
  const able = card({ 'sums.en': share(30), 'sums.es': share(44) });
  expect(cardLines(policy, able)).toEqual([]);
  const large = { name: 'mine', domains: [domain('till', 'large', ...SUMS)] };
  expect(cardLines(large, weak)).toEqual([]);
});

test('what the card does not know is not warned of', () => {
  const policy = { name: 'mine', domains: [domain('odd', 'small', 'Tell me a story of a fox.')] };
  expect(cardLines(policy, card({ 'sums.en': share(0) }))).toEqual([]);
});

test('from nine in ten of thirty items on a domain is suggested, unless there is one', () => {
  const able = card({ 'facts.en': share(45), 'words.en': share(27, 29), 'sums.en': share(44) });
  expect(cardLines({ name: 'mine', domains: [] }, able)).toEqual([
    'policy mine: tiny could have a domain for facts.en 45 of 50; `check --suggest` prints the change',
  ]);
  const taken = [domain('capitals', 'large', 'What is the capital of the country of France?')];
  expect(cardLines({ name: 'mine', domains: taken }, able)).toEqual([]);
});

test.each([
  ['with domains', 'name: mine\ndomains:\n  - { name: a, examples: [b], use: large }\n', 2],
  ['without', 'name: mine\nobjective: { quality: 0.9 }\n', 1],
])('the suggested diff applies to a policy %s', (_, text, domains) => {
  const folder = mkdtempSync(join(tmpdir(), 'suggested-'));
  try {
    const file = join(folder, 'mine.yaml');
    writeFileSync(file, text);
    const able = card({ 'facts.en': share(45) });
    const diff = suggestedDiff({ name: 'mine', domains: [] }, able, { text, file });
    writeFileSync(join(folder, 'a.diff'), `${diff}\n`);
    execFileSync('git', ['apply', '--unsafe-paths', '--unidiff-zero', '-p0', 'a.diff'], {
      cwd: folder,
    });
    const changed = parse(readFileSync(file, 'utf8')) as {
      domains: { name: string; use: string }[];
    };
    expect(changed.domains).toHaveLength(domains);
    expect(changed.domains[0]).toMatchObject({ name: 'facts-en', use: 'small' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
