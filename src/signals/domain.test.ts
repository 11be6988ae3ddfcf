import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { featuresOf } from '../../test/support/features.ts';
import type { Domain } from '../core/policy.ts';
import { domain } from './domain.ts';
import { taskReader } from './text/reader.ts';

interface Fixture {
  readonly domains: readonly { name: string; en: readonly string[]; es: readonly string[] }[];
  readonly messages: readonly (readonly [lang: string, domain: string, text: string])[];
}

// The file is ours and has this shape.
const fixture = JSON.parse(readFileSync('test/fixtures/domains.json', 'utf8')) as Fixture;

const tasks = (languages: readonly ('en' | 'es')[]): Domain[] =>
  fixture.domains.map((one) => ({
    name: one.name,
    use: 'small',
    examples: languages.flatMap((language) => one[language]),
  }));

/** Of the messages in these languages: named right, and of those that belong nowhere: named at all. */
function shares(list: readonly Domain[], languages: readonly string[]) {
  const signal = domain(list, taskReader());
  const named = fixture.messages
    .filter(([language]) => languages.includes(language))
    .map(([, wanted, text]) => {
      const reading = signal.evaluate(featuresOf(text));
      return { wanted, got: 'value' in reading ? reading.value : 'none' };
    });
  const within = named.filter(({ wanted }) => wanted !== 'none');
  const without = named.filter(({ wanted }) => wanted === 'none');
  return {
    right: within.filter(({ wanted, got }) => wanted === got).length / within.length,
    wrong:
      within.filter(({ wanted, got }) => got !== 'none' && wanted !== got).length / within.length,
    strays: without.filter(({ got }) => got !== 'none').length / without.length,
  };
}

describe('eight tasks, three examples each in English and Spanish', () => {
  const list = tasks(['en', 'es']);
  test.each([
    [['en'], 0.65],
    [['es'], 0.8],
    [['fr', 'de', 'pt', 'it'], 0.65],
  ] as const)(
    'messages in %j: %d or more are named right, hardly any wrongly',
    (languages, floor) => {
      const { right, wrong, strays } = shares(list, languages);
      expect(right).toBeGreaterThanOrEqual(floor);
      expect(wrong).toBeLessThanOrEqual(0.05);
      expect(strays).toBeLessThanOrEqual(0.05);
    },
  );
});

/** Any UTF-16 unit, lone surrogates included. */
const anyUnit = fc.nat(0xffff).map((unit) => String.fromCharCode(unit));

test('one task of two examples takes nothing else for its own in languages that they are not in', () => {
  const { name, use, examples } = tasks(['en', 'es'])[0]!;
  const list: Domain[] = [{ name, use, examples: [examples[0]!, examples.at(-1)!] }];
  const signal = domain(list, taskReader());
  const named = (texts: readonly string[]) =>
    texts.filter((text) => 'score' in signal.evaluate(featuresOf(text)));
  const own = fixture.messages.filter(
    ([language, wanted]) => wanted === list[0]!.name && !['en', 'es'].includes(language),
  );
  expect(own.length).toBeGreaterThan(2);
  expect(named(own.map(([, , text]) => text))).toHaveLength(own.length);
  // Of 13; the two are the sum in German and "x y".
  expect(named(ELSEWHERE).length).toBeLessThanOrEqual(2);
});

const ELSEWHERE = [
  'wer hat die weltmeisterschaft 1998 gewonnen',
  'wie viel ist 17 mal 23',
  'pourquoi le ciel est bleu',
  'scrivi una poesia sul mare',
  'como faço pão sem fermento',
  'この文を英語に訳してください',
  '明日の天気はどうですか',
  'почему небо голубое',
  'bugün ne pişirsem',
  'schrijf een gedicht over de zee',
  '오늘 저녁 뭐 먹지',
  'اكتب قصيدة عن البحر',
  'x y',
];

test('with examples in English alone, Spanish messages are named wrongly no more than one in twenty times', () => {
  const { wrong, strays } = shares(tasks(['en']), ['es']);
  expect(wrong).toBeLessThanOrEqual(0.05);
  expect(strays).toBeLessThanOrEqual(0.05);
});

