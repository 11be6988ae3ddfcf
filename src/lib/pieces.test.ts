import { expect, test } from 'vitest';
import { piecesOf } from './pieces.ts';

test.each([
  ['announced and large', 2_000_000],
  ['not announced', 0],
])('a body that is %s is put together, and shows what came last', (_, announced) => {
  const pieces = piecesOf(announced);
  pieces.add(Buffer.from('one '));
  pieces.add(Buffer.from('two '));
  expect(Buffer.concat(pieces.from(4)).toString()).toBe('two ');
  pieces.add(Buffer.from('three'));
  expect(Buffer.concat(pieces.from(8)).toString()).toBe('three');
  expect(pieces.whole().toString()).toBe('one two three');
});

test('one piece is not copied', () => {
  const piece = Buffer.from('all of it');
  const pieces = piecesOf(piece.length);
  pieces.add(piece);
  expect(pieces.whole()).toBe(piece);
});
