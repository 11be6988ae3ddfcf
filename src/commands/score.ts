/** `score`: reads prompts, one JSON a line; writes the complexity and the tier of each, in the same order. */
import { thresholdsWith } from '../offline.ts';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { defineCommand } from 'citty';
import { NO_BUDGET } from '../core/budget.ts';
import type { Snapshot } from '../core/decision.ts';
import type { Policy } from '../core/policy.ts';
import { HIGH_STAKES, type Reading, type Readings, type Signal } from '../core/signal.ts';
import { decide } from '../engine/decide.ts';
import { describe } from '../engine/features.ts';
import { loadPolicy } from '../policy/load.ts';
import { findPolicy } from '../policy/shipped.ts';
import { judgeInForce, type DeepAsking } from '../signals/complexity/index.ts';
import { deepThread } from '../signals/encoder/thread.ts';
import { createSignals, signalNames } from '../signals/index.ts';
import { chatCall } from '../http/chat-call.ts';
import { exitOnError } from './exit-on-error.ts';

/** The signals that this command reports; the others are not evaluated. */
const REPORTED: ReadonlySet<string> = new Set(['complexity', 'domain', 'language', 'stakes']);

export const scoreCommand = defineCommand({
  meta: {
    name: 'score',
    description:
      'Reads {"id", "messages"} a line, writes {"id", "complexity", "confidence", "domain", "stakes", "language", "tier"} a line',
  },
  args: {
    policy: {
      type: 'string',
      description:
        'The tier by this policy, its rules included: a shipped name, or a file (else by complexity, domain and stakes)',
    },
    fast: {
      type: 'boolean',
      description: 'By the fast judge alone; else the deep one is asked for every line',
    },
  },
  run: ({ args }) =>
    exitOnError(async () => {
      const source = findPolicy(args.policy ?? 'default', process.cwd());
      const policy = loadPolicy(source, {
        upstreams: undefined,
        signals: signalNames,
        judgeInForce,
        thresholdFor: thresholdsWith(args.fast ? 'off' : 'always'),
      });
      const { stdin, stdout, stderr } = process;
      const bad = await scoreStream(
        { input: stdin, output: stdout, errors: stderr },
        scorer(policy, {
          ...(args.fast ? {} : { deep: deepAsking() }),
          byRules: args.policy !== undefined,
        }),
      );
      if (bad > 0) process.exitCode = 1;
    }),
});

/** Every line is waited for, however long it takes. */
function deepAsking(): DeepAsking {
  const { ask } = deepThread({ onFailure: (words) => void process.stderr.write(`${words}\n`) });
  return { mode: 'always', deadlineMs: Infinity, ask };
}

export interface Scored {
  /** 0..1, four decimals: the probability that a good 3-4B model's answer would not do. */
  readonly complexity: number;
  /** In 80 of 100 cases the rated complexity lies in it. Everything, where nobody could judge. */
  readonly confidence: readonly [low: number, high: number];
  readonly domain?: string;
  /** What a bad answer would put at stake, and how much, 0..1. */
  readonly stakes: { readonly kind: string; readonly degree: number };
  /** ISO 639-1, or `und` where nothing tells. */
  readonly language: string;
  readonly tier: 'small' | 'large';
}

/** Scores one request body. */
export type Scorer = (body: { messages: unknown }) => Promise<Scored>;

interface Scoring {
  readonly deep?: DeepAsking;
  /** The tier that the policy wants, its rules included; else by its domains and objective, and large where much is at stake. */
  readonly byRules?: boolean;
}

export function scorer(policy: Policy, { deep, byRules = false }: Scoring = {}): Scorer {
  const signals = createSignals(policy, { deep }).filter(
    ({ name }) => byRules || REPORTED.has(name),
  );
  return async ({ messages }) => {
    const call = chatCall(Buffer.from(JSON.stringify({ model: 'auto', messages })));
    const features = describe(call);
    const readings = await read(signals, features);
    const scored = scoredBy(policy, readings);
    if (!byRules) return scored;
    const situation = { facts: features.facts, readings, snapshot: AT_REST };
    const { wanted } = decide({ kind: 'routed' }, situation, policy);
    return { ...scored, tier: wanted === 'small' ? 'small' : 'large' };
  };
}

