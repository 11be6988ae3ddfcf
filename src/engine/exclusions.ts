/** Why a target is excluded: the policy's constraints, then what the upstream cannot do. */
import type { Exclusion, Target } from '../core/decision.ts';
import type { PersonalKind } from '../core/masking.ts';
import type { Constraint, Policy, Situation } from '../core/policy.ts';
import { score, type Capability, type Reading } from '../core/signal.ts';
import type { UnreadKind } from '../core/unread.ts';

type ExclusionReason = Omit<Exclusion, 'target'>;

/** Headroom over the estimated input; the estimate's error on real text stays within it. */
const ESTIMATE_MARGIN = 1.1;
/** Reserved for the answer when the caller sets no limit, in tokens. */
const ANSWER_ROOM = 256;

/**
 * Why this target may not be asked, or undefined. Constraints come first, so that no lesser reason hides them.
 * @param isSparing whether it may be asked without hosted tools that need not be called
 */
export function exclusionOf(
  target: Target,
  situation: Situation,
  policy: Policy,
  isSparing = false,
): ExclusionReason | undefined {
  return (
    residency(target, situation, policy) ??
    ofKey(target, situation) ??
    threadState(target, situation) ??
    configuration(target, situation) ??
    capability(target, situation, isSparing) ??
    window(target, situation) ??
    budget(target, situation) ??
    health(target, situation)
  );
}

/** While a target fails for everybody only single requests are let through to it: see `breaker.ts`. */
function health({ upstream, model }: Target, situation: Situation): ExclusionReason | undefined {
  const state = situation.snapshot.upstreams[upstream];
  if (state?.limitedModels?.includes(model) === true)
    return { by: 'health', name: 'limited', reason: 'it takes no more requests for a while' };
  if (state?.isShut !== true && state?.shutModels?.includes(model) !== true) return undefined;
  return { by: 'health', name: 'failing', reason: 'its requests fail; it is tried again soon' };
}

/** A condition about the budget alone. */
const ABOUT_MONEY = /^\s*budget\.\w+\s*>=?\s*[\d.]+\s*$/;

const unaffordable = ({ upstream, model }: Target, { snapshot }: Situation) =>
  snapshot.budget.unaffordable?.find((each) => each.upstream === upstream && each.model === model);

/** A target that the budget cannot pay for, whatever the policy says. */
function budget(target: Target, situation: Situation): ExclusionReason | undefined {
  const short = unaffordable(target, situation);
  const by = short?.isCap === true ? 'large-cap' : 'budget';
  return short && { by, name: short.budget, reason: short.reason };
}

function residency(
  target: Target,
  situation: Situation,
  policy: Policy,
): ExclusionReason | undefined {
  const isUnaffordable = unaffordable(target, situation) !== undefined;
  for (const constraint of policy.constraints) {
    if (constraint.require.locality === target.locality) continue;
    // The budget itself removes the target, and its reason says when there is money again.
    if (isUnaffordable && ABOUT_MONEY.test(constraint.when.source)) continue;
    if (constraint.redact !== undefined && isMaskable(situation, constraint)) continue;
    const held = reasonIfHolds(constraint, situation);
    if (held !== undefined) return { by: 'constraint', name: constraint.name, reason: held };
  }
  return undefined;
}

/**
 * Whether the request must stay on this machine, wherever its targets are: by its key, or by a constraint that masking cannot satisfy.
 * Code that keeps something of a request elsewhere asks this too.
 */
export function staysHere(situation: Situation, { constraints }: Policy): boolean {
  if (situation.snapshot.key.residency === 'local') return true;
  return constraints.some(
    (constraint) =>
      constraint.require.locality === 'local' &&
      (constraint.redact === undefined || !isMaskable(situation, constraint)) &&
      reasonIfHolds(constraint, situation) !== undefined,
  );
}

/** The restrictions of the caller's key. */
function ofKey(target: Target, { snapshot: { key } }: Situation): ExclusionReason | undefined {
  if (key.residency === 'local' && target.locality !== 'local') {
    return { by: 'key', name: key.name, reason: `key '${key.name}' stays on this machine` };
  }
  if (key.upstreams === undefined || key.upstreams.includes(target.upstream)) return undefined;
  return { by: 'key', name: key.name, reason: `key '${key.name}' may not use it` };
}

/** Content that is not text, and state that an upstream already holds: neither can be masked. */
const UNMASKABLE: ReadonlySet<Capability> = new Set<Capability>([
  'vision',
  'audio',
  'files',
  'token_input',
  'stored_state',
]);

const isMaskable = ({ facts }: Situation, { letUnread }: Constraint): boolean =>
  facts.isOpaque !== true &&
  facts.remotePersonal === undefined &&
  isLet(facts.unread, letUnread) &&
  facts.images === 0 &&
  !facts.needs.some((need) => UNMASKABLE.has(need));

/** What the constraints that hold want masked, instead of excluding cloud upstreams; undefined where none wants that. */
export function masking(
  situation: Situation,
  { constraints }: Policy,
): readonly PersonalKind[] | undefined {
  let kinds: Set<PersonalKind> | undefined;
  for (const constraint of constraints) {
    if (constraint.redact === undefined || reasonIfHolds(constraint, situation) === undefined)
      continue;
    kinds ??= new Set();
    for (const kind of constraint.redact) kinds.add(kind);
  }
  return kinds && [...kinds];
}

