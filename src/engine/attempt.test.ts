import { describe, expect, test } from 'vitest';
import { call } from '../../test/support/call.ts';
import { iterated, scriptedEvents } from '../../test/support/event-streams.ts';
import { chunk, fakeUpstream } from '../../test/support/fake-upstream.ts';
import { noAccountant } from '../../test/support/no-accountant.ts';
import type { Attempt } from '../core/record.ts';
import type { Answer, StreamEvent } from '../core/upstream.ts';
import { openAttempt } from './attempt.ts';
import { describe as featuresOf } from './features.ts';

const given = call({ stream: true });
const target = { tier: 'small', upstream: 'local', model: 'm', locality: 'local' } as const;
const headers = {};

/** An attempt that records each close, and how often its upstream's stream was closed. */
function open(steps: readonly (StreamEvent | Error)[] = []) {
  const closings: { outcome: Attempt['outcome']; error: unknown }[] = [];
  const ended: Attempt['outcome'][] = [];
  const seen = { closed: 0 };
  const events = scriptedEvents(steps, () => (seen.closed += 1));
  const attempt = openAttempt(
    given,
    featuresOf(given),
    { target, payment: undefined },
    {
      upstreams: new Map([['local', fakeUpstream('local')]]),
      accountant: noAccountant,
      observer: { started: () => {}, ended: ({ outcome }) => ended.push(outcome) },
      nowMs: () => 1,
    },
  );
  const abort = new AbortController();
  const meter = (answer: Answer): Answer =>
    attempt.meter(answer, abort.signal, ({ outcome }, error) => closings.push({ outcome, error }));
  return { attempt, abort, meter, closings, ended, seen, events };
}

const readable = (answer: Answer): AsyncIterator<unknown> => {
  if (answer.kind === 'whole') throw new Error('a whole answer has no parts');
  return answer.kind === 'stream' ? iterated(answer.events) : answer.chunks;
};

async function readToEnd(parts: AsyncIterator<unknown>): Promise<void> {
  while ((await parts.next()).done !== true);
}

describe('an attempt whose answer is metered', () => {
  test('is closed at once by a whole answer', () => {
    const { meter, closings } = open();
    meter({ kind: 'whole', headers, bytes: Buffer.from('{}'), body: {} });
    expect(closings).toEqual([{ outcome: 'ok', error: undefined }]);
  });

  test.each(['stream', 'raw'] as const)('is closed by the end of a %s, once', async (kind) => {
    const { meter, closings, ended, events } = open([chunk({ content: 'a' }), chunk({})]);
    const { next } = iterated(events);
    const chunks = { next: async () => ({ ...(await next()), value: Buffer.alloc(1) }) };
    const parts = readable(
      meter(
        kind === 'stream'
          ? { kind, headers, events }
          : { kind, headers, status: 200, chunks: chunks as AsyncIterator<Uint8Array> },
      ),
    );
    await parts.next();
    expect(closings).toEqual([]);
    await readToEnd(parts);
    await parts.return?.();
    expect(closings).toEqual([{ outcome: 'ok', error: undefined }]);
    expect(ended).toEqual(['ok']);
  });

  test('fails when its stream breaks', async () => {
    const broken = new Error('broke');
    const { meter, closings, events } = open([chunk({ content: 'a' }), broken]);
    const parts = readable(meter({ kind: 'stream', headers, events }));
    await expect(readToEnd(parts)).rejects.toBe(broken);
    expect(closings).toEqual([{ outcome: 'failed', error: broken }]);
  });

  test('is aborted, not failed, by a break after the caller hung up', async () => {
    const broken = new Error('broke');
    const { meter, closings, events, abort } = open([broken]);
    const parts = readable(meter({ kind: 'stream', headers, events }));
    abort.abort();
    await expect(readToEnd(parts)).rejects.toBe(broken);
    expect(closings).toEqual([{ outcome: 'aborted', error: broken }]);
  });

  test('is aborted when its stream is abandoned, which closes the upstream’s stream', async () => {
    const { meter, closings, events, seen } = open([chunk({ content: 'a' })]);
    await readable(meter({ kind: 'stream', headers, events })).return?.();
    expect(closings).toEqual([{ outcome: 'aborted', error: undefined }]);
    expect(seen.closed).toBe(1);
  });

  test('keeps the outcome of its first close', () => {
    const { attempt, meter, ended } = open();
    meter({ kind: 'whole', headers, bytes: Buffer.from('{}'), body: {} });
    expect(attempt.close('failed', new Error('late')).outcome).toBe('ok');
    expect(ended).toEqual(['ok']);
  });
});
