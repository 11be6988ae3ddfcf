/**
 * How well tasks are recognised from a few examples: CLINC150 and Banking77, training rows only, 20
 * rows an intent for examples and 10 for the test, drawn five times. Nothing of these sets is in what
 * ships (`src/signals/domain/`): its dictionary and its general requests are written by hand.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Domain } from '../../src/core/policy.ts';
import type { Said } from '../../src/signals/domain/features.ts';
import { learnDomains } from '../../src/signals/domain/learn.ts';
import { recogniser } from '../../src/signals/domain/recogniser.ts';
import { shippedIdentifier } from '../../src/signals/language/shipped.ts';
import { openMeaning } from '../../src/signals/meaning/meaning.ts';
import { plainText } from '../../src/signals/text/plain-text.ts';
import { splitWords } from '../../src/signals/text/words.ts';
import { readRows, routingFile } from '../support/routing-data.ts';

const FILE = routingFile('intents.jsonl.gz');
const rowSchema = z.object({
  source: z.string(),
  domain: z.string(),
  intent: z.string(),
  messages: z.tuple([z.object({ content: z.string() })]),
});

interface Item {
  readonly text: string;
  readonly source: string;
  readonly intent: string;
  readonly domain: string;
}

interface Figures {
  /** Of messages that belong to a task, whatever the confidence. */
  readonly accuracy: number;
  /** Confidence of messages that belong to a task against those that belong to none. */
  readonly auroc: number;
  /** At a confidence of one half: named rightly, and named although they belong to none. */
  readonly namedRight: number;
  readonly strays: number;
  readonly buildMs: number;
}

const identify = shippedIdentifier();
const meaning = openMeaning();
const said = (text: string): Said => ({
  words: splitWords(text),
  pieces: meaning?.pieces(plainText(text)) ?? new Int32Array(0),
});
const figuresTable: string[] = [];
let items: readonly Item[] = [];

beforeAll(() => {
  if (FILE === undefined) return;
  items = z
    .array(rowSchema)
    .parse(readRows(FILE))
    .map(({ source, domain, intent, messages }) => ({
      source,
      domain,
      intent,
      text: messages[0].content,
    }));
});

const SEEDS = [1, 2, 3, 4, 5];
const TEST_ROWS = 10;

interface Draw {
  readonly examples: readonly Item[];
  readonly tests: readonly Item[];
}

/** Per intent: the first `examples` of a shuffled list to learn from, its last ten to test with. */
function draw(source: string, examples: number, seed: number): Draw {
  const random = generator(seed);
  const byIntent = Map.groupBy(
    items.filter((item) => item.source === source && item.domain !== 'out_of_scope'),
    ({ intent }) => intent,
  );
  const lists = [...byIntent.values()].map((list) => shuffle(list, random));
  return {
    examples: lists.flatMap((list) => list.slice(0, -TEST_ROWS).slice(0, examples)),
    tests: lists.flatMap((list) => list.slice(-TEST_ROWS)),
  };
}

function evaluate(
  { examples, tests }: Draw,
  others: readonly string[],
  by: 'domain' | 'intent',
): Figures {
  const tasks = Map.groupBy(examples, (item) => item[by]);
  const domains = [...tasks].map(([name, list]): Domain => ({
    name,
    use: 'small',
    examples: list.map(({ text }) => text),
  }));
  const started = performance.now();
  const recognise = recogniser(domains, learnDomains(domains, { identify, meaning }), { meaning });
  const buildMs = performance.now() - started;
  const known = tests.filter((item) => tasks.has(item[by]));
  const within = known.map((item) => {
    const { name, confidence } = recognise(said(item.text));
    return { name, confidence, wanted: item[by] };
  });
  const without = others.map((text) => recognise(said(text)));
  const right = within.filter(({ name, wanted }) => name === wanted);
  return {
    accuracy: right.length / within.length,
    auroc: auroc(within, without),
    namedRight: right.filter(({ confidence }) => confidence >= 0.5).length / within.length,
    strays: without.filter(({ confidence }) => confidence >= 0.5).length / without.length,
    buildMs,
  };
}

/** The chance that a message of the first kind has the higher confidence; ties count half. */
function auroc(
  within: readonly { confidence: number }[],
  without: readonly { confidence: number }[],
): number {
  let wins = 0;
  for (const { confidence: one } of within)
    for (const { confidence: other } of without) wins += one > other ? 1 : one === other ? 0.5 : 0;
  return wins / (within.length * without.length);
}

