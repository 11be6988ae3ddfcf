import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AnswerHead } from './answer-head.ts';
import { AnswerParser } from './answer-parser.ts';

interface Answered {
  readonly status: number;
  readonly headers: AnswerHead['headers'];
  readonly isKept: boolean;
  body: string;
  isOver: boolean;
}

/** Feeds the pieces of one or more answers, one expected after the other. */
function parsed(pieces: readonly string[], isClosed = false): readonly Answered[] {
  const seen: Answered[] = [];
  const parser = new AnswerParser({
    head: ({ status, headers, isKept }) => {
      seen.push({ status, headers, isKept, body: '', isOver: false });
    },
    data: (chunk) => {
      seen.at(-1)!.body += chunk.toString('latin1');
    },
    end: () => {
      seen.at(-1)!.isOver = true;
    },
  });
  parser.expect();
  // As the bytes of one read lie in the buffer of all: behind what others left there.
  for (const piece of pieces) parser.feed(Buffer.from(`${piece}${LEFT}`, 'latin1'), piece.length);
  if (isClosed) parser.finish();
  return seen;
}

const OK = 'HTTP/1.1 200 OK\r\n';
const LEFT = '\r\n'.repeat(200);

const chunked = (sizes: readonly string[]): string =>
  sizes
    .map((text, at) => `${text.length.toString(16)}${at % 3 === 2 ? ';x=1' : ''}\r\n${text}\r\n`)
    .join('') + '0\r\nlast: 1\r\n\r\n';

/** An answer in each of its forms, and its body. */
const answers = fc
  .record({
    // one byte a character, as it is read back
    parts: fc.array(fc.string({ minLength: 1, maxLength: 40, unit: 'binary-ascii' }), {
      maxLength: 5,
    }),
    framing: fc.constantFrom('length', 'chunked', 'close'),
    interim: fc.boolean(),
  })
  .map(({ parts, framing, interim }) => {
    const body = parts.join('');
    const before = interim ? 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n' : '';
    const head = `${before}${OK}Content-Type:  text/plain \r\n`;
    if (framing === 'close') return { text: `${head}\r\n${body}`, body };
    if (framing === 'length')
      return { text: `${head}content-length: ${body.length}\r\n\r\n${body}`, body };
    return { text: `${head}Transfer-Encoding: chunked\r\n\r\n${chunked(parts)}`, body };
  });

test('however an answer is cut into pieces, the same is read', () => {
  fc.assert(
    fc.property(answers, fc.array(fc.nat(400), { maxLength: 12 }), ({ text, body }, cuts) => {
      const at = [0, ...cuts.map((cut) => Math.min(cut, text.length)), text.length].toSorted(
        (a, b) => a - b,
      );
      const pieces = at.slice(1).map((end, index) => text.slice(at[index], end));
      const last = parsed(pieces, true).at(-1);
      expect(last).toMatchObject({ status: 200, body, isOver: true });
      expect(last?.headers['content-type']).toBe('text/plain');
    }),
  );
});

test('byte by byte, too', () => {
  const text = `${OK}Transfer-Encoding: chunked\r\n\r\n${chunked(['ab', 'c'])}`;
  expect(parsed(text.split('')).at(-1)).toMatchObject({ body: 'abc', isOver: true });
});

