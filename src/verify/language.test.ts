import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { surelyWrittenIn } from '../signals/language/shipped.ts';
import { language } from './language.ts';

const rowsOf = (file: string): readonly (readonly string[])[] =>
  readFileSync(`test/fixtures/${file}`, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));

/** Language, item, question, a right answer: the same twelve in twenty languages. */
const asked = rowsOf('short-answers.tsv').map(
  ([code = '', item = '', question = '', answer = '']) => ({
    code,
    item,
    question,
    answer,
  }),
);

const { find } = language(surelyWrittenIn());
const found = (task: string, text: string): string | undefined =>
  find(
    { text, calls: [], finishReason: 'stop' },
    {
      task,
      json: 'no',
      tools: [],
      system: () => '',
      given: () => task,
      maxTokens: 0,
      stakes: undefined,
    },
  );

test('no right short answer in twenty languages fails', () => {
  expect(asked).toHaveLength(240);
  expect(asked.filter(({ question, answer }) => found(question, answer) !== undefined)).toEqual([]);
});

test('nor titles, names, quotations, code, translations and the like, in whatever language', () => {
  const right = rowsOf('short-answers-right.tsv');
  expect(right).toHaveLength(169);
  expect(
    right.filter(
      ([task = '', text = '']) => found(task.replaceAll('\\n', '\n'), text) !== undefined,
    ),
  ).toEqual([]);
});

test('most short answers in another of the languages fail', () => {
  const wrong = asked.flatMap(({ code, item, question }) =>
    asked
      .filter((other) => other.item === item && other.code !== code)
      .map(({ answer }) => found(question, answer)),
  );
  expect(wrong).toHaveLength(4560);
  expect(wrong.filter((one) => one !== undefined).length).toBeGreaterThanOrEqual(2800);
});

test.each([
  [
    '法国的首都是哪里？',
    'The capital of France is Paris.',
    'it is in another script than the question',
  ],
  [
    'What colour is the sky today?',
    '天空是蓝色的，今天很好。',
    'it is in another script than the question',
  ],
  ['明天会下雨吗？', '明日は雨が降りません。', 'it is in ja, and the question in zh'],
  [
    '¿Me puedes ayudar?',
    'Of course, how can I help you today?',
    'it is in en, and the question in es',
  ],
])('%s %s: %s', (task, text, why) => expect(found(task, text)).toBe(why));
