import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as otherTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { GatewayError } from '../core/errors.ts';
import { readLater } from './read-later.ts';

const overloaded = new GatewayError('gateway_overloaded', 'No room.');

/** A refusal of a request, and what happened to its connection by then. */
async function refuse(error: unknown, isComplete: boolean): Promise<readonly string[]> {
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

test('a connection that was refused for want of room is read again a little later', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  try {
    const told = await refuse(overloaded, true);
    expect(told).toEqual(['pause']);
    vi.advanceTimersByTime(1000);
    expect(told).toEqual(['pause', 'resume']);
  } finally {
    vi.useRealTimers();
  }
});

test('others, and what is still sent of a body, are read on', async () => {
  expect(await refuse(overloaded, false)).toEqual([]);
  expect(await refuse(new GatewayError('caller_invalid', 'Wrong.'), true)).toEqual([]);
});
