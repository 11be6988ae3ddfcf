import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunk } from '../../test/support/scripted-chat.ts';
import type { StreamEvent } from '../core/upstream.ts';
import { firstChoice } from '../wire/chat-choice.ts';
import { dataEvent, DONE } from '../wire/events.ts';
import { createPlaceholders } from './placeholders.ts';
import { chatRestorer } from './restore-chat.ts';

/** What the caller reads of a chat that is restored. */
function restored(events: readonly StreamEvent[]): string {
  const placeholders = createPlaceholders('');
  placeholders.mask('a@b.example', [{ kind: 'email', start: 0, end: 11 }]);
  const step = chatRestorer(placeholders, { isJson: false });
  const given = [...events, DONE].flatMap((event) => step.push(event));
  return given.map(({ data }) => firstChoice(data ?? {})?.text ?? '').join('|');
}

test('an event that brings a text alone is restored as one that is read', () => {
  const texts = fc.array(fc.constantFrom('Write to ', '<', '<EM', 'AIL_1', '> now', '<EMAIL_1>'));
  fc.assert(
    fc.property(texts, (pieces) => {
      const read = pieces.map((content) => dataEvent(chunk({ content })));
      const alike = read.map(({ bytes, data = {} }, at) => ({ bytes, data, text: pieces[at]! }));
      expect(restored(alike)).toBe(restored(read));
    }),
  );
  const [email] = [dataEvent(chunk({ content: '<EMAIL_1>' }))];
  expect(restored([{ bytes: email.bytes, text: '<EMAIL_1>', data: email.data ?? {} }])).toBe(
    'a@b.example|',
  );
});

test('what has no placeholder passes as it came', () => {
  const step = chatRestorer(createPlaceholders(''), { isJson: false });
  const event = { bytes: Buffer.alloc(0), text: 'Hello' };
  expect(step.push(event)).toBe(event);
});
