/** Records of every shape that the types allow, for property tests. */
import fc from 'fast-check';
import type { Attempt, UsageRecord } from '../../src/core/record.ts';

const text = fc.string({ unit: 'binary', maxLength: 12 });
const number = fc.oneof(
  fc.double({ noNaN: true }),
  fc.integer(),
  fc.constantFrom(0, -1, -0, 247, 248, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1),
);
const word = fc.constantFrom('small', 'large', 'local', 'cloud', 'a word', 'ñ', '好');
const nothing = fc.constant(undefined);
const yes = fc.constant(true);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const some = <T>(value: fc.Arbitrary<T>) => fc.array(value, { maxLength: 3 });
const named = <T>(value: fc.Arbitrary<T>) => fc.dictionary(word, value, { maxKeys: 3 });

const target = fc.record({ tier: word, upstream: word, model: text, locality: word });
const grams = fc.record({ lowG: number, highG: number });
const energy = fc.record({ lowJ: number, highJ: number, method: word, source: text });

const facts = fc.record({
  operation: word,
  kind: maybe(word),
  stream: fc.boolean(),
  inputTokens: number,
  longestInputTokens: maybe(number),
  inputTokensSource: word,
  turns: number,
  messages: number,
  tools: number,
  toolResults: number,
  isToolLoop: maybe(fc.boolean()),
  isInterrupted: maybe(yes),
  images: number,
  jsonSchema: fc.boolean(),
  maxTokens: number,
  n: number,
  deadlineMs: maybe(number),
  needs: some(word),
  isOpaque: maybe(yes),
});

const reading = fc.oneof(
  fc.record({
    kind: fc.constant('score'),
    score: number,
    value: maybe(word),
    confidence: maybe(fc.tuple(number, number)),
    reason: text,
    before: maybe(number),
    seen: maybe(fc.record({ judge: word, numbers: text })),
  }),
  fc.record({ kind: fc.constant('abstain'), cause: word, reason: text }),
);

const decided = {
  rule: word,
  reason: text,
  complexity: orNull(number),
  threshold: number,
  wanted: word,
  excluded: some(fc.record({ target, by: word, name: word, reason: text })),
  policy: fc.record({ name: word, version: word, mode: word }),
  baseline: maybe(fc.record({ upstream: word, model: text })),
  degraded: maybe(text),
  credentialFallback: maybe(yes),
  onlyWatches: maybe(yes),
  shadow: maybe(target),
  redact: maybe(some(word)),
};
const decision = fc.oneof(
  fc.record({
    ...decided,
    kind: fc.constant('route'),
    targets: fc.array(target, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ ...decided, kind: fc.constant('refuse'), code: word, message: text }),
);

const situation = fc.record({
  ask: fc.oneof(
    fc.record({ kind: fc.constant('routed'), largeModel: maybe(text) }),
    fc.record({ kind: fc.constant('tier'), tier: word }),
    fc.record({ kind: fc.constant('pinned'), upstream: word, model: text }),
  ),
  upstreams: named(
    fc.record({
      locality: word,
      model: text,
      configured: maybe(fc.constant(false)),
      healthy: maybe(fc.constant(false)),
      unhealthyModels: maybe(some(text)),
      isShut: maybe(fc.constant(true)),
      shutModels: maybe(some(text)),
      limitedModels: maybe(some(text)),
      queueDepth: maybe(number),
      ttftMs: maybe(number),
      contextTokens: maybe(number),
      languages: maybe(some(word)),
      lacks: maybe(some(word)),
    }),
  ),
  labels: maybe(named(word)),
  spentShare: maybe(number),
  shift: maybe(number),
  boundTo: maybe(word),
  thread: maybe(fc.record({ tier: word, upstream: word, model: text })),
  draftsLose: maybe(yes),
  gridGramsPerKwh: maybe(number),
  draw: maybe(number),
});

const usage = fc.record({
  inputTokens: number,
  cachedInputTokens: number,
  cacheWriteTokens: maybe(number),
  outputTokens: number,
  reasoningTokens: number,
  source: word,
  details: maybe(fc.record({ webSearches: maybe(number), audioSeconds: maybe(number) })),
  chargedNanoUsd: maybe(number),
  serviceTier: maybe(text),
  isImplausible: maybe(yes),
});

const doubt = { wrong: maybe(number), abstained: maybe(word) };

const attempt = fc.record({
  upstream: word,
  tier: word,
  locality: word,
  model: text,
  answeredModel: maybe(text),
  outcome: word,
  cause: maybe(word),
  status: maybe(number),
  startedMs: number,
  latencyMs: number,
  ttftMs: maybe(number),
  egressBytes: number,
  masked: maybe(named(number)),
  usage: maybe(usage),
  cost: orNull(fc.record({ totalNanoUsd: number, kinds: named(number), source: text })),
  energy: orNull(energy),
  carbon: maybe(
    fc.record({ operational: grams, embodied: orNull(grams), method: word, source: text }),
  ),
  water: maybe(fc.record({ lowMl: number, highMl: number, method: word, source: text })),
  modelDigest: maybe(text),
  isUnpriced: maybe(yes),
  verdict: maybe(
    fc.oneof(
      fc.record({ kind: fc.constantFrom('pass', 'undecided'), ...doubt }),
      fc.record({ kind: fc.constant('fail'), check: word, reason: text, ...doubt }),
    ),
  ),
  kind: maybe(word),
  isMended: maybe(yes),
  isKept: maybe(yes),
  shadow: fc.oneof(nothing, yes),
});

/** Absent members are undefined ones. */
export const anyRecord = fc.record({
  id: text,
  shadowOf: maybe(text),
  audit: maybe(fc.record({ compared: word, by: word, propensity: number })),
  atMs: number,
  operation: word,
  stream: fc.boolean(),
  caller: text,
  traceparent: maybe(text),
  requestedModel: text,
  facts,
  readings: named(reading),
  decision: maybe(decision),
  situation: maybe(situation),
  attempts: some(attempt as unknown as fc.Arbitrary<Attempt>),
  egress: maybe(fc.record({ localBytes: number, cloudBytes: number })),
  outcome: word,
  status: number,
  errorCode: maybe(word),
  degraded: maybe(text),
  latencyMs: number,
  ttftMs: maybe(number),
  overheadMs: fc.record({ route: number, total: number }),
  baselineNanoUsd: orNull(number),
  baselineEnergy: maybe(energy),
  sign: maybe(fc.record({ kind: word, of: text })),
}) as unknown as fc.Arbitrary<UsageRecord>;
