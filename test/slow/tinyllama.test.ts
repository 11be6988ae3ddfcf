/** The real TinyLlama through the upstream: fetched from npm if it is not in the cache yet, skipped aloud if it cannot be. */
import { homedir } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Upstream } from '../../src/core/upstream.ts';
import { findDownload } from '../../src/models/downloads.ts';
import { modelStore, storeSettings } from '../../src/models/store.ts';
import { llamaCppUpstream } from '../../src/upstreams/llama-cpp/upstream.ts';
import {
  begin,
  choice,
  content,
  failure,
  hi,
  patient,
  piece,
  rest,
  send,
  whole,
} from '../support/ask-upstream.ts';

const NAME = 'tinyllama-1.1b-chat';
const { contextTokens, sampling, template, systemLine } = findDownload(NAME);
let local: Upstream | undefined;
let missing = '';

beforeAll(async () => {
  const store = modelStore(storeSettings(process.env, homedir()));
  try {
    const modelFile = await store.ensure(NAME);
    local = llamaCppUpstream({
      name: 'local',
      model: NAME,
      modelFile,
      contextTokens,
      sampling,
      template,
      ...(systemLine === undefined ? {} : { systemLine }),
    });
  } catch (error) {
    missing = error instanceof Error ? error.message : String(error);
  }
});

afterAll(async () => {
  await local?.close();
});

/** Says a figure where a person sees it; none of them decides about a test. */
const note = (line: string): void => {
  process.stdout.write(`tinyllama: ${line}\n`);
};

const withModel = (name: string, check: (model: Upstream) => Promise<void>): void => {
  test(name, async ({ skip }) => {
    if (local === undefined) {
      note(`SKIPPED "${name}": ${missing}`);
      return skip(missing);
    }
    return await check(local);
  });
};

withModel('loads, and knows its window', async (model) => {
  const { ok, detail } = await model.probe(patient);
  expect(ok, detail).toBe(true);
  expect(model.facts().contextTokens).toBe(2048);
  note(`${detail}; ${Math.round(process.memoryUsage.rss() / 1e6)} MB of memory`);
});

withModel('knows the capital of France, streamed', async (model) => {
  const startedMs = performance.now();
  const events = await begin(model, hi('What is the capital of France?', { max_tokens: 48 }));
  note(`first token after ${Math.round(performance.now() - startedMs)} ms`);
  const seen = await rest(events);
  expect(seen.map(piece).join('')).toContain('Paris');
  expect(seen.at(-1)).toMatchObject({ done: true });
});

withModel('begins a sentence, and stops at its limit', async (model) => {
  const startedMs = performance.now();
  const body = await whole(model, hi('Tell me a long story about the sea.', { max_tokens: 8 }));
  note(`8 tokens after ${Math.round(performance.now() - startedMs)} ms, prompt included`);
  expect(content(body).length).toBeGreaterThan(8);
  expect(choice(body)['finish_reason']).toBe('length');
});

withModel('answers in JSON when a schema asks for it', async (model) => {
  const schema = {
    type: 'object',
    properties: { city: { type: 'string', maxLength: 30 } },
    required: ['city'],
    additionalProperties: false,
  };
  const body = await whole(
    model,
    hi('Which city is the capital of Italy?', {
      max_tokens: 60,
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
    }),
  );
  expect(JSON.parse(content(body))).toEqual({ city: expect.any(String) });
});

withModel('can be stopped while it reads a long prompt, and answers the next', async (model) => {
  const abort = new AbortController();
  const long = send(model, hi('ships and harbours and '.repeat(120)), { abort: abort.signal });
  const stopped = failure(long);
  setImmediate(() => abort.abort());
  expect((await stopped).attemptCause).toBe('aborted');
  const next = await whole(model, hi('Say yes.', { max_tokens: 3 }));
  expect(choice(next)['finish_reason']).toMatch(/stop|length/);
});

withModel('turns away a prompt that is longer than its window', async (model) => {
  const error = await failure(send(model, hi('ships and harbours and '.repeat(800))));
  expect(error.attemptCause).toBe('context_overflow');
});
