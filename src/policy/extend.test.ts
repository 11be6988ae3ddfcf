import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { routed, snapshot } from '../../test/support/policy.ts';
import { bareFacts } from '../core/signal.ts';
import { decide } from '../engine/decide.ts';
import { ProblemsError } from '../lib/problems.ts';
import { loadPolicy } from './load.ts';
import { findPolicy, withShippedBase } from './shipped.ts';

const folder = mkdtempSync(join(tmpdir(), 'smallfirst-extends-'));
afterAll(() => rmSync(folder, { recursive: true }));

const context = {
  upstreams: {},
  signals: ['pii', 'stakes', 'complexity'],
  thresholdFor: () => ({ value: 0.5, from: 'the test' }),
};

function write(name: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text);
}
const load = (name: string) => loadPolicy(findPolicy(`./${name}`, folder), context);

function mistakesOf(name: string): string {
  try {
    return `loaded: ${load(name).name}`;
  } catch (error) {
    return error instanceof ProblemsError ? error.message.replaceAll(folder, '') : String(error);
  }
}

write(
  'base.yaml',
  `name: base
objective: { quality: 0.95 }
timeZone: Europe/Madrid
domains:
  - { name: hours, examples: [when do you open], use: small }
  - { name: anger, examples: [you are thieves], use: large }
constraints:
  - { name: home, when: signals.pii >= 0.5, require: { locality: local } }
rules:
  - { name: risky, when: signals.stakes >= 0.8, use: large }
  - { name: long, when: request.inputTokens >= 3000, use: large }
`,
);

test('what is not written is the base’s', () => {
  write('mine.yaml', 'name: mine\nextends: ./base.yaml\n');
  const mine = load('mine.yaml');
  expect(mine).toMatchObject({ name: 'mine', timeZone: 'Europe/Madrid' });
  expect(mine.rules.map(({ name }) => name)).toEqual(['risky', 'long']);
  expect(mine.constraints.map(({ name }) => name)).toEqual(['home']);
});

test('own rules stand before the base’s, one of the same name in its place; examples are added', () => {
  write(
    'mine.yaml',
    `name: mine
extends: ./base.yaml
domains:
  - { name: hours, examples: [are you open on Sunday], use: small }
  - { name: bikes, examples: [do you sell bikes], use: small }
rules:
  - { name: long, when: request.inputTokens >= 9000, use: large }
  - { name: first, when: 'domain == "bikes"', use: small }
`,
  );
  const mine = load('mine.yaml');
  expect(mine.rules.map(({ name, when }) => `${name}: ${when.source}`)).toEqual([
    'first: domain == "bikes"',
    'risky: signals.stakes >= 0.8',
    'long: request.inputTokens >= 9000',
  ]);
  expect(mine.domains.map(({ name, examples }) => [name, examples])).toEqual([
    ['hours', ['are you open on Sunday', 'when do you open']],
    ['anger', ['you are thieves']],
    ['bikes', ['do you sell bikes']],
  ]);
});

test('the version changes with either text, and a stored text needs no file', () => {
  write('mine.yaml', 'name: mine\nextends: ./base.yaml\n');
  const source = findPolicy('./mine.yaml', folder);
  const before = loadPolicy(source, context);
  write('other.yaml', 'name: base\nobjective: { quality: 0.9 }\n');
  write('mine.yaml', 'name: mine\nextends: ./other.yaml\n');
  expect(load('mine.yaml').version).not.toBe(before.version);
  expect(loadPolicy({ text: source.text, file: 'the store' }, context)).toMatchObject({
    version: before.version,
    timeZone: 'Europe/Madrid',
  });
});

test('mistakes are told where they are written', () => {
  write(
    'mine.yaml',
    `name: mine
extends: ./base.yaml
rules:
  - { name: wrong, when: signals.pie >= 0.5, use: small }
`,
  );
  expect(mistakesOf('mine.yaml')).toMatch(/^\/mine\.yaml:4:\d+ {2}.*`signals.pie`/);
  write(
    'broken.yaml',
    'name: broken\nobjective: { quality: 0.9 }\nrules: [{ name: a, when: "1" }]\n',
  );
  write('mine.yaml', 'name: mine\nextends: ./broken.yaml\n');
  expect(mistakesOf('mine.yaml')).toMatch(/^\.\/broken\.yaml:3:\d+ {2}/);
});

test.each([
  ['nowhere', /^\/mine\.yaml:2:10 {2}`nowhere`: no shipped policy has this name.*customer-support/],
  ['./nowhere.yaml', /^\/mine\.yaml:2:10 {2}`\.\/nowhere\.yaml`: there is no such policy file/],
  ['./mine.yaml', /leads back to this policy/],
])('extending %s does not load', (base, message) => {
  write('mine.yaml', `name: mine\nextends: ${base}\n`);
  expect(mistakesOf('mine.yaml')).toMatch(message);
});

test('a text that was saved without what it extends says so', () => {
  expect(() =>
    loadPolicy({ text: 'name: a\nextends: default\n', file: 'a.yaml' }, context),
  ).toThrow(/a\.yaml:2:1 {2}the policy that this one extends is not with it/);
});

test('hours are those of the time zone, summer and winter', () => {
  write(
    'night.yaml',
    'name: night\nobjective: { quality: 0.9 }\ntimeZone: America/Los_Angeles\nrules: [{ name: night, when: time.hour >= 22, use: small }]\n',
  );
  const policy = load('night.yaml');
  const ruleAt = (iso: string): string =>
    decide(
      routed,
      { facts: bareFacts('chat'), readings: {}, snapshot: snapshot({ nowMs: Date.parse(iso) }) },
      policy,
    ).rule;
  expect(ruleAt('2026-01-10T06:30:00Z')).toBe('night');
  expect(ruleAt('2026-01-10T05:30:00Z')).toBe('objective');
  expect(ruleAt('2026-07-10T05:30:00Z')).toBe('night');
  expect(ruleAt('2026-07-10T23:00:00Z')).toBe('objective');
});

test('a time zone that there is not is refused', () => {
  write('zone.yaml', 'name: zone\nobjective: { quality: 0.9 }\ntimeZone: Spain\n');
  expect(mistakesOf('zone.yaml')).toMatch(/`timeZone` is not a time zone; write an IANA name/);
});

test('a text from elsewhere is given policies that ship, and no file', () => {
  const shipped = withShippedBase({ file: 'editor', text: 'name: a\nextends: observe\n' });
  expect(loadPolicy(shipped, context)).toMatchObject({ name: 'a', mode: 'observe' });
  const path = { file: 'editor', text: `name: a\nextends: ${folder}/base.yaml\n` };
  expect(withShippedBase(path)).toBe(path);
});
