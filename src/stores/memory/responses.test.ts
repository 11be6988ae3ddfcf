import { describe, expect, test } from 'vitest';
import type { StoredResponse } from '../../core/stored-responses.ts';
import { memoryResponseStore } from './responses.ts';
import { NO_WAITING } from '../../core/deadline.ts';
import { storedResponses } from '../../responses/stored-routes.ts';

const answer = (id: string, text = 'x', asked = 1): StoredResponse => {
  const inputItems = Array.from({ length: asked }, (_, at) => ({ id: `msg_${id}_${at}`, text }));
  return {
    response: { id, output: [{ id: `msg_${id}_out`, text }] },
    inputItems,
    conversation: inputItems,
  };
};

describe('the store in memory', () => {
  test('returns a saved response, to its caller only', () => {
    const store = memoryResponseStore();
    store.save('alice', answer('a'));
    expect(store.load('alice', 'a')).toEqual(answer('a'));
    expect(store.load('bob', 'a')).toBeUndefined();
    expect(store.item('bob', 'msg_a_out')).toBeUndefined();
    expect(store.remove('bob', 'a')).toBe(false);
    expect(store.load('alice', 'a')).toBeDefined();
  });

  test('no caller name gives access to another’s responses', () => {
    const store = memoryResponseStore();
    store.save('x', answer('a","b'));
    expect(store.load('x","a', 'b')).toBeUndefined();
    expect(store.load('x', 'a","b')).toBeDefined();
  });

  test('a removed response is gone with its items', () => {
    const store = memoryResponseStore();
    store.save('alice', answer('a'));
    expect(store.item('alice', 'msg_a_out')).toBeDefined();
    expect(store.remove('alice', 'a')).toBe(true);
    expect(store.load('alice', 'a')).toBeUndefined();
    expect(store.item('alice', 'msg_a_out')).toBeUndefined();
    expect(store.item('alice', 'msg_a_0')).toBeUndefined();
    expect(store.remove('alice', 'a')).toBe(false);
  });

  test('above its count the least recently read is evicted first', () => {
    const store = memoryResponseStore({ maxEntries: 2 });
    store.save('alice', answer('a'));
    store.save('alice', answer('b'));
    store.load('alice', 'a');
    store.save('alice', answer('c'));
    const left = ['a', 'b', 'c'].filter((id) => store.load('alice', id) !== undefined);
    expect(left).toEqual(['a', 'c']);
  });

  test('above its bytes old ones are evicted, and one that is too large alone is not stored', () => {
    const store = memoryResponseStore({ maxBytes: 8000 });
    store.save('alice', answer('a', 'y'.repeat(1000)));
    store.save('alice', answer('b', 'y'.repeat(1000)));
    store.save('alice', answer('c', 'y'.repeat(1000)));
    expect(store.load('alice', 'a')).toBeUndefined();
    expect(store.load('alice', 'c')).toBeDefined();
    store.save('alice', answer('huge', 'y'.repeat(8000)));
    expect(store.load('alice', 'huge')).toBeUndefined();
    expect(store.load('alice', 'c')).toBeDefined();
  });

  test('saving the same response again does not count it twice', () => {
    const store = memoryResponseStore({ maxBytes: 8000 });
    for (let at = 0; at < 10; at += 1) store.save('alice', answer('a', 'y'.repeat(1000)));
    store.save('alice', answer('b', 'y'.repeat(1000)));
    expect(store.load('alice', 'a')).toBeDefined();
  });

  test('remembered upstreams are bounded too, least recently used evicted first', () => {
    const store = memoryResponseStore({ maxEntries: 2 });
    store.remember('alice', 'a', 'cloud');
    store.remember('alice', 'b', 'cloud');
    store.boundTo('alice', 'a');
    store.remember('alice', 'c', 'local');
    expect(['a', 'b', 'c'].map((id) => store.boundTo('alice', id))).toEqual([
      'cloud',
      undefined,
      'local',
    ]);
  });
});

describe('the routes under /v1/responses/{id}', () => {
  const routes = (asked: number) => {
    const store = memoryResponseStore();
    store.save('alice', answer('a', 'x', asked));
    return storedResponses(store);
  };
  const ids = (page: unknown): unknown => {
    expect(page).toMatchObject({ object: 'list' });
    // matched above: a page of this gateway
    return (page as { data: { id: string }[] }).data.map(({ id }) => id);
  };

  test('retrieve and delete; then it is unknown, with OpenAI’s error', () => {
    const stored = routes(1);
    expect(stored.retrieve('alice', 'a', NO_WAITING)).toEqual(answer('a').response);
    expect(stored.remove('alice', 'a', NO_WAITING)).toEqual({
      id: 'a',
      object: 'response',
      deleted: true,
    });
    for (const gone of [
      () => stored.retrieve('alice', 'a', NO_WAITING),
      () => stored.remove('alice', 'a', NO_WAITING),
      () => stored.inputItems('alice', 'a', new URLSearchParams(), NO_WAITING),
    ]) {
      expect(gone).toThrow(
        expect.objectContaining({ status: 404, message: "Response with id 'a' not found." }),
      );
    }
  });

  test('pages of input items, newest first, follow each other without gap or overlap', () => {
    const stored = routes(5);
    const page = (query: string) =>
      stored.inputItems('alice', 'a', new URLSearchParams(query), NO_WAITING);
    const first = page('limit=2');
    expect(ids(first)).toEqual(['msg_a_4', 'msg_a_3']);
    expect(first).toMatchObject({ first_id: 'msg_a_4', last_id: 'msg_a_3', has_more: true });
    const second = page('limit=2&after=msg_a_3');
    expect(ids(second)).toEqual(['msg_a_2', 'msg_a_1']);
    const last = page('limit=2&after=msg_a_1');
    expect(ids(last)).toEqual(['msg_a_0']);
    expect(last).toMatchObject({ has_more: false });
    expect(ids(page('order=asc&limit=2'))).toEqual(['msg_a_0', 'msg_a_1']);
  });

  test('an empty page has no ids', () => {
    expect(routes(0).inputItems('alice', 'a', new URLSearchParams(), NO_WAITING)).toEqual({
      object: 'list',
      data: [],
      first_id: null,
      last_id: null,
      has_more: false,
    });
  });

  test.each(['limit=0', 'limit=101', 'limit=two', 'order=up', 'after=msg_nothing'])(
    '%s is refused with its name',
    (query) => {
      const [param] = query.split('=');
      expect(() =>
        routes(1).inputItems('alice', 'a', new URLSearchParams(query), NO_WAITING),
      ).toThrow(expect.objectContaining({ status: 400, param }));
    },
  );
});