test.each([
  ['SSH-2.0-OpenSSH\r\n'],
  ['H'.repeat(9)],
  ['HTTP/2.0 200 OK\r\n\r\n'],
  ['HTTP/1.1 20 OK\r\n\r\n'],
  ['HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n'],
  [`${OK}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`],
  [`${OK}content-length: 1\r\ncontent-length: 2\r\n\r\nab`],
  [`${OK}content-length: 1, 2\r\n\r\nab`],
  [`${OK}content-length: -1\r\n\r\n`],
  [`${OK}content-length: 0x1\r\n\r\na`],
  [`${OK}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  [`${OK}transfer-encoding: identity\r\n\r\n`],
  [`${OK}a: b\r\n folded\r\ncontent-length: 0\r\n\r\n`],
  [`${OK}a: b\nc: d\r\ncontent-length: 0\r\n\r\n`],
  [`${OK}a: b\rc\r\ncontent-length: 0\r\n\r\n`],
  [`${OK}a b: c\r\ncontent-length: 0\r\n\r\n`],
  [`${OK}content-length : 0\r\n\r\n`],
  [`${OK}: no name\r\ncontent-length: 0\r\n\r\n`],
  [`${OK}no colon\r\ncontent-length: 0\r\n\r\n`],
  [`${OK}a: \0\r\ncontent-length: 0\r\n\r\n`],
  [`${OK}transfer-encoding: chunked\r\n\r\nzz\r\n`],
  [`${OK}transfer-encoding: chunked\r\n\r\n-1\r\n`],
  [`${OK}transfer-encoding: chunked\r\n\r\n1\r\nabc\r\n`],
  [`${OK}transfer-encoding: chunked\r\n\r\n${'0'.repeat(5000)}`],
  [`${OK}content-length: 1\r\n\r\nab`],
])('%j is refused', (text) => {
  expect(() => parsed([text])).toThrow();
});

test('a head without an end is given up', () => {
  expect(() =>
    parsed([OK, ...Array.from({ length: 20 }, () => `a: ${'b'.repeat(1000)}\r\n`)]),
  ).toThrow('Headers Overflow');
});

test.each([
  ['204 No Content', '', ''],
  ['304 Not Modified', 'content-length: 9\r\n', ''],
  ['200 OK', 'content-length: 0\r\n', ''],
  ['200', 'content-length: 2\r\n', 'ab'],
])('%s with %j ends without the connection', (status, header, body) => {
  const seen = parsed([`HTTP/1.1 ${status}\r\n${header}\r\n${body}`]);
  expect(seen.at(-1)).toMatchObject({ body, isOver: true });
});

test('a body without a length ends with the connection, any other does not', () => {
  expect(parsed([`${OK}\r\nab`])[0]).toMatchObject({ isOver: false });
  expect(parsed([`${OK}\r\nab`], true)[0]).toMatchObject({
    body: 'ab',
    isOver: true,
    isKept: false,
  });
  expect(parsed([`${OK}content-length: 3\r\n\r\nab`], true)[0]).toMatchObject({ isOver: false });
});

test.each([
  [OK, true],
  [`${OK}connection: keep-alive\r\n`, true],
  [`${OK}Connection: Close\r\n`, false],
  [`${OK}connection: x-other, close\r\n`, false],
  ['HTTP/1.0 200 OK\r\n', false],
  ['HTTP/1.0 200 OK\r\nconnection: keep-alive\r\n', true],
])('whether another request may follow: %j, %s', (head, isKept) => {
  expect(parsed([`${head}content-length: 0\r\n\r\n`])[0]).toMatchObject({ isKept });
});

test('headers that come twice are a list, and none is taken from what every object has', () => {
  const head = 'Set-Cookie: a\r\nset-cookie: b\r\nconstructor: c\r\n__proto__: d\r\n';
  const [answer] = parsed([`${OK}${head}content-length: 0\r\n\r\n`]);
  expect(answer?.headers['set-cookie']).toEqual(['a', 'b']);
  expect(answer?.headers['constructor']).toBe('c');
  expect(Object.getPrototypeOf(answer?.headers)).toBe(Object.prototype);
});

/** Heads of which some have lines of others, in the same place or elsewhere, or half of one. */
const heads = fc
  .record({
    first: fc.constantFrom(
      'HTTP/1.1 200 OK',
      'HTTP/1.1 200 OKAY',
      'HTTP/1.0 200 OK',
      'HTTP/1.1 404 No',
    ),
    lines: fc.array(
      fc.constantFrom(
        'a: 1',
        'A: 1',
        'a: 12',
        'b: 1',
        'connection: close',
        'connection: keep-alive',
      ),
      { maxLength: 4 },
    ),
    length: fc.nat(2),
  })
  .map(({ first, lines, length }) =>
    [first, ...lines, `content-length: ${length}`, '', 'x'.repeat(length)].join('\r\n'),
  );

test('a head is read the same whatever head came before it on the connection', () => {
  fc.assert(
    fc.property(fc.array(heads, { minLength: 2, maxLength: 5 }), (texts) => {
      const seen: AnswerHead[] = [];
      const parser = new AnswerParser({
        head: (head) => seen.push(head),
        data: () => {},
        end: () => {},
      });
      for (const text of texts) {
        parser.expect();
        parser.feed(Buffer.from(text));
      }
      const alone = texts.map((text) => parsed([text])[0]);
      expect(seen).toMatchObject(
        alone.map((one) => ({ status: one?.status, headers: one?.headers, isKept: one?.isKept })),
      );
    }),
  );
});
