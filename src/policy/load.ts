/** Loads a policy file: what was read of it becomes functions. */
import { personalKinds } from '../core/masking.ts';
import type { Condition, Mode, Objective, Policy, Threshold } from '../core/policy.ts';
import { conditions, type Compile } from './conditions.ts';
import { PolicyError, readPolicy, type PolicyNames, type ReadPolicy } from './read.ts';
import { spanMs } from './schema.ts';

/** What a policy may refer to in this installation. */
export interface PolicyContext extends PolicyNames {
  /** For the small model of that name, if known. May throw, with a message, when there is no calibration for the objective. */
  thresholdFor(objective: Objective, smallModel: string | undefined, version: string): Threshold;
}

type Context = Pick<PolicyContext, 'upstreams' | 'thresholdFor'>;

/** @throws PolicyError with every problem found, each with its position. */
export function loadPolicy(
  source: { readonly text: string; readonly file: string },
  context: PolicyContext,
): Policy {
  const read = readPolicy(source, context);
  return compiled(read, remembering(read), thresholdOf(read, context));
}

/**
 * What was read before becomes a policy; conditions are compiled one after the other.
 * @param between - awaited before each of them
 * @throws PolicyError where no threshold is known for the objective
 */
export async function compileInSteps(
  read: ReadPolicy,
  context: Context,
  between: () => Promise<void>,
): Promise<Policy> {
  const compile = remembering(read);
  for (const source of conditionsIn(read)) {
    await between();
    compile(source);
  }
  return compiled(read, compile, thresholdOf(read, context));
}

/** @throws PolicyError where none is known for the objective */
export function thresholdOf(
  { data: { objective, targets }, version, objectiveAt }: ReadPolicy,
  { upstreams, thresholdFor }: Context,
): Threshold {
  const { small } = targets;
  try {
    return thresholdFor(objective, small.model ?? upstreams?.[small.upstream]?.model, version);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be reached';
    const message = `this objective cannot be used: ${why}`;
    throw new PolicyError([{ ...objectiveAt, message }]);
  }
}

function conditionsIn({ data }: ReadPolicy): readonly string[] {
  const { modes, constraints, rules, verify, collect } = data;
  return [...modes, ...constraints, ...rules, verify, collect].flatMap((one) => one?.when ?? []);
}

/** Each is compiled once. */
function remembering({ nameable }: ReadPolicy): (source: string) => Condition {
  const compile: Compile = conditions(nameable);
  const made = new Map<string, Condition>();
  return (source) => {
    const known = made.get(source);
    if (known !== undefined) return known;
    const result = compile(source);
    // Cannot fail: it was checked when it was read.
    if (!result.ok) throw new Error(result.mistake.message);
    made.set(source, result.condition);
    return result.condition;
  };
}

function compiled(
  { data, version }: ReadPolicy,
  condition: (source: string) => Condition,
  threshold: Threshold,
): Policy {
  const { verify, collect, extends: _, ...rest } = data;
  return {
    ...rest,
    ...(verify === undefined ? {} : { verify: conditioned(verify, condition) }),
    ...(collect === undefined ? {} : { collect: conditioned(collect, condition) }),
    version,
    threshold,
    mode: modeOf(data.mode),
    modes: data.modes.map(({ when, mode }) => ({ when: condition(when), mode: modeOf(mode) })),
    constraints: data.constraints.map(({ name, when, require, redact, letUnread }) => ({
      name,
      when: condition(when),
      // A request that cannot be masked stays local.
      require: require ?? { locality: 'local' },
      ...(redact === undefined ? {} : { redact: redact === 'all' ? personalKinds : redact }),
      ...(letUnread === undefined ? {} : { letUnread }),
    })),
    rules: data.rules.map(({ name, when, use, cache }) => ({
      name,
      when: condition(when),
      use: Array.isArray(use) ? [...new Set(use)] : [use],
      ...(cache === undefined ? {} : { cacheMs: spanMs(cache.ttl) }),
    })),
    ...(data.rules.some(({ cache }) => cache !== undefined) ? { keepsAnswers: true } : {}),
  };
}

function conditioned<Rest extends object>(
  { when, ...rest }: Rest & { readonly when?: string },
  condition: (source: string) => Condition,
): Omit<Rest, 'when'> & { readonly when?: Condition } {
  return when === undefined ? rest : { ...rest, when: condition(when) };
}

/** The share of `shadow` without a figure: a tenth of the cost is enough to compare. */
const SHADOW_SHARE = 0.1;

/** The string `"canary: 0.1"` means `{ canary: 0.1 }`. */
function modeOf(mode: ReadPolicy['data']['mode']): Mode {
  switch (mode) {
    case 'off':
    case 'observe':
    case 'on':
      return mode;
    case 'shadow':
      return { shadow: SHADOW_SHARE };
    default: {
      if (typeof mode !== 'string') return mode;
      const [name, share] = mode.split(':');
      return name === 'canary' ? { canary: Number(share) } : { shadow: Number(share) };
    }
  }
}
