import { describe, expect, test } from 'vitest';
import type { Features } from '../core/signal.ts';
import type { JsonObject } from '../lib/json.ts';
import { estimateTokens } from '../lib/tokens.ts';
import { aRecord } from '../../test/support/record.ts';
import { usageMeter } from './usage-meter.ts';

const asked = 'What time is it in Lima?';
const OVERHEAD = 8;

function features(text = asked): Features {
  const inputTokens = estimateTokens(text) + OVERHEAD;
  const { facts } = aRecord();
  return {
    facts: { ...facts, inputTokens, inputTokensSource: 'estimated' },
    turns: [{ role: 'user', text }],
    task: text,
  };
}

/** One token per character: differs clearly from the estimate. */
const countCharacters = (text: string): number => text.length;

function watched(...bodies: readonly JsonObject[]) {
  const watch = usageMeter(features(), countCharacters);
  for (const body of bodies) watch.observe(body);
  return watch;
}

const delta = (content: string): JsonObject => ({
  object: 'chat.completion.chunk',
  model: 'm-1',
  choices: [{ index: 0, delta: { content } }],
});

describe('what the upstream reports', () => {
  test('is believed where it is not zero', () => {
    const watch = watched(delta('It is '), delta('noon.'), {
      choices: [],
      usage: { prompt_tokens: 12, completion_tokens: 6 },
    });
    expect(watch.usage()).toEqual({
      inputTokens: 12,
      cachedInputTokens: 0,
      outputTokens: 6,
      reasoningTokens: 0,
      source: 'reported',
    });
  });

  test('carries what decides about the price', () => {
    const watch = watched(delta('Noon.'), {
      choices: [],
      service_tier: 'flex',
      usage: { prompt_tokens: 12, completion_tokens: 6, cost: 0.25, num_search_queries: 1 },
    });
    expect(watch.usage()).toMatchObject({
      details: { webSearches: 1 },
      chargedNanoUsd: 250_000_000,
      serviceTier: 'flex',
    });
  });

  test('is counted, and marked, where no model could have written as much', () => {
    const watch = watched(delta('It is noon.'), {
      choices: [],
      usage: { prompt_tokens: 12, completion_tokens: 5_000_000 },
    });
    expect(watch.usage()).toMatchObject({
      inputTokens: 12,
      outputTokens: 'It is noon.'.length,
      source: 'counted',
      isImplausible: true,
    });
  });

  test('is ignored by `countUsage`', () => {
    const watch = watched(delta('It is noon.'), {
      choices: [],
      usage: { prompt_tokens: 12, completion_tokens: 6 },
    });
    expect(watch.countUsage(['It is ', 'six.'])).toEqual({
      inputTokens: asked.length + OVERHEAD,
      cachedInputTokens: 0,
      outputTokens: 'It is six.'.length,
      reasoningTokens: 0,
      source: 'counted',
    });
  });

  test('is replaced by a count where it is missing', () => {
    expect(watched(delta('It is '), delta('noon.')).usage()).toEqual({
      inputTokens: asked.length + OVERHEAD,
      cachedInputTokens: 0,
      outputTokens: 'It is noon.'.length,
      reasoningTokens: 0,
      source: 'counted',
    });
  });

  test('is replaced by a count where it is zero although there was text', () => {
    const zeros = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
    expect(watched(delta('noon'), { choices: [], usage: zeros }).usage()).toMatchObject({
      outputTokens: 4,
      source: 'counted',
    });
  });

  test('is believed for the input when only the output is zero', () => {
    const half = { prompt_tokens: 12, completion_tokens: 0 };
    expect(watched(delta('noon'), { choices: [], usage: half }).usage()).toMatchObject({
      inputTokens: 12,
      outputTokens: 4,
      source: 'counted',
    });
  });

  test('may be zero output where no text was produced', () => {
    const body = { data: [{ embedding: [0.1] }], usage: { prompt_tokens: 5, total_tokens: 5 } };
    expect(watched(body).usage()).toMatchObject({
      inputTokens: 5,
      outputTokens: 0,
      source: 'reported',
    });
  });

  test('is the last of several, as servers that report as they go send them', () => {
    const soFar = (completion_tokens: number): JsonObject => ({
      ...delta('x'),
      usage: { prompt_tokens: 3, completion_tokens },
    });
    expect(watched(soFar(1), soFar(2), delta('x')).usage()).toMatchObject({ outputTokens: 2 });
  });
});