/** Nothing is known of upstreams, budgets and the conversation: a rule that needs them does not match. */
const AT_REST: Snapshot = {
  upstreams: {},
  key: { name: 'open', labels: {} },
  budget: NO_BUDGET,
  nowMs: Date.now(),
};

async function read(
  signals: readonly Signal[],
  features: ReturnType<typeof describe>,
): Promise<Readings> {
  const readings: Record<string, Readings[string]> = {};
  for (const signal of signals) readings[signal.name] = await signal.evaluate(features);
  return readings;
}

function scoredBy(policy: Policy, readings: Readings): Scored {
  const { score: value, confidence = [0, 1] } = scoreOf(readings['complexity']) ?? UNJUDGED;
  const told = {
    complexity: rounded(value),
    confidence: [rounded(confidence[0]), rounded(confidence[1])] as const,
    stakes: stakesOf(readings),
    language: scoreOf(readings['language'])?.value ?? 'und',
  };
  const isCostly = told.stakes.degree >= HIGH_STAKES;
  const byComplexity = isCostly || value >= policy.threshold.value ? 'large' : 'small';
  const named = scoreOf(readings['domain'])?.value;
  if (named === undefined) return { ...told, tier: byComplexity };
  const use = policy.domains.find(({ name }) => name === named)?.use;
  return { ...told, domain: named, tier: isCostly ? 'large' : (use ?? byComplexity) };
}

/** What nobody could judge counts as complex. */
const UNJUDGED: { readonly score: number; readonly confidence?: readonly [number, number] } = {
  score: 1,
};

function stakesOf(readings: Readings): Scored['stakes'] {
  const found = scoreOf(readings['stakes']);
  return { kind: found?.value ?? 'none', degree: rounded(found?.score ?? 0) };
}

const scoreOf = (reading: Reading | undefined): Extract<Reading, { kind: 'score' }> | undefined =>
  reading?.kind === 'score' ? reading : undefined;

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;

export interface Streams {
  readonly input: Readable;
  readonly output: Writable;
  readonly errors: Writable;
}

/**
 * Scores line by line; empty lines are skipped. A line that cannot be scored is reported on `errors`,
 * and the rest continues. Returns the number of such lines.
 */
export async function scoreStream(
  { input, output, errors }: Streams,
  score: Scorer,
): Promise<number> {
  let [bad, number] = [0, 0];
  for await (const lines of wholeLines(input)) {
    const scored: string[] = [];
    for (const line of lines) {
      number += 1;
      if (line.trim() === '') continue;
      try {
        const { id, messages } = parse(line);
        scored.push(`${JSON.stringify({ id, ...(await score({ messages })) })}\n`);
      } catch (error) {
        bad += 1;
        errors.write(`line ${number}: ${error instanceof Error ? error.message : 'not scored'}\n`);
      }
    }
    if (!output.write(scored.join(''))) await once(output, 'drain');
  }
  return bad;
}

/** The lines that each chunk completes, so that each chunk is answered at once. */
async function* wholeLines(input: Readable): AsyncGenerator<readonly string[]> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of input) {
    const lines = (rest + decoder.write(Buffer.from(chunk))).split('\n');
    rest = lines.pop() ?? '';
    yield lines;
  }
  yield [rest + decoder.end()];
}

function parse(line: string): { id: unknown; messages: unknown } {
  const value = json(line);
  if (typeof value !== 'object' || value === null || !('messages' in value)) {
    throw new Error(
      'no messages; each line is {"id": "...", "messages": [{"role": "user", "content": "..."}]}',
    );
  }
  return { id: 'id' in value ? value.id : null, messages: value.messages };
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new Error('not JSON; each line is one JSON object');
  }
}
