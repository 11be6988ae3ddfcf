import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  begin,
  content,
  failure,
  hi,
  patient,
  rest,
  send,
  whole,
} from '../../../test/support/ask-upstream.ts';
import { makeGguf } from '../../../test/support/make-gguf.ts';
import type { Upstream } from '../../core/upstream.ts';
import { llamaCppUpstream } from './upstream.ts';
import type { LlamaCppOptions } from './upstream-options.ts';
import { spawnWorker } from './host.ts';
import type { LoadSettings } from './protocol.ts';

const SENTENCE = 'Hello! I am a tiny model.';
const folder = mkdtempSync(join(tmpdir(), 'smallfirst-'));
const open: Upstream[] = [];

afterAll(async () => {
  await Promise.all(open.map((one) => one.close()));
  rmSync(folder, { recursive: true });
});

function upstream(modelFile: string, options: Partial<LlamaCppOptions> = {}): Upstream {
  const made = llamaCppUpstream({
    name: 'local',
    model: 'tiny',
    modelFile,
    template: 'zephyr',
    contextTokens: 512,
    threads: 1,
    ...options,
  });
  open.push(made);
  return made;
}

const scripted = join(folder, 'scripted.gguf');

beforeAll(() => {
  writeFileSync(scripted, makeGguf({ kind: 'scripted', text: SENTENCE }));
});

/** A thread that sends one word of its first answer, and exits. */
const mortal = (settings: LoadSettings): Worker =>
  new Worker(
    `const { parentPort } = require('node:worker_threads');
     parentPort.postMessage({ kind: 'loaded', info: { contextTokens: 1, loadMs: 0 } });
     parentPort.on('message', ({ id }) => {
       parentPort.postMessage({ kind: 'text', id, text: 'Well' });
       throw new Error('out of memory');
     });`,
    { eval: true, workerData: settings },
  );

test('the thread’s exit breaks the answer in progress, and the next request restarts it', async () => {
  const lives = [mortal, spawnWorker];
  const local = upstream(scripted, {
    spawn: (settings) => {
      const spawn = lives.shift();
      if (spawn === undefined) throw new Error('started too often');
      return spawn(settings);
    },
  });
  const events = await begin(local, hi());
  expect((await failure(rest(events))).attemptCause).toBe('interrupted');
  expect(content(await whole(local, hi()))).toBe(SENTENCE);
  expect(lives).toEqual([]);
});

test('a missing file is named, with the command that fetches it', async () => {
  const error = await failure(send(upstream(join(folder, 'gone.gguf')), hi()));
  expect(error.attemptCause).toBe('unreachable');
  expect(error.message).toContain('gone.gguf');
  expect(error.message).toContain('models pull tiny');
});

test.each([
  ['something else than a model', Buffer.from('<!doctype html>')],
  ['a model cut off in the middle', makeGguf({ kind: 'endless', seed: 1 }).subarray(0, 20_000)],
  ['an empty file', Buffer.alloc(0)],
])('%s is said to be damaged, and the process lives', async (what, bytes) => {
  const file = join(folder, `${what.replaceAll(' ', '-')}.gguf`);
  writeFileSync(file, bytes);
  const local = upstream(file);
  const error = await failure(send(local, hi()));
  expect(error.attemptCause).toBe('server_error');
  expect(error.message).toContain('models rm tiny');
  const { ok, detail } = await local.probe(patient);
  expect(ok).toBe(false);
  expect(detail).toContain('models rm tiny');
});

test('a file that was repaired is loaded by the next request', async () => {
  const file = join(folder, 'repaired.gguf');
  writeFileSync(file, 'damaged');
  const local = upstream(file);
  await failure(send(local, hi()));
  writeFileSync(file, makeGguf({ kind: 'scripted', text: SENTENCE }));
  expect(content(await whole(local, hi()))).toBe(SENTENCE);
});

test('a closed upstream refuses, and may be closed twice', async () => {
  const local = upstream(scripted);
  expect(content(await whole(local, hi()))).toBe(SENTENCE);
  await local.close();
  await local.close();
  expect((await failure(send(local, hi()))).attemptCause).toBe('unreachable');
});

test('a model file without a known template name uses its own template', async () => {
  expect(content(await whole(upstream(scripted, { template: 'auto' }), hi()))).toBe(SENTENCE);
});

test('closing does not wait for a model that is still being fetched', async () => {
  const { promise: fetched, resolve: arrive } = Promise.withResolvers<string>();
  const local = llamaCppUpstream({ name: 'local', model: 'tiny', modelFile: () => fetched });
  const waiting = failure(send(local, hi()));
  await local.close();
  arrive(scripted);
  expect((await waiting).attemptCause).toBe('unreachable');
});
