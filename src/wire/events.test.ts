import { describe, expect, test } from 'vitest';
import type { StreamEvent } from '../core/upstream.ts';
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

test('JSON in bytes is framed unchanged', () => {
  const json = Buffer.from('{"a":  1.50}');
  expect(text(frame(json, undefined))).toBe('data: {"a":  1.50}\n\n');
  expect(text(frame(json, 'error'))).toBe('event: error\ndata: {"a":  1.50}\n\n');
  expect(frame(json, undefined).subarray(DATA_OFFSET, -2)).toEqual(json);
});

describe('mapEvents', () => {
  const [a, b, rest] = [dataEvent({ n: 1 }), dataEvent({ n: 2 }), dataEvent({ n: 3 })];
  const same: EventStep = { push: (event) => [event] };
  const over: IteratorResult<StreamEvent> = { done: true, value: undefined };

  /** A stream of these events, which ends or breaks; counts its calls. */
  function source(events: readonly StreamEvent[], error?: Error) {
    const asked = { pulls: 0, closes: 0 };
    const iterator: AsyncIterator<StreamEvent> = {
      next: () => {
        const value = events[asked.pulls];
        asked.pulls += 1;
        if (value !== undefined) return Promise.resolve({ done: false, value });
        return error === undefined ? Promise.resolve(over) : Promise.reject(error);
      },
      return: () => {
        asked.closes += 1;
        return Promise.resolve(over);
      },
    };
    return { iterator, asked };
  }

  /** All results, the failure last. */
  async function drain(events: AsyncIterator<StreamEvent>): Promise<readonly unknown[]> {
    const got: unknown[] = [];
    try {
      for (let step = await events.next(); step.done !== true; step = await events.next())
        got.push(step.value);
    } catch (error) {
      got.push(error);
    }
    return got;
  }

  test('an event is passed, replaced, multiplied or dropped, and the end may add more', async () => {
    const { iterator, asked } = source([a, b, DONE]);
    const step: EventStep = {
      push: (event) => (event === a ? [] : event === b ? [b, b] : [event]),
      end: () => [rest],
    };
    const mapped = mapEvents(iterator, step);
    expect(await drain(mapped)).toEqual([b, b, DONE, rest]);
    expect(await mapped.next()).toEqual(over);
    expect(asked).toEqual({ pulls: 4, closes: 0 });
  });

  test('one event is pulled at a time, and none while results wait', async () => {
    const { iterator, asked } = source([a, b]);
    const mapped = mapEvents(iterator, { push: (event) => [event, event] });
    expect(asked.pulls).toBe(0);
    await mapped.next();
    await mapped.next();
    expect(asked.pulls).toBe(1);
    await mapped.next();
    expect(asked.pulls).toBe(2);
  });

  test('return closes the stream and drops waiting results', async () => {
    const { iterator, asked } = source([a, b]);
    const mapped = mapEvents(iterator, { push: (event) => [event, event], end: () => [rest] });
    await mapped.next();
    expect(await mapped.return?.()).toEqual(over);
    expect(await mapped.next()).toEqual(over);
    expect(asked).toEqual({ pulls: 1, closes: 1 });
  });

  test('an event that comes after return is dropped unread', async () => {
    const late = Promise.withResolvers<IteratorResult<StreamEvent>>();
    const seen: StreamEvent[] = [];
    const mapped = mapEvents(
      { next: () => late.promise },
      {
        push: (event) => {
          seen.push(event);
          return [event];
        },
      },
    );
    const pending = mapped.next();
    await mapped.return?.();
    late.resolve({ done: false, value: a });
    expect(await pending).toEqual(over);
    expect(seen).toEqual([]);
  });

  test('a stream that breaks after return only rejects', async () => {
    const late = Promise.withResolvers<IteratorResult<StreamEvent>>();
    const mapped = mapEvents({ next: () => late.promise }, { ...same, fail: () => [rest] });
    const pending = drain(mapped);
    await mapped.return?.();
    const gone = new Error('gone');
    late.reject(gone);
    expect(await pending).toEqual([gone]);
  });

  test('a break rejects once, after the step’s last events, and closes the stream', async () => {
    const gone = new Error('gone');
    const { iterator, asked } = source([a], gone);
    const rejections: unknown[] = [];
    const mapped = mapEvents(iterator, {
      ...same,
      end: () => [b],
      fail: (error) => {
        rejections.push(error);
        return [rest];
      },
    });
    expect(await drain(mapped)).toEqual([a, rest, gone]);
    expect(rejections).toEqual([gone]);
    expect(await mapped.next()).toEqual(over);
    expect(asked.closes).toBe(1);
  });

  const broken = new Error('no');
  const throwing = (): never => {
    throw broken;
  };

  test.each<[string, EventStep, readonly unknown[]]>([
    ['push', { push: throwing, fail: () => [rest] }, [rest, broken]],
    ['end', { ...same, end: throwing, fail: () => [rest] }, [a, rest, broken]],
    ['end, without a rest', { ...same, end: throwing }, [a, broken]],
  ])('a step that throws in %s is a break', async (_where, step, expected) => {
    const { iterator, asked } = source([a]);
    expect(await drain(mapEvents(iterator, step))).toEqual(expected);
    expect(asked.closes).toBe(1);
  });

  test('neither the last events nor closing can hide the first failure', async () => {
    const gone = new Error('gone');
    const { iterator } = source([], gone);
    iterator.return = () => Promise.reject(broken);
    expect(await drain(mapEvents(iterator, { ...same, fail: throwing }))).toEqual([gone]);
  });

  test('nested steps: the outer one maps the events of the inner one', async () => {
    const { iterator, asked } = source([a]);
    const inner = mapEvents(iterator, { push: (event) => [event, b] });
    const outer = mapEvents(inner, { push: (event) => (event === b ? [rest] : [event]) });
    expect(await outer.next()).toEqual({ done: false, value: a });
    expect(await outer.next()).toEqual({ done: false, value: rest });
    await outer.return?.();
    expect(asked.closes).toBe(1);
  });
});
