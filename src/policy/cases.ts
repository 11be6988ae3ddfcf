/** Golden cases: the decisions that a policy must make, in a file beside it. `check --cases` runs them. */
import { z } from 'zod';
import type {
  ConversationPlace,
  Decision,
  ModelSelector,
  RoutableTier,
  Snapshot,
  UpstreamState,
} from '../core/decision.ts';
import { checkNames, type CheckName } from '../core/verify.ts';
import { unreadKinds } from '../core/unread.ts';
import { personalKinds } from '../core/masking.ts';
import type { Policy, Situation } from '../core/policy.ts';
import {
  abstain,
  bareFacts,
  score,
  type Reading,
  type Readings,
  type RequestFacts,
} from '../core/signal.ts';
import { clientTaskKinds } from '../core/client-text/client-task-words.ts';
import { inReadingOrder, ProblemsError, type Problem } from '../lib/problems.ts';
import { parseYaml, type YamlSource } from '../lib/yaml-source.ts';
import { zodProblems } from '../lib/zod-problems.ts';
import { PolicyError } from './read.ts';

const optional = z.exactOptional;
const count = z.int().min(0);
const share = z.number().min(0).max(1);

const request = z.strictObject({
  operation: optional(
    z.enum(['chat', 'text_completion', 'embeddings', 'responses', 'messages', 'passthrough']),
  ),
  kind: optional(z.enum(clientTaskKinds)),
  stream: optional(z.boolean()),
  inputTokens: optional(count),
  turns: optional(count),
  messages: optional(count),
  tools: optional(count),
  toolResults: optional(count),
  images: optional(count),
  jsonSchema: optional(z.boolean()),
  maxTokens: optional(count),
  n: optional(count),
  deadlineMs: optional(count),
  isOpaque: optional(z.literal(true)),
  unread: optional(z.array(z.enum(unreadKinds)).min(1)),
});

const upstream = z.strictObject({
  locality: optional(z.enum(['local', 'cloud'])),
  configured: optional(z.boolean()),
  healthy: optional(z.boolean()),
  queueDepth: optional(count),
  ttftMs: optional(z.number().min(0)),
  contextTokens: optional(count),
  languages: optional(z.array(z.string()).min(1)),
});

const snapshot = z.strictObject({
  key: optional(z.string()),
  labels: optional(z.record(z.string(), z.string())),
  spentShare: optional(z.number().min(0)),
  gridGramsPerKwh: optional(z.number().min(0)),
  time: optional(
    z.iso.datetime({ error: 'must be a time in UTC, such as "2026-03-02T23:00:00Z"' }),
  ),
  draw: optional(share),
  draftsLose: optional(z.literal(true)),
  conversation: optional(z.enum(['small', 'large'])),
  upstreams: optional(z.record(z.string(), upstream)),
});

const expectation = z.strictObject({
  targets: optional(z.array(z.string())),
  refused: optional(z.string()),
  rule: optional(z.string()),
  wanted: optional(z.enum(['small', 'large', 'pinned'])),
  degraded: optional(z.string()),
  redact: optional(z.union([z.literal('none'), z.array(z.enum(personalKinds))])),
  mode: optional(z.string()),
  shadow: optional(z.string()),
  /** The check that the draft fails; `none`, or `unchecked` where the policy checks nothing. */
  check: optional(z.enum([...checkNames, 'none', 'unchecked'])),
});

/** A small answer to be checked, as the policy's `verify` would. */
const givenDraft = z.strictObject({
  task: z.string().min(1),
  text: z.string(),
  stopped: z.enum(['stop', 'length']).default('stop'),
  /** What confidence says: the probability that it is wrong. */
  wrong: optional(share),
});

const goldenCase = z.strictObject({
  name: z.string().min(1),
  ask: z.string().default('auto'),
  request: request.default({}),
  readings: z.record(z.string(), z.union([share, z.string()])).default({}),
  snapshot: snapshot.default({}),
  draft: optional(givenDraft),
  expect: expectation,
});

const casesSchema = z.strictObject({
  policy: z.string().min(1),
  threshold: share,
  cases: z.array(goldenCase).min(1),
});

type GoldenCase = z.output<typeof goldenCase>;

export interface Cases {
  /** A shipped policy's name, or a path relative to this file's folder. */
  readonly policy: string;
  /** The complexity from which the objective prefers the large tier; fixed, so that a new calibration breaks no case. */
  readonly threshold: number;
  readonly count: number;
  /** The rules that the cases expect to decide: a policy's other rules are not covered. */
  readonly rules: ReadonlySet<string>;
  /** A problem for every case that is decided differently, with its position, the decision and the reason. */
  run(policy: Policy, decide: Decide, check: CheckDraft): readonly Problem[];
}

type Decide = (selector: ModelSelector, situation: Situation, policy: Policy) => Decision;

type CheckDraft = (
  draft: z.output<typeof givenDraft>,
  verify: NonNullable<Policy['verify']>,
) => CheckName | undefined;

