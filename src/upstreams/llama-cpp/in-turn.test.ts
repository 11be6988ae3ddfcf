import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  begin,
  choice,
  content,
  failure,
  hi,
  rest,
  send,
  whole,
} from '../../../test/support/ask-upstream.ts';
import { makeGguf } from '../../../test/support/make-gguf.ts';
import type { Upstream } from '../../core/upstream.ts';
import { llamaCppUpstream } from './upstream.ts';

const folder = mkdtempSync(join(tmpdir(), 'smallfirst-'));
let local: Upstream;

beforeAll(() => {
  const endless = join(folder, 'endless.gguf');
  writeFileSync(endless, makeGguf({ kind: 'endless', seed: 1 }));
  local = llamaCppUpstream({
    name: 'local',
    model: 'tiny',
    modelFile: endless,
    template: 'zephyr',
    contextTokens: 512,
    threads: 1,
    maxQueue: 1,
  });
});

afterAll(async () => {
  await local.close();
  rmSync(folder, { recursive: true });
});

test('stops when the caller aborts, and serves the next', async () => {
  const abort = new AbortController();
  const events = await begin(local, hi(), { abort: abort.signal });
  await events.next();
  abort.abort();
  expect((await failure(rest(events))).attemptCause).toBe('aborted');
  expect(choice(await whole(local, hi('hi', { max_tokens: 2 })))['finish_reason']).toBe('length');
});

test('stops when the reader returns early, and serves the next', async () => {
  const events = await begin(local, hi());
  await events.next();
  await events.return?.();
  expect(await events.next()).toMatchObject({ done: true });
  expect(choice(await whole(local, hi('hi', { max_tokens: 2 })))['finish_reason']).toBe('length');
});

test('fills its window and no more', async () => {
  const body = await whole(local, hi('hi', { max_tokens: 5000 }));
  expect(choice(body)['finish_reason']).toBe('length');
  expect(body['usage']).toMatchObject({ total_tokens: 512 });
});

test('gives the same text for the same seed, and another for another', async () => {
  const generateWith = async (seed: number): Promise<unknown> =>
    content(await whole(local, hi('hi', { temperature: 1.5, seed, max_tokens: 12 })));
  const first = await generateWith(7);
  expect(await generateWith(7)).toBe(first);
  expect(await generateWith(8)).not.toBe(first);
});

test('answers one at a time, in order, and rejects requests above the queue limit', async () => {
  const served: string[] = [];
  const first = await begin(local, hi());
  const second = whole(local, hi('hi', { max_tokens: 2 })).then(() => served.push('second'));
  const refused = await failure(send(local, hi()));
  expect(refused.attemptCause).toBe('overloaded');
  expect(refused.status).toBe(503);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
  expect(served).toEqual([]);
  await first.return?.();
  await second;
  expect(served).toEqual(['second']);
});

test('removes an aborted request from the queue', async () => {
  const first = await begin(local, hi());
  const abort = new AbortController();
  const waiting = failure(send(local, hi(), { abort: abort.signal }));
  expect((await failure(send(local, hi()))).attemptCause).toBe('overloaded');
  abort.abort();
  expect((await waiting).attemptCause).toBe('aborted');
  const next = whole(local, hi('hi', { max_tokens: 2 }));
  await first.return?.();
  expect(choice(await next)['finish_reason']).toBe('length');
});

test('embeds texts, as numbers and as base64 of the same numbers', async () => {
  const ask = { operation: 'embeddings' } as const;
  const floats = await whole(local, { input: ['one', 'another'] }, ask);
  const packed = await whole(local, { input: 'another', encoding_format: 'base64' }, ask);
  expect(floats).toMatchObject({ object: 'list', model: 'tiny' });
  const vectors = Array.isArray(floats['data']) ? floats['data'] : [];
  expect(vectors).toHaveLength(2);
  const coded = Array.isArray(packed['data']) ? String(packed['data'][0].embedding) : '';
  const bytes = Buffer.from(coded, 'base64');
  const decoded = Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
  expect(decoded).toEqual(vectors[1].embedding);
  expect(decoded).not.toEqual(vectors[0].embedding);
  expect(Math.hypot(...decoded)).toBeCloseTo(1, 5);
});
