/** The record's members, once: how it is packed, and read again, follow from this table. */
import {
  always,
  fields,
  flag,
  list,
  map,
  nonEmpty,
  nullable,
  number,
  optional,
  pair,
  phrase,
  text,
  variants,
  word,
} from '../lib/packing/packing.ts';
import type { Unaffordable } from './budget.ts';
import type { ConversationPlace, Decision, Exclusion, ModelSelector, Target } from './decision.ts';
import type { SeenNumbers } from './learned-head.ts';
import type { PersonalKind } from './masking.ts';
import type { Attempt, CacheUse, ImplicitSign, UsageRecord } from './record.ts';
import type { RecordedSituation, RecordedUpstream } from './recorded-situation.ts';
import type { Reading, RequestFacts } from './signal.ts';
import { CARBON, COST, ENERGY, USAGE, WATER } from './spending-fields.ts';
import type { Abstention, Verdict } from './verify.ts';

// Names of models are texts and no words: who pins one chooses them.

const FACTS = fields<RequestFacts>()({
  operation: word(),
  kind: optional(word()),
  stream: flag,
  inputTokens: number,
  longestInputTokens: optional(number),
  inputTokensSource: word(),
  turns: number,
  messages: number,
  tools: number,
  toolResults: number,
  isToolLoop: optional(flag),
  isInterrupted: optional(always(true)),
  images: number,
  jsonSchema: flag,
  maxTokens: number,
  n: number,
  deadlineMs: optional(number),
  needs: list(word()),
  isOpaque: optional(always(true)),
  unread: optional(list(word())),
  remotePersonal: optional(list(word())),
});

const READING = variants<Reading>()({
  score: fields<Extract<Reading, { kind: 'score' }>>()({
    kind: always('score'),
    score: number,
    value: optional(word()),
    confidence: optional(pair(number)),
    reason: phrase,
    before: optional(number),
    seen: optional(fields<SeenNumbers>()({ judge: word(), numbers: text })),
  }),
  abstain: fields<Extract<Reading, { kind: 'abstain' }>>()({
    kind: always('abstain'),
    cause: word(),
    reason: phrase,
  }),
});

const TARGET = fields<Target>()({ tier: word(), upstream: word(), model: text, locality: word() });

const EXCLUSION = fields<Exclusion>()({ target: TARGET, by: word(), name: word(), reason: phrase });

/** What decisions of both kinds have. */
const DECIDED = {
  rule: word(),
  reason: phrase,
  complexity: nullable(number),
  threshold: number,
  wanted: word<Decision['wanted']>(),
  excluded: list(EXCLUSION),
  policy: fields<Decision['policy']>()({ name: word(), version: word(), mode: word() }),
  baseline: optional(
    fields<NonNullable<Decision['baseline']>>()({ upstream: word(), model: text }),
  ),
  degraded: optional(phrase),
  credentialFallback: optional(always(true)),
  onlyWatches: optional(always(true)),
  shadow: optional(TARGET),
  redact: optional(list(word<PersonalKind>())),
  cacheMs: optional(number),
  shift: optional(number),
} as const;

type Routed = Extract<Decision, { kind: 'route' }>;
type Refused = Extract<Decision, { kind: 'refuse' }>;

const DECISION = variants<Decision>()({
  route: fields<Routed>()({
    ...DECIDED,
    kind: always('route'),
    targets: nonEmpty(TARGET),
  }),
  refuse: fields<Refused>()({
    ...DECIDED,
    kind: always('refuse'),
    code: word(),
    message: text,
    retryAtMs: optional(number),
  }),
});

const SELECTOR = variants<ModelSelector>()({
  routed: fields<Extract<ModelSelector, { kind: 'routed' }>>()({
    kind: always('routed'),
    largeModel: optional(text),
  }),
  tier: fields<Extract<ModelSelector, { kind: 'tier' }>>()({ kind: always('tier'), tier: word() }),
  pinned: fields<Extract<ModelSelector, { kind: 'pinned' }>>()({
    kind: always('pinned'),
    upstream: word(),
    model: text,
  }),
});

