/**
 * Finds single changes that would have changed the decision: `decide` is pure, so it is called
 * again with one input changed. Used by `explain` and by the admin API, never on the hot path.
 */
import { distinctDecimals } from './distinct-decimals.ts';
import type { ModelSelector, Decision, Snapshot, UpstreamState } from '../core/decision.ts';
import type { Policy, Situation } from '../core/policy.ts';
import { score, type RequestFacts } from '../core/signal.ts';
import { decide } from './decide.ts';

/** One change that alone would have led to another target. */
export interface Counterfactual {
  /** As text: `with fewer than 1850 input tokens`. */
  readonly change: string;
  /** Where the request would have gone first; `refused` if nowhere. */
  readonly to: string;
}

interface Case {
  readonly ask: ModelSelector;
  readonly situation: Situation;
  readonly policy: Policy;
}

/** Nearest first: signal scores, then facts of the request, then the state of the upstreams. */
export function counterfactuals({ ask, situation, policy }: Case): readonly Counterfactual[] {
  const now = placeOf(decide(ask, situation, policy));
  const placeIn = (changed: Situation): string => placeOf(decide(ask, changed, policy));
  const found: Counterfactual[] = [];
  const add = (change: string | undefined, changed: Situation): void => {
    const to = placeIn(changed);
    if (change !== undefined && to !== now) found.push({ change, to });
  };
  for (const name of Object.keys(situation.readings)) addReading(name, situation, placeIn, add);
  for (const fact of NUMBERS) addNumber(fact, situation, placeIn, add);
  for (const [words, facts] of withoutNeeds(situation.facts)) add(words, { ...situation, facts });
  for (const [words, snapshot] of otherStates(situation.snapshot)) {
    add(words, { ...situation, snapshot });
  }
  return found;
}

const placeOf = (decision: Decision): string =>
  decision.kind === 'refuse'
    ? 'refused'
    : `${decision.targets[0].upstream}/${decision.targets[0].model}`;

type PlaceIn = (changed: Situation) => string;
type Add = (change: string | undefined, changed: Situation) => void;

function addReading(name: string, situation: Situation, placeIn: PlaceIn, add: Add): void {
  const reading = situation.readings[name];
  if (reading?.kind !== 'score') return;
  const withScore = (value: number): Situation => ({
    ...situation,
    readings: { ...situation.readings, [name]: score(value, 'supposed', reading.value) },
  });
  for (const end of [0, 1]) {
    const flip = bisect(reading.score, end, (value) => placeIn(withScore(value)));
    if (flip === undefined) continue;
    const word = end > reading.score ? 'at or above' : 'below';
    const [bar, was] = distinctDecimals(flip, reading.score);
    add(`with ${name} ${word} ${bar} (it was ${was})`, withScore(end));
  }
  if (reading.value !== undefined) addWithout(name, reading.value, situation, add);
}

function addWithout(name: string, value: string, situation: Situation, add: Add): void {
  const { [name]: _, ...readings } = situation.readings;
  add(`if ${name} had not been ${value}`, { ...situation, readings });
}

const NUMBERS = [
  { fact: 'inputTokens', words: 'input tokens', top: 4_000_000 },
  { fact: 'tools', words: 'tools', top: 128 },
  { fact: 'turns', words: 'user turns', top: 1000 },
  { fact: 'maxTokens', words: 'tokens of allowed answer', top: 1_000_000 },
] as const;

function addNumber(
  { fact, words, top }: (typeof NUMBERS)[number],
  situation: Situation,
  placeIn: PlaceIn,
  add: Add,
): void {
  const current = situation.facts[fact];
  const withFact = (value: number): Situation => ({
    ...situation,
    facts: { ...situation.facts, [fact]: Math.round(value) },
  });
  for (const end of [0, top]) {
    const flip = bisect(current, end, (value) => placeIn(withFact(value)), 1);
    if (flip === undefined) continue;
    const change =
      end > current
        ? `with ${Math.ceil(flip)} or more ${words}`
        : `with fewer than ${Math.ceil(flip)} ${words}`;
    add(`${change} (it had ${current})`, withFact(end));
  }
}

/** The value between `from` and `end` at which the target changes; undefined if it is the same at both. Assumes one change. */
function bisect(
  from: number,
  end: number,
  placeAt: (value: number) => string,
  precision = 0.001,
): number | undefined {
  const here = placeAt(from);
  if (placeAt(end) === here) return undefined;
  let same = from;
  let other = end;
  while (Math.abs(other - same) > precision) {
    const middle = (same + other) / 2;
    if (placeAt(middle) === here) same = middle;
    else other = middle;
  }
  return Math.max(same, other);
}

function withoutNeeds(facts: RequestFacts): readonly (readonly [string, RequestFacts])[] {
  return facts.needs
    .filter((need) => need !== facts.operation)
    .map((need) => [
      `without needing ${need}`,
      { ...facts, needs: facts.needs.filter((other) => other !== need) },
    ]);
}

function otherStates(snapshot: Snapshot): readonly (readonly [string, Snapshot])[] {
  const { thread, threadKeys: _keys, ...fresh } = snapshot;
  const began: (readonly [string, Snapshot])[] =
    thread === undefined ? [] : [['as the first turn of a conversation', fresh]];
  const states = Object.entries(snapshot.upstreams).map(
    ([name, { unhealthyModels: _models, ...state }]): readonly [string, Snapshot] => {
      const [words, flipped]: [string, Partial<UpstreamState>] = state.configured
        ? [`if ${name} had been ${state.healthy ? 'down' : 'up'}`, { healthy: !state.healthy }]
        : [`with ${name} configured`, { configured: true }];
      return [
        words,
        { ...snapshot, upstreams: { ...snapshot.upstreams, [name]: { ...state, ...flipped } } },
      ];
    },
  );
  return [...began, ...states];
}
