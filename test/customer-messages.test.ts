/**
 * Where `customer-support` sends 322 messages of customers that are not among its examples, in seven languages:
 * `test/fixtures/customer-messages.tsv`, our own writing: part, tier, domain, language, text. While the policy
 * and the signals were made only those of part `look` were looked at.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decide } from '../src/engine/decide.ts';
import { evaluate } from '../src/engine/evaluate.ts';
import { loadPolicy } from '../src/policy/load.ts';
import { findPolicy } from '../src/policy/shipped.ts';
import { createSignals, signalNames } from '../src/signals/index.ts';
import { featuresOf } from './support/features.ts';
import { routed, snapshot, upstreamsOf } from './support/policy.ts';

interface Message {
  readonly part: string;
  readonly tier: string;
  readonly domain: string;
  readonly text: string;
}

interface Judged extends Message {
  readonly upstreams: readonly string[];
  readonly named: string;
  /** Recognised as costly, by what it is like or by what is at stake. */
  readonly isCostly: boolean;
}

const policy = loadPolicy(findPolicy('customer-support', '.'), {
  upstreams: {
    local: { locality: 'local', model: 'slm' },
    cloud: { locality: 'cloud', model: 'big' },
  },
  signals: signalNames,
  thresholdFor: () => ({ value: 0.3, from: 'the test' }),
});
const signals = createSignals(policy);
const useOf = new Map(policy.domains.map(({ name, use }) => [name, use]));

const messages = readFileSync('test/fixtures/customer-messages.tsv', 'utf8')
  .trim()
  .split('\n')
  .map((line): Message => {
    const [part = '', tier = '', domain = '', , text = ''] = line.split('\t');
    return { part, tier, domain, text };
  });

async function judged(message: Message, suffix = ''): Promise<Judged> {
  const features = featuresOf(message.text + suffix);
  const readings = await evaluate(signals, features, 1000);
  const decision = decide(
    routed,
    { facts: features.facts, readings, snapshot: snapshot() },
    policy,
  );
  const domain = readings['domain'];
  const stakes = readings['stakes'];
  const named = domain?.kind === 'score' ? (domain.value ?? '') : '';
  const isHigh = stakes?.kind === 'score' && stakes.score >= 0.5;
  const isCostly = isHigh || useOf.get(named) === 'large';
  return { ...message, upstreams: upstreamsOf(decision), named, isCostly };
}

const shareOf = (rows: readonly Judged[], holds: (row: Judged) => boolean): number =>
  rows.filter(holds).length / rows.length;

const goesLarge = ({ upstreams }: Judged): boolean => upstreams[0] === 'cloud';

describe.each(['look', 'aside'])('messages of the part %s', async (part) => {
  const rows = await Promise.all(
    messages.filter((one) => one.part === part).map((one) => judged(one)),
  );
  const risky = rows.filter(({ tier }) => tier === 'large');
  const everyday = rows.filter(({ tier }) => tier === 'small');

  test('the risky ones go to the large model, and most are recognised as costly', () => {
    expect(risky.length).toBeGreaterThanOrEqual(60);
    expect(shareOf(risky, goesLarge)).toBeGreaterThanOrEqual(0.94);
    expect(shareOf(risky, ({ isCostly }) => isCostly)).toBeGreaterThanOrEqual(0.9);
  });

  test('the everyday ones do not', () => {
    expect(everyday.length).toBeGreaterThanOrEqual(99);
    expect(shareOf(everyday, goesLarge)).toBeLessThanOrEqual(0.16);
  });

  test('what is named is rarely named wrongly', () => {
    const isWrong = ({ named, domain }: Judged): boolean => named !== '' && named !== domain;
    expect(shareOf(everyday, isWrong)).toBeLessThanOrEqual(0.35);
  });
});

test('a risky message with personal data stays home all the same', async () => {
  const risky = messages.filter(({ tier, part }) => tier === 'large' && part === 'look');
  const rows = await Promise.all(risky.map((one) => judged(one, '\nMy card: 4111 1111 1111 1111')));
  expect(rows.map(({ upstreams }) => upstreams)).toEqual(rows.map(() => ['local']));
});

test('messages are not among the examples', () => {
  const examples = new Set(policy.domains.flatMap((domain) => domain.examples));
  expect(messages.filter(({ text }) => examples.has(text))).toEqual([]);
});
