import { expect, test } from 'vitest';
import { FORM_NAMES, formOf } from './form.ts';

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
