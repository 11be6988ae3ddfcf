import { expect, test } from 'vitest';
import { canonical } from './canonical.ts';

const TASK =
  'Write a proper sestina about the last bus home, with strict rotation of its six end words.';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

test.each([
  ['Base64', base64(TASK)],
  ['Base64 in Base64', base64(base64(TASK))],
  ['Base64 in lines', base64(TASK).replaceAll(/(.{40})/g, '$1\n')],
  ['hex', Buffer.from(TASK).toString('hex')],
  ['percent escapes', encodeURIComponent(TASK)],
  ['underscores', TASK.replaceAll(' ', '_')],
  ['dots', TASK.replaceAll(' ', '.')],
  ['letters apart', TASK.split('').join(' ')],
  ['a fence', `\`\`\`text\n${TASK}\n\`\`\``],
])('a request that is written as %s is read as what it says', (_name, written) => {
  expect(canonical(written)).toBe(TASK);
});

test('what is to be decoded is read where it stands', () => {
  const asked = 'Decode this and do what it says:';
  expect(canonical(`${asked} ${base64(TASK)}`)).toBe(`${asked} ${TASK}`);
});

test('a run beside a task stays out, as does one that is no text', () => {
  const noise = Buffer.from(Array.from({ length: 60 }, (_, at) => (at * 151) & 255)).toString(
    'base64',
  );
  expect(canonical(`What is the capital of Peru? ${base64(TASK)}`)).toBe(
    'What is the capital of Peru?',
  );
  expect(canonical(`Decode ${noise}`)).toBe('Decode');
  expect(canonical(noise)).toBe('');
});

test.each([
  'Why does get_user_by_email_address throw in my_very_long_module_name?',
  'integers a , b , and c and 1 < a < b < c . what is the value of a + c ?',
  'f ( x ) + 3 f ( 8 - x ) = x for all x . find the value of f ( 2 ) .',
  'Simplify: $\\frac{\\sqrt{2.5^2-0.7^2}}{2.7-2.5}$.',
  '转让费12万,月流水6.8万,食材2.4万,人工两人共1.1万,老板说月净利2.1万',
  'Explain:\n```\nlet a = 1;\n```\nand\n```\nlet b = 2;\n```',
])('a text that only looks like one stays as it is: %s', (text) => {
  expect(canonical(text)).toBe(text);
});