test('an example itself is recognised surely', () => {
  const signal = domain(tasks(['en', 'es']), taskReader());
  expect(signal.evaluate(featuresOf('where is my order'))).toMatchObject({
    kind: 'score',
    value: 'order-status',
    score: expect.closeTo(0.95, 1),
  });
});

test('a short answer is judged with the message it belongs to', () => {
  const signal = domain(tasks(['en', 'es']), taskReader());
  const asked = { role: 'assistant', text: 'Which one?' } as const;
  const reading = signal.evaluate(featuresOf('where is my order', asked, '48213'));
  expect(reading).toMatchObject({ value: 'order-status' });
});

describe('a long message', () => {
  const list: readonly Domain[] = [
    ...tasks(['en', 'es']),
    {
      name: 'legal-threat',
      use: 'large',
      examples: [
        'I will sue you',
        'my lawyer will contact you',
        'os voy a denunciar',
        'mi abogado se pondrá en contacto con vosotros',
      ],
    },
  ];
  const signal = domain(list, taskReader());
  const story =
    'The washing machine that I bought from you in March leaks at the door, and the kitchen floor is ruined.';

  test('is of a large task when one of its sentences is', () => {
    const text = `${story} The colour has changed too, and the drum makes a terrible noise at night. My lawyer will contact you.`;
    expect(signal.evaluate(featuresOf(text))).toMatchObject({ value: 'legal-threat' });
  });

  test('is of no small task because one of its sentences is', () => {
    const text = `${story} The colour has changed too, and the drum makes a terrible noise at night. Where is my order?`;
    expect(signal.evaluate(featuresOf(text))).toMatchObject({ kind: 'abstain' });
  });
});

test('without tasks, and where nothing fits, it abstains', () => {
  expect(domain([], taskReader()).evaluate(featuresOf('where is my order'))).toMatchObject({
    kind: 'abstain',
    cause: 'not_applicable',
  });
  const signal = domain(tasks(['en', 'es']), taskReader());
  for (const text of ['write a poem about autumn', '12345', ''])
    expect(signal.evaluate(featuresOf(text))).toMatchObject({ kind: 'abstain' });
});

test('one task with one example is enough to tell it from everything else', () => {
  const signal = domain(
    [{ name: 'hours', use: 'small', examples: ['what are your opening hours'] }],
    taskReader(),
  );
  expect(signal.evaluate(featuresOf('what are the opening hours?'))).toMatchObject({
    value: 'hours',
  });
  expect(signal.evaluate(featuresOf('prove that pi is irrational'))).toMatchObject({
    kind: 'abstain',
  });
});

test('the same examples always give the same readings, and every score is a probability', () => {
  const [one, other] = [1, 2].map(() => domain(tasks(['en', 'es']), taskReader()));
  fc.assert(
    fc.property(fc.string({ unit: anyUnit, maxLength: 80 }), (text) => {
      const reading = one?.evaluate(featuresOf(text));
      expect(other?.evaluate(featuresOf(text))).toEqual(reading);
      if (reading !== undefined && 'score' in reading) {
        expect(reading.score).toBeGreaterThanOrEqual(0.5);
        expect(reading.score).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test('thanks are thanks on any turn, and a bare yes is not named by itself', () => {
  const list: Domain[] = [
    ...tasks(['en', 'es']),
    {
      name: 'thanks',
      use: 'small',
      examples: [
        'thank you very much',
        'thanks for your help',
        'muchas gracias',
        'gracias por todo',
      ],
    },
  ];
  const signal = domain(list, taskReader());
  const asked = { role: 'assistant', text: 'Is it this one?' } as const;
  for (const [said, value] of [
    ['thank you', 'thanks'],
    ['yes', 'order-status'],
  ])
    expect(signal.evaluate(featuresOf('where is my order', asked, said ?? ''))).toMatchObject({
      value,
    });
});
