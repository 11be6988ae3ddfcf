import { expect, test } from 'vitest';
import { decodedMedia } from './encoded-media.ts';

const SAID = 'Ana lives at 12 High Street and her number is 600 123 456. '.repeat(4);
const encoded = Buffer.from(SAID).toString('base64');

/** In lines, as MIME breaks them. */
const lines = (width: number, end: string): string =>
  (encoded.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join(end);

test.each([
  ['alone', encoded],
  ['within prose', `Look at this: ${encoded}, and tell me.`],
  ['between quotes after another that is too short', `"${encoded.slice(0, 200)}" "${encoded}"`],
  ['in lines of 76', `See:\n\n ${lines(76, '\r\n')}\n`],
  ['in lines of 60', lines(60, '\n')],
])('Base64 is read %s', (_, text) => {
  expect(decodedMedia(text).texts).toEqual([SAID]);
});

test.each([
  ['a run that is too short', encoded.slice(0, 252)],
  ['lines that are too short', lines(59, '\n')],
  ['two lines', lines(120, '\n').split('\n').slice(0, 2).join('\n')],
  ['a long word', 'a'.repeat(400)],
])('%s is none', (_, text) => {
  expect(decodedMedia(`See ${text}.`)).toEqual({ texts: [], unread: [] });
});
