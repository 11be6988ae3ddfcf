import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as otherTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { GatewayError } from '../core/errors.ts';
import { createReadLater, type ReadLater } from './read-later.ts';

const overloaded = new GatewayError('gateway_overloaded', 'No room.');

/** A refusal of a request, and what happened to its connection by then. */
async function refuse(
  readLater: ReadLater,
  error: unknown,
  isComplete: boolean,
): Promise<readonly string[]> {
  const told: string[] = [];
  const socket = {
    destroyed: false,
    pause: () => told.push('pause'),
    resume: () => told.push('resume'),
  };
  const outgoing = new EventEmitter();
  // As much of both as is used.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const incoming = { socket, complete: isComplete } as unknown as IncomingMessage;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  readLater(incoming, outgoing as unknown as ServerResponse, error);
  outgoing.emit('finish');
  await otherTurn();
  return told;
}

let now = 0;

/** After so many refusals in this second that the next is one too many. */
async function inStorm(): Promise<ReadLater> {
  const readLater = createReadLater(() => now);
  for (let count = 0; count < 500; count += 1)
    expect(await refuse(readLater, overloaded, true)).toEqual([]);
  return readLater;
}

test('where many are refused for want of room, their connections are read again a little later', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  try {
    const readLater = await inStorm();
    const told = await refuse(readLater, overloaded, true);
    expect(told).toEqual(['pause']);
    vi.advanceTimersByTime(1000);
    expect(told).toEqual(['pause', 'resume']);
    now += 1000;
    expect(await refuse(readLater, overloaded, true)).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});

test('others, and what is still sent of a body, are read on', async () => {
  const readLater = await inStorm();
  expect(await refuse(readLater, overloaded, false)).toEqual([]);
  expect(await refuse(readLater, new GatewayError('caller_invalid', 'Wrong.'), true)).toEqual([]);
});