/** @throws PolicyError when the file is not in the form of `policies/README.md`. */
export function loadCases(source: { readonly text: string; readonly file: string }): Cases {
  const yaml = parsed(source);
  const shape = casesSchema.safeParse(yaml.value);
  if (!shape.success) {
    const json = z.toJSONSchema(casesSchema, { io: 'input' });
    throw new PolicyError(inReadingOrder(zodProblems(shape.error.issues, yaml, json)));
  }
  const { policy: name, threshold, cases } = shape.data;
  return {
    policy: name,
    threshold,
    count: cases.length,
    rules: new Set(cases.flatMap((one) => one.expect.rule ?? [])),
    run: (policy, decide, check) =>
      cases.flatMap((one, index) => {
        const decision = decide(selectorOf(one.ask), situationOf(one), policy);
        const failed =
          policy.verify === undefined || one.draft === undefined
            ? 'unchecked'
            : (check(one.draft, policy.verify) ?? 'none');
        const wrong = differences(one.expect, decision, failed);
        if (wrong.length === 0) return [];
        const message = `case "${one.name}": ${wrong.join('; ')} (${decision.rule}: ${decision.reason})`;
        return [yaml.problem(['cases', index, 'expect'], message)];
      }),
  };
}

function parsed({ text, file }: { readonly text: string; readonly file: string }): YamlSource {
  try {
    return parseYaml(text, file);
  } catch (error) {
    throw error instanceof ProblemsError ? new PolicyError(error.problems) : error;
  }
}

function selectorOf(ask: string): ModelSelector {
  if (ask === 'auto') return { kind: 'routed' };
  if (ask === 'small' || ask === 'large') return { kind: 'tier', tier: ask };
  const [upstreamName = '', ...model] = ask.split('/');
  if (model.length === 0) return { kind: 'routed', largeModel: ask };
  return { kind: 'pinned', upstream: upstreamName, model: model.join('/') };
}

function situationOf({ request: given, readings, snapshot: state }: GoldenCase): Situation {
  const facts: RequestFacts = {
    ...bareFacts('chat'),
    inputTokens: 40,
    inputTokensSource: 'counted',
    turns: 1,
    messages: 1,
    ...given,
  };
  return { facts, readings: readingsOf(readings), snapshot: snapshotOf(state) };
}

/** An easy, harmless message in English: a case states only what differs. */
const DEFAULT_READINGS: Readonly<Record<string, number | string>> = {
  complexity: 0,
  pii: 0,
  code: 0,
  maths: 0,
  language: 'en',
  domain: 'none',
  stakes: 0,
};

function readingsOf(given: GoldenCase['readings']): Readings {
  const all = Object.entries({ ...DEFAULT_READINGS, ...given });
  return Object.fromEntries(all.map(([name, value]) => [name, readingOf(value)]));
}

/** `failed`, `unread` and `none` are kinds of abstention; any other text is the signal's value, with a high score. */
function readingOf(value: number | string): Reading {
  if (value === 'failed') return abstain('failed, says the case', 'failed');
  if (value === 'unread') return abstain('unread, says the case', 'unread');
  if (value === 'none') return abstain('none, says the case');
  return typeof value === 'number' ? score(value, 'given') : score(0.95, 'given', value);
}

/** 2026-03-02 12:00 UTC: a Monday at noon. */
const DEFAULT_TIME = Date.UTC(2026, 2, 2, 12);

function snapshotOf(given: GoldenCase['snapshot']): Snapshot {
  const { key = 'open', labels = {}, spentShare = 0, time, gridGramsPerKwh } = given;
  const { draw, draftsLose, conversation: tier } = given;
  const upstreams: Record<string, UpstreamState> = {
    local: stateOf('local', {}),
    cloud: stateOf('cloud', {}),
  };
  for (const [name, state] of Object.entries(given.upstreams ?? {}))
    upstreams[name] = stateOf(name === 'cloud' ? 'cloud' : 'local', state);
  return {
    upstreams,
    key: { name: key, labels },
    budget: { spentShare },
    nowMs: time === undefined ? DEFAULT_TIME : Date.parse(time),
    ...(draw === undefined ? {} : { draw }),
    ...(draftsLose === undefined ? {} : { draftsLose }),
    ...(tier === undefined ? {} : { thread: placeOf(tier) }),
    ...(gridGramsPerKwh === undefined ? {} : { gridGramsPerKwh }),
  };
}

const placeOf = (tier: RoutableTier): ConversationPlace =>
  tier === 'small'
    ? { tier, upstream: 'local', model: 'small-model' }
    : { tier, upstream: 'cloud', model: 'large-model' };

const stateOf = (locality: 'local' | 'cloud', given: z.output<typeof upstream>): UpstreamState => ({
  locality,
  model: locality === 'local' ? 'small-model' : 'large-model',
  models: [],
  configured: true,
  healthy: true,
  queueDepth: 0,
  capabilities: new Set(),
  ...given,
});

function differences(
  expected: GoldenCase['expect'],
  decision: Decision,
  check: string,
): readonly string[] {
  const isRefused = decision.kind === 'refuse';
  const actual: Readonly<Record<keyof GoldenCase['expect'], unknown>> = {
    targets: isRefused ? [] : decision.targets.map((target) => target.upstream),
    refused: isRefused ? decision.code : 'none',
    rule: decision.rule,
    wanted: decision.wanted,
    degraded: decision.degraded ?? 'none',
    redact: decision.redact ?? 'none',
    mode: decision.policy.mode,
    shadow: decision.shadow?.upstream ?? 'none',
    check,
  };
  return Object.entries(actual).flatMap(([key, is]) => {
    const should = Object.entries(expected).find(([name]) => name === key)?.[1];
    if (should === undefined || String(should) === String(is)) return [];
    return [`${key} should be ${formatValue(should)}, is ${formatValue(is)}`];
  });
}

const formatValue = (value: unknown): string =>
  Array.isArray(value) ? `[${value.join(', ')}]` : `\`${String(value)}\``;
