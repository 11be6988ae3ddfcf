import type { ModelSelector, Decision, Snapshot, UpstreamState } from '../../src/core/decision.ts';
import type { Condition, Policy, Situation } from '../../src/core/policy.ts';
import { bareFacts, score, type Capability, type RequestFacts } from '../../src/core/signal.ts';

const ALL: readonly Capability[] = ['chat', 'text_completion', 'embeddings', 'responses', 'tools'];

export const upstreamState = (
  locality: 'local' | 'cloud',
  over: Partial<UpstreamState> = {},
): UpstreamState => ({
  locality,
  model: locality === 'local' ? 'slm' : 'big',
  models: [],
  capabilities: new Set(ALL),
  configured: true,
  healthy: true,
  queueDepth: 0,
  ...over,
});

/** A request that names no target. */
export const routed: ModelSelector = { kind: 'routed' };

/** The upstreams of a decision's targets, in order; empty when it refuses. */
export const upstreamsOf = (decision: Decision): readonly string[] =>
  decision.kind === 'route' ? decision.targets.map(({ upstream }) => upstream) : [];

export const snapshot = (over: Partial<Snapshot> = {}): Snapshot => ({
  upstreams: { local: upstreamState('local'), cloud: upstreamState('cloud') },
  key: { name: 'open', labels: {} },
  budget: { spentShare: 0 },
  nowMs: 0,
  ...over,
});

export const facts = (over: Partial<RequestFacts> = {}): RequestFacts => ({
  ...bareFacts('chat'),
  inputTokens: 20,
  turns: 1,
  messages: 1,
  needs: ['chat'],
  ...over,
});

/** A situation whose only reading is its complexity. */
export const situation = (complexity: number, over: Partial<Situation> = {}): Situation => ({
  facts: facts(),
  readings: { complexity: score(complexity, 'given') },
  snapshot: snapshot(),
  ...over,
});

export const when = (source: string, holds: Condition['holds']): Condition => ({ source, holds });

export const policy = (over: Partial<Policy> = {}): Policy => ({
  name: 'test',
  version: '000000000000',
  mode: 'on',
  objective: { complexityBelow: 0.5 },
  threshold: { value: 0.5, from: 'complexityBelow' },
  targets: { small: { upstream: 'local' }, large: { upstream: 'cloud' } },
  domains: [],
  constraints: [],
  rules: [],
  whenUnavailable: { large: 'serve-small', credentials: 'refuse' },
  ...over,
});