describe('content', () => {
  test('is text, reasoning, refusals and tool calls, but not a role', () => {
    const message = (member: JsonObject): JsonObject => ({ choices: [{ delta: member }] });
    expect(watched(message({ role: 'assistant', content: '' })).hasContent()).toBe(false);
    expect(watched(message({ reasoning_content: 'hm' })).hasContent()).toBe(true);
    expect(watched(message({ refusal: 'no' })).hasContent()).toBe(true);
    const calls = [{ index: 0, function: { name: 'lookup', arguments: '{"a"' } }];
    expect(watched(message({ tool_calls: calls })).usage()).toMatchObject({
      outputTokens: 'lookup{"a"'.length,
    });
  });

  test('of completions and of whole answers is counted', () => {
    expect(watched({ choices: [{ text: 'four' }] }).usage()?.outputTokens).toBe(4);
    const whole = { choices: [{ message: { role: 'assistant', content: 'noon' } }] };
    expect(watched(whole).usage()?.outputTokens).toBe(4);
  });

  test('of responses is counted once: in deltas, or in the whole response', () => {
    const output = [
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }] },
      { type: 'message', content: [{ type: 'output_text', text: 'noon' }] },
      { type: 'function_call', name: 'f', arguments: '{}' },
    ];
    expect(watched({ object: 'response', output }).usage()?.outputTokens).toBe(9);
    const streamed = watched(
      { type: 'response.output_text.delta', delta: 'no' },
      { type: 'response.output_text.delta', delta: 'on' },
      { type: 'response.output_text.done', text: 'noon' },
      { type: 'response.completed', response: { object: 'response', model: 'm-2', output } },
    );
    expect(streamed.usage()?.outputTokens).toBe(4);
    expect(streamed.answeredModel()).toBe('m-2');
  });

  test('that never came gives no usage', () => {
    expect(watched().usage()).toBeUndefined();
    expect(watched({ choices: [{ delta: { role: 'assistant' } }] }).usage()).toBeUndefined();
  });

  test('of a long stream is estimated as it goes by, to a token for each stretch that is kept', () => {
    const many = Array.from({ length: 40_000 }, () => delta('ab cd '));
    const tokens = watched(...many).usage()?.outputTokens ?? 0;
    const whole = estimateTokens('ab cd '.repeat(40_000));
    expect(Math.abs(tokens - whole)).toBeLessThanOrEqual(240_000 / 16_000);
  });
});

test('`answeredModel` is the model that the answer names', () => {
  expect(watched(delta('x')).answeredModel()).toBe('m-1');
  expect(watched({ choices: [] }).answeredModel()).toBeUndefined();
  expect(watched({ model: 'm'.repeat(100_000) }).answeredModel()).toBe('m'.repeat(256));
  expect(watched({ response: { model: 'm-3' } }).answeredModel()).toBe('m-3');
});

test('an answer that is nested without end is read', () => {
  let nested: JsonObject = {};
  for (let depth = 0; depth < 100_000; depth += 1) nested = { model: '', response: nested };
  expect(watched(nested).answeredModel()).toBeUndefined();
});

describe('figures beyond what the model can do', () => {
  const most = { input: 1000, output: 100 };
  const say = (prompt: number, completion: number) => {
    const meter = usageMeter(features(), countCharacters, most);
    const usage = { prompt_tokens: prompt, completion_tokens: completion };
    meter.observe({ choices: [{ message: { content: 'Hi there' } }], usage });
    return meter.usage();
  };

  test('are counted instead, and kept as text', () => {
    expect(say(1100, 110)).toMatchObject({ inputTokens: 1100, outputTokens: 110 });
    expect(say(1101, 5)).toMatchObject({
      outputTokens: 5,
      source: 'counted',
      isImplausible: true,
      said: '{"prompt_tokens":1101,"completion_tokens":5}',
    });
    expect(say(10, 111)).toMatchObject({ inputTokens: 10, isImplausible: true });
    expect(say(10, 111)?.outputTokens).toBeLessThan(10);
    expect(say(1e12, 1e300)).toMatchObject({ isImplausible: true });
  });
});
