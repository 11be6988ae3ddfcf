import { describe, expect, test } from 'vitest';
import type { EventStream, StreamEvent } from '../core/upstream.ts';
import { Flow } from '../lib/flow.ts';
import {
  DATA_OFFSET,
  dataEvent,
  DONE,
  frame,
  mapEvents,
  namedEvent,
  type EventStep,
} from './events.ts';
import { sseSplitter } from './sse.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

test('an event is read back as written, each with its blank line', () => {
  const data = { type: 'response.created', text: 'two\nlines' };
  for (const event of [dataEvent(data), namedEvent(data)]) {
    const [read, ...more] = sseSplitter().push(Buffer.from(event.bytes));
    expect(more).toEqual([]);
    expect(read?.isPlain).toBe(true);
    expect(JSON.parse(read?.data ?? '')).toEqual(event.data);
  }
  expect(text(namedEvent(data).bytes)).toMatch(/^event: response\.created\ndata: \{/);
  expect(DONE).toEqual({ bytes: Buffer.from('data: [DONE]\n\n'), done: true });
});

test.each(['plain', 'ø', 'ﬁ 😀'])('the characters of an event are its bytes: %s', (said) => {
  const { bytes, latin1 } = dataEvent({ said });
  expect(latin1).toBe(Buffer.from(bytes).toString('latin1'));
});

test('JSON in bytes is framed unchanged', () => {
  const json = Buffer.from('{"a":  1.50}');
  expect(text(frame(json, undefined))).toBe('data: {"a":  1.50}\n\n');
  expect(text(frame(json, 'error'))).toBe('event: error\ndata: {"a":  1.50}\n\n');
  expect(frame(json, undefined).subarray(DATA_OFFSET, -2)).toEqual(json);
});

describe('mapEvents', () => {
  const [a, b, rest] = [dataEvent({ n: 1 }), dataEvent({ n: 2 }), dataEvent({ n: 3 })];
  const same: EventStep = { push: (event) => event };
  const twice: EventStep = { push: (event) => [event, event] };

  /** A stream that the test pushes, and what is done to it. */
  function source() {
    const done: string[] = [];
    const flow = new Flow<StreamEvent>({
      hold: () => void done.push('hold'),
      release: () => void done.push('release'),
      cancel: () => void done.push('cancel'),
    });
    return { flow, done };
  }

  /** What came of it, in order: the failure last, and where a batch ended. */
  function received(events: EventStream): unknown[] {
    const got: unknown[] = [];
    events.pushTo({
      receive: (event) => void got.push(event),
      batchEnd: () => void got.push('batch'),
      ended: (error) => void got.push(error ?? 'end'),
    });
    return got;
  }

  test('an event is passed, replaced, multiplied or dropped, and the end may add more', () => {
    const { flow } = source();
    const got = received(
      mapEvents(flow, {
        push: (event) => (event === a ? [] : event === b ? [b, b] : event),
        end: () => [rest],
      }),
    );
    for (const event of [a, b, DONE]) flow.receive(event);
    flow.batchEnd();
    flow.ended();
    expect(got).toEqual([b, b, DONE, 'batch', rest, 'end']);
  });

  test('what holds the events back holds back the stream', () => {
    const { flow, done } = source();
    const mapped = mapEvents(flow, twice);
    const got = received(mapped);
    mapped.hold();
    flow.push(a);
    expect(got).not.toContain(a);
    mapped.release();
    expect(got.filter((one) => one === a)).toHaveLength(2);
    expect(done).toEqual(['release', 'hold', 'release']);
  });

  test('cancel stops the stream, and drops what is left', () => {
    const { flow, done } = source();
    const mapped = mapEvents(flow, { ...twice, end: () => [rest] });
    const got: StreamEvent[] = [];
    mapped.pushTo({
      receive: (event) => {
        got.push(event);
        mapped.cancel();
      },
      batchEnd: () => {},
      ended: () => expect.unreachable('it was left'),
    });
    flow.push(a);
    flow.push(b);
    flow.ended();
    expect(got).toEqual([a]);
    expect(done).toEqual(['release', 'cancel']);
  });

  test('the end waits for what it asks for', async () => {
    const { flow } = source();
    const stored = Promise.withResolvers<readonly StreamEvent[]>();
    const got = received(mapEvents(flow, { ...same, end: () => stored.promise }));
    flow.push(a);
    flow.ended();
    expect(got).toEqual([a, 'batch']);
    stored.resolve([rest]);
    await stored.promise;
    expect(got).toEqual([a, 'batch', rest, 'end']);
  });

  test('what is left while its end waits does not end', async () => {
    const { flow } = source();
    const stored = Promise.withResolvers<readonly StreamEvent[]>();
    const mapped = mapEvents(flow, { ...same, end: () => stored.promise });
    const got = received(mapped);
    flow.ended();
    mapped.cancel();
    stored.resolve([rest]);
    await stored.promise;
    expect(got).toEqual([]);
  });

  test('a break comes once, after the step’s last events', () => {
    const gone = new Error('gone');
    const { flow } = source();
    const breaks: unknown[] = [];
    const got = received(
      mapEvents(flow, {
        ...same,
        end: () => [b],
        fail: (error) => {
          breaks.push(error);
          return [rest];
        },
      }),
    );
    flow.push(a);
    flow.ended(gone);
    flow.ended();
    expect(got).toEqual([a, 'batch', rest, gone]);
    expect(breaks).toEqual([gone]);
  });

  const broken = new Error('no');
  const throwing = (): never => {
    throw broken;
  };

  test.each<[string, EventStep, readonly unknown[]]>([
    ['push', { push: throwing, fail: () => [rest] }, [rest, broken]],
    ['end', { ...same, end: throwing, fail: () => [rest] }, [a, 'batch', rest, broken]],
    ['end, without a rest', { ...same, end: throwing }, [a, 'batch', broken]],
    ['end, later', { ...same, end: () => Promise.reject(broken) }, [a, 'batch', broken]],
    ['closed', { ...same, closed: throwing }, [a, 'batch', broken]],
  ])('a step that throws in %s is a break', async (_where, step, expected) => {
    const { flow } = source();
    const got = received(mapEvents(flow, step));
    flow.push(a);
    flow.ended();
    await expect.poll(() => got).toEqual(expected);
  });

  test('a step that throws stops the stream', () => {
    const { flow, done } = source();
    received(mapEvents(flow, { push: throwing }));
    flow.push(a);
    expect(done).toContain('cancel');
  });

  test('the last events cannot hide the first failure', () => {
    const gone = new Error('gone');
    const { flow } = source();
    const got = received(mapEvents(flow, { ...same, fail: throwing }));
    flow.ended(gone);
    expect(got).toEqual([gone]);
  });

  test.each([
    ['its end', (flow: Flow<StreamEvent>) => flow.ended(), [undefined, true]],
    ['a break', (flow: Flow<StreamEvent>) => flow.ended(broken), [broken, false]],
    [
      'a caller who leaves',
      (_: unknown, mapped: EventStream) => mapped.cancel(),
      [undefined, false],
    ],
  ] as const)('%s closes the step once, before it is told', (_what, act, expected) => {
    const { flow } = source();
    const closed: unknown[] = [];
    const mapped = mapEvents(flow, { ...same, closed: (...how) => void closed.push(how) });
    mapped.pushTo({
      receive: () => {},
      batchEnd: () => {},
      ended: () => expect(closed).toHaveLength(1),
    });
    act(flow, mapped);
    mapped.cancel();
    expect(closed).toEqual([expected]);
  });

  test('nested steps: the outer one maps the events of the inner one', () => {
    const { flow, done } = source();
    const inner = mapEvents(flow, { push: (event) => [event, b] });
    const outer = mapEvents(inner, { push: (event) => (event === b ? rest : event) });
    const got = received(outer);
    flow.push(a);
    outer.cancel();
    expect(got).toEqual([a, rest, 'batch']);
    expect(done).toEqual(['release', 'cancel']);
  });
});