const UPSTREAM = fields<RecordedUpstream>()({
  locality: word(),
  model: text,
  configured: optional(always(false)),
  healthy: optional(always(false)),
  unhealthyModels: optional(list(text)),
  isShut: optional(always(true)),
  shutModels: optional(list(text)),
  limitedModels: optional(list(text)),
  queueDepth: optional(number),
  ttftMs: optional(number),
  contextTokens: optional(number),
  languages: optional(list(word())),
  lacks: optional(list(word())),
});

const UNAFFORDABLE = fields<Unaffordable>()({
  upstream: word(),
  model: text,
  budget: word(),
  code: word(),
  reason: text,
  isCap: optional(always(true)),
  untilMs: optional(number),
});

const SITUATION = fields<RecordedSituation>()({
  ask: SELECTOR,
  upstreams: map(UPSTREAM),
  labels: optional(map(word())),
  spentShare: optional(number),
  boundTo: optional(word()),
  thread: optional(
    fields<ConversationPlace>()({
      tier: word(),
      upstream: word(),
      model: text,
      escalations: optional(number),
    }),
  ),
  draftsLose: optional(always(true)),
  gridGramsPerKwh: optional(number),
  draw: optional(number),
  keyUpstreams: optional(list(word())),
  keyResidency: optional(always('local')),
  leftUsd: optional(number),
  pace: optional(number),
  unaffordable: optional(list(UNAFFORDABLE)),
  shift: optional(number),
});

const DOUBT = { wrong: optional(number), abstained: optional(word<Abstention>()) };

const BARE = fields<Exclude<Verdict, { kind: 'fail' }>>()({ kind: word(), ...DOUBT });

const VERDICT = variants<Verdict>()({
  pass: BARE,
  undecided: BARE,
  fail: fields<Extract<Verdict, { kind: 'fail' }>>()({
    kind: always('fail'),
    check: word(),
    reason: phrase,
    ...DOUBT,
  }),
});

const ATTEMPT = fields<Attempt>()({
  upstream: word(),
  tier: word(),
  locality: word(),
  model: text,
  answeredModel: optional(text),
  outcome: word(),
  cause: optional(word()),
  status: optional(number),
  startedMs: number,
  latencyMs: number,
  ttftMs: optional(number),
  egressBytes: number,
  masked: optional(map(number)),
  usage: optional(USAGE),
  cost: nullable(COST),
  energy: nullable(ENERGY),
  carbon: optional(CARBON),
  water: optional(WATER),
  modelDigest: optional(text),
  isUnpriced: optional(always(true)),
  verdict: optional(VERDICT),
  kind: optional(word()),
  isMended: optional(always(true)),
  isKept: optional(always(true)),
  shadow: optional(always(true)),
});

/** No text of a caller becomes a word. */
export const RECORD = fields<UsageRecord>()({
  id: text,
  shadowOf: optional(text),
  audit: optional(
    fields<NonNullable<UsageRecord['audit']>>()({
      compared: word(),
      by: word(),
      propensity: number,
    }),
  ),
  atMs: number,
  operation: word(),
  stream: flag,
  caller: word(),
  traceparent: optional(text),
  requestedModel: text,
  facts: FACTS,
  readings: map(READING),
  decision: optional(DECISION),
  situation: optional(SITUATION),
  attempts: list(ATTEMPT),
  egress: optional(
    fields<NonNullable<UsageRecord['egress']>>()({ localBytes: number, cloudBytes: number }),
  ),
  outcome: word(),
  status: number,
  errorCode: optional(word()),
  degraded: optional(phrase),
  latencyMs: number,
  ttftMs: optional(number),
  overheadMs: fields<UsageRecord['overheadMs']>()({ route: number, total: number }),
  baselineNanoUsd: nullable(number),
  baselineEnergy: optional(ENERGY),
  times: optional(number),
  sign: optional(fields<ImplicitSign>()({ kind: word(), of: text })),
  cache: optional(
    fields<CacheUse>()({
      result: word(),
      answerOf: optional(text),
      savedNanoUsd: optional(nullable(number)),
    }),
  ),
});
