/** Pieces of streams as servers frame them, and things that no server should send. */
import fc from 'fast-check';

const choice = fc.record({
  index: fc.nat({ max: 2 }),
  delta: fc.record({ content: fc.string({ unit: 'grapheme', maxLength: 9 }) }),
  finish_reason: fc.constantFrom(null, null, null, 'stop', 'length'),
});
const chunk = fc.record(
  {
    id: fc.string(),
    choices: fc.array(choice, { maxLength: 2 }),
    usage: fc.constantFrom(null, { prompt_tokens: 3 }),
  },
  { requiredKeys: ['choices'] },
);
const framing = fc.record({
  eol: fc.constantFrom('\n', '\r\n', '\r'),
  prefix: fc.constantFrom('data: ', 'data:', ': c\ndata: ', 'id: 4\ndata: '),
  isPretty: fc.boolean(),
});

/** One chunk of a chat, framed in some legal way. */
export const streamPiece = fc.tuple(chunk, framing).map(([data, { eol, prefix, isPretty }]) => {
  const json = isPretty
    ? JSON.stringify(data, null, 1).replaceAll('\n', '\ndata: ')
    : JSON.stringify(data);
  return `${prefix}${json}\n\n`.replaceAll('\n', eol);
});

const noise = fc.oneof(
  fc.constantFrom(
    'data: [DONE]\n\n',
    'data: {"error":{"message":"x"}}\n\n',
    'data: nul\u0000\n\n',
    '<html>\n\n',
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constant(`data: "${'x'.repeat(600)}"\n\n`),
);

/** Up to eight pieces, one in five of which is no chunk. */
export const anyStream = fc.array(fc.oneof({ weight: 4, arbitrary: streamPiece }, noise), {
  maxLength: 8,
});
