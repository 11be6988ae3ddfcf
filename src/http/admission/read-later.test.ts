import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, test, vi } from 'vitest';
import { GatewayError } from '../../core/errors.ts';
import { createReadLater, type ReadLater } from './read-later.ts';

const overloaded = new GatewayError('gateway_overloaded', 'No room.');

/** A refusal of a request, of which `left` is still to come, and what happened to its connection by then. */
function refuse(
  readLater: ReadLater,
  error: unknown,
  left: 'nothing' | 'the end' | 'more' = 'nothing',
): readonly string[] {
  const told: string[] = [];
  const socket = {
    destroyed: false,
    pause: () => told.push('pause'),
    resume: () => told.push('resume'),
  };
  const outgoing = new EventEmitter();
  const incoming = Object.assign(new EventEmitter(), {
    socket,
    readableEnded: left === 'nothing',
  });
  // As much of both as is used.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  readLater(incoming as unknown as IncomingMessage, outgoing as unknown as ServerResponse, error);
  outgoing.emit('finish');
  if (left === 'the end') {
    expect(told).toEqual([]);
    incoming.emit('end');
  }
  return told;
}

let now = 0;

/** After so many refusals in this second that the next is one too many. */
function inStorm(): ReadLater {
  const readLater = createReadLater(() => now);
  for (let count = 0; count < 500; count += 1) expect(refuse(readLater, overloaded)).toEqual([]);
  return readLater;
}

test.each(['nothing', 'the end'] as const)(
  'where many are refused for want of room, their connections are read again a little later: %s is left',
  (left) => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      const readLater = inStorm();
      const told = refuse(readLater, overloaded, left);
      expect(told).toEqual(['pause']);
      vi.advanceTimersByTime(1000);
      expect(told).toEqual(['pause', 'resume']);
      now += 1000;
      expect(refuse(readLater, overloaded, left)).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  },
);

test('others, and what is still sent of a body, are read on', () => {
  const readLater = inStorm();
  expect(refuse(readLater, overloaded, 'more')).toEqual([]);
  expect(refuse(readLater, new GatewayError('caller_invalid', 'Wrong.'))).toEqual([]);
});
