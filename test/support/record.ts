/** A realistic record, for tests of code that reads records. */
import { bareFacts } from '../../src/core/signal.ts';
import type { Attempt, UsageRecord } from '../../src/core/record.ts';
import type { Target } from '../../src/core/decision.ts';

const target: Target = {
  tier: 'small',
  upstream: 'local',
  model: 'qwen3:4b',
  locality: 'local',
};

export const anAttempt = (change: Partial<Attempt> = {}): Attempt => ({
  ...target,
  answeredModel: 'qwen3:4b',
  outcome: 'ok',
  startedMs: 0.4,
  latencyMs: 812.25,
  ttftMs: 120.5,
  egressBytes: 412,
  usage: {
    inputTokens: 100,
    cachedInputTokens: 20,
    outputTokens: 50,
    reasoningTokens: 10,
    source: 'reported',
  },
  cost: { totalNanoUsd: 1_500, kinds: { energy: 1_500 }, source: 'electricity' },
  energy: { lowJ: 7, highJ: 69, method: 'modelled', source: 'power x time' },
  ...change,
});

export const aRecord = (change: Partial<UsageRecord> = {}): UsageRecord => ({
  id: 'req_1',
  atMs: 1_790_000_000_000,
  operation: 'chat',
  stream: false,
  caller: 'bot',
  requestedModel: 'auto',
  facts: {
    ...bareFacts('chat'),
    inputTokens: 97,
    turns: 1,
    messages: 2,
    needs: ['chat'],
  },
  readings: {
    complexity: { kind: 'score', score: 0.21, reason: 'short question' },
    code: { kind: 'score', score: 0, reason: 'no code' },
    language: { kind: 'score', score: 1, value: 'en', reason: 'English' },
    pii: { kind: 'abstain', cause: 'not_applicable', reason: 'no text' },
  },
  decision: {
    kind: 'route',
    targets: [target],
    rule: 'objective',
    reason: 'complexity 0.21 is below 0.46',
    complexity: 0.21,
    threshold: 0.46,
    wanted: 'small',
    excluded: [],
    policy: { name: 'default', version: '0123456789ab', mode: 'on' },
  },
  attempts: [anAttempt()],
  outcome: 'answered',
  status: 200,
  latencyMs: 813,
  ttftMs: 121,
  overheadMs: { route: 0.4, total: 0.75 },
  baselineNanoUsd: 675_000,
  ...change,
});
