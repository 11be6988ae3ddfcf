/** Synthetic records, each decided by the real `decide`; there are no prompts behind them. */
import type { ModelSelector, Snapshot, Target } from '../../src/core/decision.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { Attempt, Cost, Energy, Usage, UsageRecord } from '../../src/core/record.ts';
import { abstain, score, type Readings, type RequestFacts } from '../../src/core/signal.ts';
import { decide } from '../../src/engine/decide.ts';
import { toRecord } from '../../src/engine/record-situation.ts';
import { seeded } from '../../src/training/metrics.ts';

/** 2026-10-01; a request every 2.5 s makes a month of a million. */
const START_MS = Date.UTC(2026, 9, 1);
const EVERY_MS = 2_500;

/** `count` records in order of time, deterministic. */
export function* inventedRecords(count: number, policy: Policy): Generator<UsageRecord> {
  const random = seeded(7);
  for (let at = 0; at < count; at += 1) yield invented(at, policy, random);
}

function invented(at: number, policy: Policy, random: () => number): UsageRecord {
  const atMs = START_MS + at * EVERY_MS;
  const facts = inventedFacts(random);
  const readings = inventedReadings(random);
  const snapshot = inventedSnapshot(atMs, random);
  const ask: ModelSelector = { kind: 'routed' };
  const decision = decide(ask, { facts, readings, snapshot }, policy);
  const outputTokens = Math.ceil(400 * random() ** 2);
  const attempts =
    decision.kind === 'route' ? [attempt(decision.targets[0], facts, outputTokens)] : [];
  const latencyMs = 1 + (attempts[0]?.latencyMs ?? 0);
  return {
    id: `req_${at.toString(16).padStart(32, '0')}`,
    atMs,
    operation: 'chat',
    stream: facts.stream,
    caller: 'bot',
    requestedModel: 'auto',
    facts,
    readings,
    decision,
    situation: toRecord(ask, snapshot, facts.needs),
    attempts,
    outcome: decision.kind === 'route' ? 'answered' : 'refused',
    status: decision.kind === 'route' ? 200 : 403,
    latencyMs,
    overheadMs: { route: 0.21, total: 0.4 },
    baselineNanoUsd: (facts.inputTokens * 2.5 + outputTokens * 10) * 1000,
  };
}

function inventedFacts(random: () => number): RequestFacts {
  const turns = 1 + Math.floor(4 * random() ** 3);
  const tools = random() < 0.1 ? 2 : 0;
  return {
    operation: 'chat',
    stream: random() < 0.5,
    inputTokens: Math.ceil(20 + 4000 * random() ** 4),
    inputTokensSource: 'estimated',
    turns,
    messages: 2 * turns,
    tools,
    toolResults: 0,
    isToolLoop: false,
    images: 0,
    jsonSchema: false,
    maxTokens: 0,
    n: 1,
    needs: tools > 0 ? ['chat', 'tools'] : ['chat'],
  };
}

function inventedReadings(random: () => number): Readings {
  const complexity = random() ** 1.5;
  return {
    code: score(random() < 0.1 ? random() : 0, '0 programming words, 0 marks of code'),
    complexity: score(
      complexity,
      `like tasks the small model fails ${Math.round(complexity * 100)} % of the time`,
    ),
    domain: abstain('the policy names no domains'),
    language: score(0.999, 'written in en', random() < 0.7 ? 'en' : 'es'),
    maths: score(random() < 0.1 ? random() : 0, '0 words, 0 numbers, 0 formula marks'),
    pii: score(random() < 0.03 ? 0.9 : 0, 'nothing that the validators know'),
  };
}

function inventedSnapshot(nowMs: number, random: () => number): Snapshot {
  const state = { models: [], configured: true, healthy: true } as const;
  const capabilities = new Set(['chat', 'tools'] as const);
  const began = random() < 0.3;
  return {
    upstreams: {
      local: {
        ...state,
        locality: 'local',
        model: 'qwen3:4b',
        queueDepth: Math.floor(3 * random()),
        ttftMs: 100 + 900 * random(),
        contextTokens: 8192,
        capabilities,
      },
      cloud: {
        ...state,
        locality: 'cloud',
        model: 'gpt-4o',
        queueDepth: 0,
        ttftMs: 300 + 500 * random(),
        contextTokens: 128_000,
        capabilities,
      },
    },
    key: { name: 'bot', labels: {} },
    budget: { spentShare: 0 },
    ...(began ? { thread: { tier: 'small', upstream: 'local', model: 'qwen3:4b' } } : {}),
    draw: random(),
    nowMs,
  };
}

function attempt(target: Target, { inputTokens }: RequestFacts, outputTokens: number): Attempt {
  const isLocal = target.locality === 'local';
  const latencyMs = isLocal ? 100 + outputTokens * 22 : 400 + outputTokens * 12;
  const usage = {
    inputTokens,
    cachedInputTokens: 0,
    outputTokens,
    reasoningTokens: 0,
    source: 'reported',
  } as const;
  return {
    ...target,
    answeredModel: target.model,
    outcome: 'ok',
    startedMs: 0.3,
    latencyMs,
    ttftMs: latencyMs / 4,
    egressBytes: inputTokens * 4,
    usage,
    ...priceInvented({ usage, target, latencyMs }),
  };
}

/** Round figures: 2.5 and 10 USD per million tokens in the cloud, 8.5 to 85 W for local answers. */
export function priceInvented({
  usage,
  target,
  latencyMs,
}: {
  readonly usage: Usage | undefined;
  readonly target: Target;
  readonly latencyMs: number;
}): { readonly cost: Cost; readonly energy: Energy } {
  const { inputTokens, outputTokens } = usage ?? { inputTokens: 0, outputTokens: 0 };
  const isLocal = target.locality === 'local';
  const nano = isLocal ? latencyMs * 2 : (inputTokens * 2.5 + outputTokens * 10) * 1000;
  const [lowJ, highJ] = isLocal
    ? [latencyMs * 0.0085, latencyMs * 0.085]
    : [outputTokens * 2, outputTokens * 5];
  return {
    cost: { totalNanoUsd: nano, kinds: { input: nano }, source: 'invented' },
    energy: { lowJ, highJ, method: 'modelled', source: 'invented' },
  };
}
