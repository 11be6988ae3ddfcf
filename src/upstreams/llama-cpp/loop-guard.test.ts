import { expect, test } from 'vitest';
import { loopGuard } from './loop-guard.ts';
import type { ScoredToken } from './protocol.ts';

/** As a model writes it: in pieces of some characters, each a token. */
const piecesOf = (text: string): readonly string[] => text.match(/\s?[^\s]{1,4}|\s/gu) ?? [];

function guarded(task: string | undefined, text: string) {
  const shown: string[] = [];
  const tokens: ScoredToken[] = [];
  let stopped = false;
  const guard = loopGuard(
    task,
    (piece, scored = []) => {
      shown.push(piece);
      tokens.push(...scored);
    },
    () => (stopped = true),
  );
  let written = 0;
  for (const piece of piecesOf(text)) {
    if (stopped) break;
    written += piece.length;
    guard.push(piece, [{ text: piece, logprob: 0, top: [] }]);
  }
  guard.end();
  expect(guard.hasFound()).toBe(stopped);
  expect(tokens.map((token) => token.text).join('')).toBe(shown.join(''));
  return { shown: shown.join(''), stopped, written };
}

const LOOPS: readonly (readonly [string, string, string])[] = [
  ['a greeting', 'Say hi', 'Say hi: Hi, how are you?\n\n'],
  ['the question', 'Give me three names for a cat.', 'Give me three names for a cat.\n\n'],
  ['Spanish', 'Hola', '¿cómo estás? '],
  ['Hindi', 'नमस्ते', 'आप कैसे हैं? '],
  ['a field', 'Where is my order?', 'Order: none\n\n'],
  ['a word', 'Translate it', 'hello '],
  ['no blanks', '你好吗？', '我很好，谢谢你。'],
  [
    'a paragraph',
    'Who are you?',
    `${'I am an assistant who helps you with many things. '.repeat(2)}Yes, I am one.\n`,
  ],
  ['code', 'Write a function', 'print("hello world")\n'],
  ['with a count', 'Give me 10 names', 'Anna is a name that I like very much. '],
];

test.each(LOOPS)('ends a loop (%s) at the end of one of its turns', (_, task, passage) => {
  const begin = 'It begins otherwise, as most do.\n';
  const { shown, stopped, written } = guarded(task, begin + passage.repeat(400));
  expect(stopped).toBe(true);
  expect(written).toBeLessThan(begin.length + 2000 + 6 * passage.length);
  expect(shown.startsWith(begin + passage)).toBe(true);
  expect((begin + passage.repeat(400)).startsWith(shown)).toBe(true);
  expect(shown.trimEnd()).toMatch(/[.?。)e]$|hello$/u);
  expect(shown.length).toBeLessThan(begin.length + 3 * passage.length + 80);
});

test('a loop of words is ended after 240 units and a turn', () => {
  const [, task, passage] = LOOPS[0]!;
  expect(guarded(task, passage.repeat(100)).written).toBeLessThan(240 + 2 * passage.length);
});

test.each([
  ['Hindi', 'मैं ठीक हूँ। '],
  ['Chinese', '我很好，谢谢你。'],
  ['a mark alone', '॔ '],
])('one in a script of which a unit says more is ended after half as many: %s', (_, passage) => {
  const { stopped, written } = guarded('नमस्ते', passage.repeat(200));
  expect(stopped).toBe(true);
  expect(written).toBeLessThan(150);
});

const GOOD: readonly (readonly [string, string | undefined, string])[] = [
  ['asked for by times', 'Write the word test 100 times', 'test '.repeat(100)],
  ['asked for in Spanish', 'Escribe "no debo hablar" 100 veces', 'No debo hablar.\n'.repeat(100)],
  ['asked for by a count', 'Fill 60 rows with n/a', 'n/a yes\n'.repeat(60)],
  [
    'output of a program',
    'What does print("Hello") in a for of range(50) say?',
    'Hello there\n'.repeat(50),
  ],
  ['of the task itself', 'Correct: wait for me wait for me wait for me', 'wait for me '.repeat(40)],
  ['lyrics', 'The lyrics of Hey Jude', 'na na na nananana, hey Jude. '.repeat(20)],
  ['a completion', undefined, 'wait for me '.repeat(200)],
  [
    'a matrix of zeros',
    'Give me a matrix of zeros',
    '[0, 0, 0, 0, 0, 0, 0, 0, 0, 0],\n'.repeat(20),
  ],
  ['digits', 'Write one seventh as a decimal', `0.${'142857'.repeat(60)}`],
  ['encoded bytes', 'Encode zeros in base64', 'A'.repeat(800)],
  ['bytes in hexadecimal', 'An empty page as bytes', 'ff ff ff ff '.repeat(60)],
  ['a table', 'Make a table', '| yes | no | yes |\n'.repeat(30)],
  ['a ruler', 'Draw a line', '-'.repeat(1500)],
  ['HTML', 'A list to fill in', '<li>Item</li>\n'.repeat(60)],
  ['JSON', 'Empty users, please', '{"name": "", "age": 0},\n'.repeat(40)],
  ['SQL', 'An insert statement', "('name', 'mail'),\n".repeat(50)],
  [
    'code with similar lines',
    'Initialise it',
    Array.from({ length: 200 }, (_, at) => `items[${at}] = 0;\n`).join(''),
  ],
  [
    'a numbered list',
    'A plan',
    Array.from({ length: 60 }, (_, at) => `Day ${at + 1}: rest and read\n`).join(''),
  ],
  ['laughter', 'Laugh', 'ha '.repeat(100)],
  ['a short refrain', 'Cheer me up', 'You can do it! '.repeat(12)],
  [
    'indented code',
    'Write nested code',
    Array.from({ length: 40 }, (_, at) => `${' '.repeat(70)}x${at}\n`).join(''),
  ],
];

test.each(GOOD)('passes on what repeats itself for a reason: %s', (_, task, text) => {
  expect(guarded(task, text)).toMatchObject({ shown: text, stopped: false });
});

test('text that repeats itself is held back until that is over, and then comes whole', () => {
  const shown: string[] = [];
  const guard = loopGuard(
    'Say hi',
    (piece) => shown.push(piece),
    () => {},
  );
  for (const piece of piecesOf('You can do it! '.repeat(8))) guard.push(piece);
  expect(shown.join('').length).toBeLessThan(70);
  guard.push(' Now go.');
  expect(shown.join('')).toBe(`${'You can do it! '.repeat(8)} Now go.`);
});

test('no character is cut in half', () => {
  const { shown, stopped } = guarded('Say hi', '\u{1F642} hello '.repeat(100));
  expect(stopped).toBe(true);
  expect(shown.isWellFormed()).toBe(true);
});
