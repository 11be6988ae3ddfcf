import { expect, test } from 'vitest';
import { HeadReader } from './answer-head.ts';

const ok = (length: number) => `HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n`;

test('a head that says the same again is the same; one that differs is read', () => {
  const heads = new HeadReader();
  const read = [ok(3), ok(3), ok(4), ok(3)].map((text) => heads.read(text));
  expect(read.map(({ framing }) => framing)).toEqual([3, 3, 4, 3]);
  expect(read[1]).toBe(read[0]);
});

test('a head that is none is none the second time too, and the next is read', () => {
  const heads = new HeadReader();
  heads.read(ok(3));
  for (let time = 0; time < 2; time += 1)
    expect(() => heads.read('HTTP/1.1 200 OK\r\nno header\r\n')).toThrow('Not a header');
  expect(heads.read(ok(5)).framing).toBe(5);
});
