/** Arbitrary requests and gateway states, for property tests of decisions and of their replay. */
import fc from 'fast-check';
import type { ModelSelector, Snapshot, UpstreamState } from '../../src/core/decision.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { Capability, Reading, Readings, RequestFacts } from '../../src/core/signal.ts';
import { facts, policy, when } from './policy.ts';

const NEEDS: readonly Capability[] = ['chat', 'tools', 'vision', 'json_schema', 'audio'];
const share = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100);

/** Optional members: absent rather than undefined, as everywhere in this project. */
const sometimes = <T extends object>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(members, { requiredKeys: [] });

export const anyAsk: fc.Arbitrary<ModelSelector> = fc.oneof(
  fc.constant<ModelSelector>({ kind: 'routed' }),
  fc.constant<ModelSelector>({ kind: 'routed', largeModel: 'gpt-4o-mini' }),
  fc
    .constantFrom('small' as const, 'large' as const)
    .map((tier): ModelSelector => ({ kind: 'tier', tier })),
  fc
    .constantFrom('local', 'cloud', 'other')
    .map((upstream): ModelSelector => ({ kind: 'pinned', upstream, model: 'named' })),
);

export const anyFacts: fc.Arbitrary<RequestFacts> = fc
  .record({
    operation: fc.constantFrom('chat' as const, 'embeddings' as const, 'responses' as const),
    inputTokens: fc.integer({ min: 0, max: 20_000 }),
    turns: fc.integer({ min: 0, max: 20 }),
    tools: fc.integer({ min: 0, max: 3 }),
    isToolLoop: fc.boolean(),
    maxTokens: fc.constantFrom(0, 100, 4000),
    needs: fc.subarray([...NEEDS]),
  })
  .map((over) => facts(over));

const anyReading: fc.Arbitrary<Reading> = fc.oneof(
  share.map((score): Reading => ({ kind: 'score', score, reason: 'given' })),
  fc
    .tuple(share, fc.constantFrom('refund', 'es'))
    .map(([score, value]): Reading => ({ kind: 'score', score, value, reason: 'given' })),
  fc
    .constantFrom('deadline' as const, 'failed' as const, 'not_applicable' as const)
    .map((cause): Reading => ({ kind: 'abstain', cause, reason: 'given' })),
);

export const anyReadings: fc.Arbitrary<Readings> = sometimes({
  complexity: anyReading,
  domain: anyReading,
  language: anyReading,
  pii: anyReading,
});

const upstream = (locality: 'local' | 'cloud'): fc.Arbitrary<UpstreamState> =>
  fc
    .tuple(
      fc.record({
        configured: fc.boolean(),
        healthy: fc.boolean(),
        queueDepth: fc.integer({ min: 0, max: 9 }),
        capabilities: fc.subarray([...NEEDS]).map((able) => new Set(able)),
      }),
      sometimes({
        ttftMs: fc.integer({ min: 1, max: 9000 }),
        contextTokens: fc.constantFrom(512, 8192),
        languages: fc.constantFrom(['en'], ['es', 'fr']),
      }),
    )
    .map(([always, maybe]) => {
      const model = locality === 'local' ? 'slm' : 'big';
      return Object.assign(always, maybe, { locality, model, models: [] });
    });

export const anySnapshot: fc.Arbitrary<Snapshot> = fc
  .tuple(
    fc.record({
      upstreams: fc.record({ local: upstream('local'), cloud: upstream('cloud') }),
      key: fc.record({
        name: fc.constant('bot'),
        labels: fc.constantFrom<Readonly<Record<string, string>>>({}, { team: 'sales' }),
      }),
      budget: fc
        .tuple(share, fc.option(share))
        .map(([spentShare, shift]) => (shift === null ? { spentShare } : { spentShare, shift })),
      nowMs: fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }),
    }),
    sometimes({
      boundTo: fc.constantFrom('local', 'cloud'),
      thread: fc.constantFrom(
        { tier: 'small' as const, upstream: 'local', model: 'slm' },
        { tier: 'large' as const, upstream: 'cloud', model: 'big' },
      ),
      draftsLose: fc.constant(true as const),
      gridGramsPerKwh: fc.integer({ min: 0, max: 900 }),
      draw: share,
    }),
  )
  .map(([always, maybe]) => Object.assign(always, maybe));

const large = { use: ['large', 'small'] as const };

/** Policies whose conditions together read every member of a situation. */
export const anyPolicy: fc.Arbitrary<Policy> = fc
  .record({
    mode: fc.constantFrom<Policy['mode']>('off', 'observe', 'on', { canary: 0.5 }),
    threshold: share.map((value) => ({ value, from: 'given' })),
    domains: fc.subarray([{ name: 'refund', examples: ['refund'], use: 'small' as const }]),
    constraints: fc.subarray([
      {
        name: 'budget-spent',
        when: when('budget.spentShare >= 1', ({ snapshot }) => snapshot.budget.spentShare >= 1),
        require: { locality: 'local' as const },
      },
      {
        name: 'pii-stays-local',
        when: when('signals.pii >= 0.5', ({ readings }) => {
          const pii = readings['pii'];
          if (pii?.kind !== 'score') throw new Error('absent');
          return pii.score >= 0.5;
        }),
        require: { locality: 'local' as const },
      },
    ]),
    rules: fc.subarray([
      { name: 'tools', when: when('request.tools > 0', (s) => s.facts.tools > 0), ...large },
      {
        name: 'busy',
        when: when('upstreams.local.queueDepth > 4', ({ snapshot }) => {
          return snapshot.upstreams['local']!.queueDepth > 4;
        }),
        ...large,
      },
      {
        name: 'slow',
        when: when('upstreams.local.ttftMs > 2000', ({ snapshot }) => {
          const ttftMs = snapshot.upstreams['local']?.ttftMs;
          if (ttftMs === undefined) throw new Error('absent');
          return ttftMs > 2000;
        }),
        ...large,
      },
      {
        name: 'sales',
        when: when('key.labels.team == "sales"', (s) => s.snapshot.key.labels['team'] === 'sales'),
        use: ['small'] as const,
      },
      {
        name: 'clean',
        when: when('energy.gridGramsPerKwh < 100', ({ snapshot }) => {
          if (snapshot.gridGramsPerKwh === undefined) throw new Error('absent');
          return snapshot.gridGramsPerKwh < 100;
        }),
        use: ['small'] as const,
      },
    ]),
    whenUnavailable: fc.constantFrom(
      { large: 'serve-small', credentials: 'refuse' } as const,
      { large: 'serve-small', small: 'serve-large', credentials: 'serve-other' } as const,
      { large: 'refuse', small: 'refuse', credentials: 'refuse' } as const,
    ),
  })
  .map((over) => policy(over));
