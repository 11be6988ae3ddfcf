import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asksForRepetition, loopAtEnd, LoopFinder } from './loops.ts';

const finderOf = (text: string): LoopFinder => {
  const finder = new LoopFinder();
  finder.push(text);
  return finder;
};

const LINE = 'Say hi: Hi, how are you?\n\n';

test('a passage five times in a row is a loop, four times is none', () => {
  const long = `${'x'.repeat(20)} and ${'y'.repeat(20)}, `;
  expect(loopAtEnd(`It begins. ${long.repeat(5)}`)).toBe(long.length);
  expect(loopAtEnd(`It begins. ${long.repeat(4)}`)).toBeUndefined();
});

test('a short passage is a loop from 120 units on, in all', () => {
  expect(loopAtEnd('hello '.repeat(20))).toBe(6);
  expect(loopAtEnd('hello '.repeat(19))).toBeUndefined();
});

test('signs without a letter or a digit are no passage', () => {
  expect(loopAtEnd('-+-+-+'.repeat(60))).toBeUndefined();
  expect(finderOf('-+-+-+'.repeat(60)).passage()).toBeUndefined();
});

test('a mark of a script is one, and a sign with its colour is none', () => {
  expect(loopAtEnd('॔ '.repeat(60))).toBe(6);
  expect(loopAtEnd('❤️ '.repeat(60))).toBeUndefined();
});

test('the finder finds at each place what a search of the whole text finds, however its pieces are cut', () => {
  const few = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\u{1F642}'), maxLength: 20 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(few, fc.integer({ min: 1, max: 40 })), { maxLength: 6 }),
      fc.integer({ min: 1, max: 9 }),
      (parts, size) => {
        const text = parts.map(([passage, times]) => passage.repeat(times)).join('');
        const finder = new LoopFinder();
        for (let at = 0; at < text.length; at += size) {
          finder.push(text.slice(at, at + size));
          const period = loopAtEnd(text.slice(0, at + size));
          const passage =
            period === undefined ? undefined : text.slice(0, at + size).slice(-period);
          expect(finder.passage()).toBe(passage);
        }
      },
    ),
  );
});

test('the finder tells that a text repeats itself before it is a loop, and that it does no more', () => {
  const finder = finderOf(LINE.repeat(3));
  expect(finder.isRepeating(60)).toBe(true);
  expect(finder.isRepeating(100)).toBe(false);
  finder.push('And');
  expect(finder.isRepeating(60)).toBe(false);
});

test.each([
  'Write "test" 100 times',
  'Repite hola',
  'the lyrics of a song',
  '「はい」と繰り返して',
])('%s asks for repetition', (task) => {
  expect(asksForRepetition(task)).toBe(true);
  expect(asksForRepetition('Say hi')).toBe(false);
});