function mean(setting: string, runs: readonly Figures[]): Figures {
  const average = (of: (figures: Figures) => number): number =>
    runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
  const figures = {
    accuracy: average((run) => run.accuracy),
    auroc: average((run) => run.auroc),
    namedRight: average((run) => run.namedRight),
    strays: average((run) => run.strays),
    buildMs: average((run) => run.buildMs),
  };
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`.padStart(8);
  figuresTable.push(
    `${setting.padEnd(46)} ${percent(figures.accuracy)}  ${figures.auroc.toFixed(3)}  ${percent(figures.namedRight)} ${percent(figures.strays)} ${figures.buildMs.toFixed(0).padStart(6)} ms`,
  );
  return figures;
}

const outOfScope = (): string[] =>
  items.filter(({ domain }) => domain === 'out_of_scope').map(({ text }) => text);

describe.skipIf(FILE === undefined)('tasks from examples', () => {
  test.each([
    [20, 0.945, 0.955],
    [5, 0.89, 0.92],
    [2, 0.81, 0.88],
  ])(
    "CLINC150's ten domains, %d examples an intent: accuracy %d, AUROC %d at least",
    (examples, accuracy, separation) => {
      const figures = mean(
        `CLINC150, 10 domains, ${examples} examples an intent`,
        SEEDS.map((seed) => evaluate(draw('clinc150', examples, seed), outOfScope(), 'domain')),
      );
      expect(figures.accuracy).toBeGreaterThanOrEqual(accuracy);
      expect(figures.auroc).toBeGreaterThanOrEqual(separation);
    },
  );

  test('ten domains, 20 examples in all each, out of fifteen intents that differ: what few examples cannot do', () => {
    const runs = SEEDS.map((seed) => {
      const { examples, tests } = draw('clinc150', 20, seed);
      const few = [
        ...Map.groupBy(shuffle(examples, generator(seed)), ({ domain }) => domain).values(),
      ];
      return evaluate(
        { examples: few.flatMap((list) => list.slice(0, 20)), tests },
        outOfScope(),
        'domain',
      );
    });
    expect(
      mean('CLINC150, 10 domains, 20 examples a domain', runs).accuracy,
    ).toBeGreaterThanOrEqual(0.7);
  });

  test.each([
    ['clinc150', 5, 2, 0.85, 0.85],
    ['clinc150', 8, 5, 0.89, 0.87],
    ['clinc150', 20, 10, 0.92, 0.91],
    ['banking77', 20, 10, 0.85, 0.75],
  ])(
    '%s: %d intents at random, %d examples each, all other intents as strays',
    (source, tasks, examples, accuracy, separation) => {
      const runs = SEEDS.map((seed) => {
        const all = draw(source, examples, seed);
        const intents = shuffle(
          [...new Set(all.examples.map(({ intent }) => intent))],
          generator(seed + 9),
        );
        const chosen = new Set(intents.slice(0, tasks));
        const strays = all.tests
          .filter(({ intent }) => !chosen.has(intent))
          .map(({ text }) => text);
        return evaluate(
          { examples: all.examples.filter(({ intent }) => chosen.has(intent)), tests: all.tests },
          source === 'clinc150' ? [...strays, ...outOfScope()] : strays,
          'intent',
        );
      });
      const figures = mean(`${source}, ${tasks} intents, ${examples} examples each`, runs);
      expect(figures.accuracy).toBeGreaterThanOrEqual(accuracy);
      expect(figures.auroc).toBeGreaterThanOrEqual(separation);
    },
  );

  test("Banking77's 77 intents, 20 examples each, CLINC150's out-of-scope rows as strays", () => {
    const runs = SEEDS.slice(0, 1).map((seed) =>
      evaluate(draw('banking77', 20, seed), outOfScope(), 'intent'),
    );
    const figures = mean('Banking77, 77 intents, 20 examples each', runs);
    expect(figures.accuracy).toBeGreaterThanOrEqual(0.8);
    expect(figures.auroc).toBeGreaterThanOrEqual(0.95);
  });

  test('the table', () => {
    const head = `${''.padEnd(46)} accuracy  AUROC  named ok   strays   build`;
    process.stdout.write(`\n${[head, ...figuresTable].join('\n')}\n\n`);
    expect(figuresTable.length).toBeGreaterThan(0);
  });
});

test.runIf(FILE === undefined)(
  'no data: set SMALLFIRST_ROUTING_DATA to the folder with intents.jsonl.gz',
  ({ skip }) => {
    skip('the routing data is not here');
  },
);

function shuffle<T>(list: readonly T[], random: () => number): T[] {
  const drawn = list.map((item) => ({ item, at: random() }));
  return drawn.toSorted((one, other) => one.at - other.at).map(({ item }) => item);
}

/** mulberry32. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
