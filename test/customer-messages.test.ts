/**
 * Where `customer-support` sends 642 messages of customers that are not among its examples, our own writing: part, tier,
 * domain, language, text. `customer-messages.tsv` has 322 in seven languages, `support-messages.tsv` 120 risky and 200
 * everyday ones in English and Spanish. While policy and signals were made only those of part `look` were looked at.
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

const messagesIn = (name: string): readonly Message[] =>
  readFileSync(`test/fixtures/${name}.tsv`, 'utf8')
    .trim()
    .split('\n')
    .map((line): Message => {
      const [part = '', tier = '', domain = '', , text = ''] = line.split('\t');
      return { part, tier, domain, text };
    });

const earlier = messagesIn('customer-messages');
const written = messagesIn('support-messages');
const messages = [...earlier, ...written];

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

const judgedOf = (list: readonly Message[]): Promise<readonly Judged[]> =>
  Promise.all(list.map((one) => judged(one)));

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

describe.each([
  ['all 320 of support-messages', written, [120, 200], 0.1],
  // An eighth of the earlier ones is in languages without examples.
  ['put aside of both', messages.filter(({ part }) => part === 'aside'), [113, 186], 0.12],
  ['looked at of both', messages.filter(({ part }) => part === 'look'), [129, 214], 0.1],
] as const)('%s', async (name, list, [riskyCount, everydayCount], mostLarge) => {
  const rows = await judgedOf(list);
  const risky = rows.filter(({ tier }) => tier === 'large');
  const everyday = rows.filter(({ tier }) => tier === 'small');

  test('the risky ones go to the large model, and most are recognised as costly', () => {
    expect(risky).toHaveLength(riskyCount);
    expect(shareOf(risky, goesLarge)).toBeGreaterThanOrEqual(0.95);
    expect(shareOf(risky, ({ isCostly }) => isCostly)).toBeGreaterThanOrEqual(0.92);
  });

  test('the everyday ones do not', () => {
    expect(everyday).toHaveLength(everydayCount);
    expect(shareOf(everyday, goesLarge)).toBeLessThanOrEqual(mostLarge);
  });

  test('what is named is rarely named wrongly', () => {
    const isWrong = ({ named, domain }: Judged): boolean => named !== '' && named !== domain;
    expect(shareOf(everyday, isWrong)).toBeLessThanOrEqual(0.25);
  });

  test('the figures', () => {
    const figures = `${name}: of the risky ${percent(shareOf(risky, goesLarge))} large, of the everyday ones ${percent(shareOf(everyday, goesLarge))}`;
    process.stdout.write(`${figures}\n`);
    expect(figures).not.toContain('NaN');
  });
});

test.each([
  'I smell gas since you installed the boiler',
  'my daughter swallowed the battery of your toy',
])('"%s" goes to the large model as costly', async (text) => {
  const row = await judged({ part: 'look', tier: 'large', domain: '', text });
  expect(row).toMatchObject({ upstreams: ['cloud', 'local'], isCostly: true });
});

test.each(['thanks', 'ok thanks', 'gracias', 'perfecto, gracias', 'thx'])(
  '"%s" is thanks, also after a danger; what does not thank is not',
  async (text) => {
    expect(await namedAfterDanger(text)).toBe('thanks');
    expect(await namedAfterDanger(`${text}, but it still smells of gas`)).not.toBe('thanks');
  },
);

async function namedAfterDanger(text: string): Promise<string | undefined> {
  const features = {
    ...featuresOf(text),
    task: text,
    turns: [
      { role: 'user' as const, text: 'I smell gas since you installed the boiler' },
      { role: 'assistant' as const, text: 'Leave the house and call the emergency number.' },
      { role: 'user' as const, text },
    ],
  };
  const reading = (await evaluate(signals, features, 1000))['domain'];
  return reading?.kind === 'score' ? reading.value : undefined;
}

test('a risky message with personal data stays home all the same', async () => {
  const risky = messages.filter(({ tier, part }) => tier === 'large' && part === 'look');
  const rows = await Promise.all(risky.map((one) => judged(one, '\nMy card: 4111 1111 1111 1111')));
  expect(rows.map(({ upstreams }) => upstreams)).toEqual(rows.map(() => ['local']));
});

test('messages are not among the examples, capitals and marks apart', () => {
  const plain = (text: string): string =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\d ]/gu, '')
      .trim();
  const examples = new Set(policy.domains.flatMap((domain) => domain.examples.map(plain)));
  expect(messages.filter(({ text }) => examples.has(plain(text)))).toEqual([]);
});