const isLet = (
  unread: readonly UnreadKind[] = [],
  letUnread: readonly UnreadKind[] = [],
): boolean => unread.every((kind) => letUnread.includes(kind));

/** A constraint that cannot be evaluated holds (fail closed). */
function reasonIfHolds(constraint: Constraint, situation: Situation): string | undefined {
  const wants = `requires a ${constraint.require.locality} upstream`;
  try {
    if (!constraint.when.holds(asRead(situation, constraint))) return undefined;
    return `${constraint.name} ${wants}: ${constraint.when.source}`;
  } catch {
    const { unread = [] } = situation.facts;
    const why =
      unread.length === 0
        ? 'its condition could not be evaluated'
        : `nothing here can read what this request holds of ${unread.join(', ')}. Send it as text, or let such content go with letUnread`;
    return `${constraint.name} ${wants}: ${why}`;
  }
}

/** If the constraint allows all unread content, only what was read decides. */
function asRead(situation: Situation, { letUnread }: Constraint): Situation {
  const { facts, readings } = situation;
  if (facts.unread === undefined || !isLet(facts.unread, letUnread)) return situation;
  const read: Record<string, Reading> = {};
  for (const name in readings) {
    const reading = readings[name];
    if (reading === undefined) continue;
    const isUnread = reading.kind === 'abstain' && reading.cause === 'unread';
    read[name] = isUnread ? score(0, reading.reason) : reading;
  }
  return { ...situation, readings: read };
}

function threadState(target: Target, { snapshot }: Situation): ExclusionReason | undefined {
  if (snapshot.boundTo === undefined || snapshot.boundTo === target.upstream) return undefined;
  const reason = `the conversation's state is held by ${snapshot.boundTo}`;
  return { by: 'state', name: snapshot.boundTo, reason };
}

function configuration(target: Target, { snapshot }: Situation): ExclusionReason | undefined {
  if (snapshot.upstreams[target.upstream]?.configured === true) return undefined;
  return { by: 'unconfigured', name: target.upstream, reason: 'not configured' };
}

/** Only those whose name is not clear by itself. */
const CAPABILITY_WORDS: Readonly<Partial<Record<Capability, string>>> = {
  text_completion: 'text completions',
  tool_choice: 'forced tools (tool_choice)',
  custom_tools: 'custom tools',
  tool_grammar:
    'support for grammars of custom tools, and this one cannot be checked here (it looks around or refers back, or has more of Lark than OpenAI takes, or is too big)',
  hosted_tools:
    'hosted tools, which run at the cloud that offers them (file search, code interpreter, MCP, computer use)',
  messages:
    "way to speak Anthropic's own API, which this request needs: it has tools that run there, or content that chat cannot carry",
  image_url: 'pictures by their address',
  n: 'n above 1',
  token_input: 'input as token numbers',
  web_search: 'web search, which runs at the cloud that offers it',
  stored_state: 'stored state',
};

function capability(
  target: Target,
  { facts, snapshot }: Situation,
  isSparing: boolean,
): ExclusionReason | undefined {
  const able = snapshot.upstreams[target.upstream]?.capabilities;
  if (able === undefined) return undefined;
  for (const need of facts.needs) {
    // Token numbers of an embedding are decoded for a server that takes text only: see `withTextInput`.
    const isDecoded = need === 'token_input' && facts.operation === 'embeddings';
    if (able.has(need) || isDecoded || (isSparing && isSpare(need, facts))) continue;
    return { by: 'capability', name: need, reason: `it has no ${CAPABILITY_WORDS[need] ?? need}` };
  }
  return undefined;
}

const HOSTED: ReadonlySet<Capability> = new Set(['web_search', 'hosted_tools']);

/** A hosted tool that is offered beside the caller's own, and that need not be called. Agents offer their provider's search with whatever is asked. */
function isSpare(need: Capability, { operation, needs }: Situation['facts']): boolean {
  if (operation !== 'responses' || !HOSTED.has(need) || needs.includes('tool_choice')) return false;
  return needs.includes('tools') || needs.includes('custom_tools');
}

export const hasSpareTools = ({ facts }: Situation): boolean =>
  facts.needs.some((need) => isSpare(need, facts));

function window(target: Target, { facts, snapshot }: Situation): ExclusionReason | undefined {
  const tokens = snapshot.upstreams[target.upstream]?.contextTokens;
  if (tokens === undefined || facts.operation === 'passthrough') return undefined;
  const input = Math.ceil((facts.longestInputTokens ?? facts.inputTokens) * ESTIMATE_MARGIN);
  const output = facts.operation === 'embeddings' ? 0 : facts.maxTokens || ANSWER_ROOM;
  // A generous `max_tokens` is a limit, not a need: it must not by itself exclude a short prompt.
  const needed = input + Math.min(output, Math.floor(tokens / 4));
  if (needed <= tokens) return undefined;
  return {
    by: 'context',
    name: 'context-window',
    reason: `about ${input} tokens do not fit its window of ${tokens}`,
  };
}
