import { describe, expect, test } from 'vitest';
import { callSorter, type SentPiece } from './tool-call-pieces.ts';

const piece = (sent: Partial<SentPiece>): SentPiece => ({
  index: undefined,
  id: '',
  name: '',
  args: '',
  ...sent,
});

/** The calls that a client would put together: index, id, name and arguments. */
function calls(pieces: readonly Partial<SentPiece>[]): readonly (readonly unknown[])[] {
  let made = 0;
  const sorter = callSorter(() => `made_${(made += 1)}`);
  const known = new Map<number, [number, string, string, string]>();
  for (const { index, id, name, args, isFirst } of pieces.flatMap((sent) =>
    sorter.place(piece(sent)),
  )) {
    const call = known.get(index) ?? [index, '', '', ''];
    expect(known.has(index), 'isFirst').toBe(!isFirst);
    known.set(index, [index, call[1] + id, call[2] + name, call[3] + args]);
  }
  return [...known.values()];
}

describe('parallel calls', () => {
  test('as OpenAI sends them, interleaved, stay as they are', () => {
    const pieces = [
      { index: 0, id: 'a', name: 'look', args: '' },
      { index: 1, id: 'b', name: 'look', args: '' },
      { index: 1, args: '{"at":"{' },
      { index: 0, args: '{"at":1' },
      { index: 1, args: '}"}' },
      { index: 0, args: '}' },
    ];
    expect(calls(pieces)).toEqual([
      [0, 'a', 'look', '{"at":1}'],
      [1, 'b', 'look', '{"at":"{}"}'],
    ]);
  });

  test.each<readonly [string, readonly Partial<SentPiece>[]]>([
    [
      'no number and no id',
      [
        { name: 'look', args: '{"x":1}' },
        { name: 'send', args: '{"y":2}' },
      ],
    ],
    [
      'all number 0, no id',
      [
        { index: 0, name: 'look', args: '{"x"' },
        { index: 0, args: ':1}' },
        { index: 0, name: 'send', args: '{"y":2}' },
      ],
    ],
    [
      'heads first, no number',
      [{ name: 'look', args: '{"x":1}' }, { name: 'send' }, { args: '{"y":2}' }],
    ],
    [
      'the name in every piece',
      [
        { index: 0, name: 'look', args: '{"x"' },
        { index: 0, name: 'look', args: ':1}' },
        { index: 0, name: 'send', args: '{"y"' },
        { index: 0, name: 'send', args: ':2}' },
      ],
    ],
  ])('with %s are two', (_how, pieces) => {
    expect(calls(pieces)).toEqual([
      [0, 'made_1', 'look', '{"x":1}'],
      [1, 'made_2', 'send', '{"y":2}'],
    ]);
  });

  test('whole objects that follow each other are calls of the same name', () => {
    const pieces = [
      { index: 0, id: 'a', name: 'look', args: '{"x":"}{"}{"x":' },
      { index: 0, args: '2} {"x":3}' },
    ];
    expect(calls(pieces)).toEqual([
      [0, 'a', 'look', '{"x":"}{"}'],
      [1, 'made_1', 'look', '{"x":2} '],
      [2, 'made_2', 'look', '{"x":3}'],
    ]);
  });

  test('with ids alone are told apart by them, and an id that is taken is replaced', () => {
    const pieces = [
      { id: 'a', name: 'look', args: '{"x":1' },
      { id: 'b', name: 'look', args: '{"x":2}' },
      { id: 'a', args: '1}' },
      { index: 7, id: 'a', name: 'look', args: '{}' },
    ];
    expect(calls(pieces)).toEqual([
      [0, 'a', 'look', '{"x":11}'],
      [1, 'b', 'look', '{"x":2}'],
      [2, 'made_1', 'look', '{}'],
    ]);
  });

  test('an id of its own for each piece of a call makes no further calls', () => {
    const pieces = [
      { index: 0, id: 'a', name: 'look', args: '{"x"' },
      { index: 0, id: 'b', args: ':' },
      { index: 0, id: 'c', args: '1}' },
    ];
    expect(calls(pieces)).toEqual([[0, 'a', 'look', '{"x":1}']]);
  });
});

test('calls are whole once the arguments of each have ended', () => {
  const sorter = callSorter(() => 'made');
  sorter.place(piece({ index: 0, id: 'a', name: 'look', args: '{"x":"\\"}' }));
  expect(sorter.areWhole()).toBe(false);
  sorter.place(piece({ index: 0, args: '"}' }));
  expect(sorter.areWhole()).toBe(true);
  sorter.place(piece({ index: 1, id: 'b', name: 'look' }));
  expect(sorter.areWhole()).toBe(false);
});
