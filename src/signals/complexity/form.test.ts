import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FORM_NAMES, formReader } from './form.ts';

const formOf = formReader();

function form(text: string): Record<string, number> {
  const values = new Float64Array(FORM_NAMES.length);
  formOf(text, [{ role: 'user', text }], values);
  return Object.fromEntries(FORM_NAMES.map((name, at) => [name, values[at]!]));
}

const ENGLISH = form(
  'Which capitals of states in the USA are named after presidents, and which ones?',
);

test.each([
  ['Chinese', '美国哪些州的首府是以总统的名字命名的，具体又是哪几个城市呢？'],
  ['Japanese', 'アメリカの州都のうち、大統領の名前にちなんだものはどれですか？'],
])('a request in %s is about as long as its translation, in units and words', (_name, text) => {
  const other = form(text);
  for (const name of ['units', 'words', 'conversation-units'])
    expect(Math.abs(other[name]! - ENGLISH[name]!)).toBeLessThan(0.4);
  expect(other['commas']).toBe(ENGLISH['commas']);
  expect(other['question-marks']).toBe(ENGLISH['question-marks']);
});

test('sentences end without a space in Chinese', () => {
  const one = form('你好。请问我的订单在哪里？谢谢。');
  const two = form('你好，请问我的订单在哪里，谢谢');
  expect(one['words-a-sentence']).toBeLessThan(two['words-a-sentence']!);
});

test('every count of an empty text is a number', () => {
  for (const value of Object.values(form(''))) expect(Number.isFinite(value)).toBe(true);
});

/** The same counts as expressions find them. */
function plainly(text: string): Record<string, number> {
  const count = (sign: RegExp): number => text.match(sign)?.length ?? 0;
  const words = text
    .split(/\s+/)
    .filter((word) => word !== '' && !/[\u3040-\u30ff\u3400-\u9fff]/.test(word));
  const distinct = new Set(words.map((word) => word.toLowerCase())).size;
  return {
    'distinct-words': words.length === 0 ? 1 : distinct / words.length,
    'line-breaks': count(/\n/g),
    commas: count(/[,\uff0c\u3001\u060c]/g),
    'question-marks': count(/[?\uff1f\u061f]/g),
    'code-signs': count(/```|[{};]|=>|\(\)/g),
    'formula-signs': count(/[=+\-*/^∫∑√≤≥\\]/g),
    'list-items': count(/^\s*(?:[-*]|\d+)[.)]?\s/gm),
  };
}

test('counts are those that expressions find', () => {
  const signs = Array.from('aBé Σσςİ.!?。？！\n\t ,，、،`{};=>()+-*/^∫∑√≤≥\\0123語カ한');
  signs.push('```', '=>', '()', '. ', '?\n', 'word', 'Word', '1. ', '- ', '\n*) ', '\r', '\u2028');
  const text = fc.array(fc.constantFrom(...signs), { maxLength: 60 }).map((each) => each.join(''));
  fc.assert(
    fc.property(text, (one) => {
      const sentences = Math.max(1, one.match(/[.!?]\s|[。！？]|\n/g)?.length ?? 0);
      const { words = 0, ...found } = form(one);
      expect(found).toMatchObject(plainly(one));
      expect(found['words-a-sentence']).toBeCloseTo(Math.expm1(words) / sentences, 9);
    }),
  );
});

test('more different words than there is room for at first are counted', () => {
  const text = Array.from({ length: 3000 }, (_, at) => `word${at} WORD${at}`).join(' ');
  expect(form(text)['distinct-words']).toBe(0.5);
});
