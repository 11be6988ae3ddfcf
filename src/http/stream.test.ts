import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import type { Operation } from '../core/call.ts';
import { eventWriter } from './stream.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** What the caller gets while the upstream is silent. */
function writtenInSilence(operation: Operation): string {
  vi.useFakeTimers();
  const outgoing = new ServerResponse(new IncomingMessage(new Socket()));
  let written = '';
  vi.spyOn(outgoing, 'write').mockImplementation((chunk: unknown) => {
    written += String(chunk);
    return true;
  });
  // Without a socket the headers stay in its buffer.
  vi.spyOn(outgoing, 'writableLength', 'get').mockReturnValue(0);
  eventWriter(outgoing, operation, {
    keepAliveMs: 1000,
    early: () => ({}),
    abort: new AbortController().signal,
  });
  vi.advanceTimersByTime(1000);
  outgoing.emit('close');
  return written;
}

test.each([
  ['chat', ': keep-alive\n\n'],
  ['messages', 'event: ping\ndata: {"type":"ping"}\n\n'],
] as const)('silence is bridged in the words of %s', (operation, words) => {
  expect(writtenInSilence(operation)).toBe(words);
});
