import { expect, test } from 'vitest';
import { finishReasonOf } from './finish-reason.ts';

test.each([
  ['stop', 'stop'],
  ['STOP', 'stop'],
  ['COMPLETE', 'stop'],
  ['end_turn', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['max_output_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool_calls'],
  ['tool-calls', 'tool_calls'],
  ['SPII', 'content_filter'],
  ['sensitive', 'content_filter'],
  ['function_call', 'function_call'],
  ['of_tomorrow', 'stop'],
  [' ', undefined],
  ['null', undefined],
  ['FINISH_REASON_UNSPECIFIED', undefined],
  [null, undefined],
  [7, undefined],
])('%s means %s', (said, meant) => {
  expect(finishReasonOf({ finish_reason: said })).toBe(meant);
  expect(finishReasonOf({ finish_reason: '', finishReason: said })).toBe(meant);
});
