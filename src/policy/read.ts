/** Reads a policy file: resolves every name and checks every condition. What comes of it is plain data, which threads can exchange. */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { CONSENT } from '../core/collect.ts';
import type { Locality } from '../core/decision.ts';
import type { JudgeWeights, LearnedHead } from '../core/learned-head.ts';
import { isObject } from '../lib/json.ts';
import { inReadingOrder, ProblemsError, type Problem } from '../lib/problems.ts';
import { suggestion } from '../lib/suggest.ts';
import type { Path, YamlSource } from '../lib/yaml-source.ts';
import { valueAt, zodProblems } from '../lib/zod-problems.ts';
import { conditions, type Compile, type Nameable } from './conditions.ts';
import { parseExtended } from './extend.ts';
import { LONGEST_CONDITION } from './schema-parts.ts';
import { policyJsonSchema, policySchema, USUAL_UPSTREAMS } from './schema.ts';

/** A policy that cannot be used, with all of its problems. */
export class PolicyError extends ProblemsError {
  constructor(problems: readonly Problem[]) {
    super(inReadingOrder(problems));
    this.name = 'PolicyError';
  }
}

/** What a policy may refer to in this installation. */
export interface PolicyNames {
  /** By configured name; undefined = not known: then every name is accepted. */
  readonly upstreams:
    | Readonly<Record<string, { readonly locality: Locality; readonly model: string }>>
    | undefined;
  readonly signals: readonly string[];
  /** `open`: there are no keys, and so none that could consent; undefined = not known. */
  readonly auth?: 'open' | 'keys';
  /** What `learned` must have been learned for; not given: not checked. */
  readonly judgeInForce?: () => JudgeWeights;
}

/** A text without mistakes, whose conditions are to be compiled. */
export interface ReadPolicy {
  readonly data: z.output<typeof policySchema>;
  /** Of its text. */
  readonly version: string;
  /** What its conditions may name. */
  readonly nameable: Nameable;
  /** Where its objective is written. */
  readonly objectiveAt: Omit<Problem, 'message'>;
}

/** A policy may name these even if they are not configured: the gateway then degrades and reports it. */
const WELL_KNOWN = Object.values(USUAL_UPSTREAMS);

/** Names that the gateway itself records as `rule`. */
const RESERVED = new Set([
  'objective',
  'caller',
  'mode-off',
  'thread-state',
  'drafts-lose',
  'other-language',
]);

/** @throws PolicyError with every problem found, each with its position. */
export function readPolicy(
  source: { readonly text: string; readonly file: string },
  names: PolicyNames,
): ReadPolicy {
  const yaml = parsed(source);
  const shape = policySchema.safeParse(yaml.value);
  const nameable = {
    signals: names.signals,
    upstreams: upstreamNames(names, source.text),
    domains: namesIn(yaml.value, 'domains'),
    ...(shape.success ? { timeZone: shape.data.timeZone } : {}),
  };
  const problems = [
    ...yaml.problems,
    ...(shape.success ? [] : zodProblems(shape.error.issues, yaml, policyJsonSchema())),
    ...conditionProblems(yaml, conditions(nameable)),
    ...nameProblems(yaml),
    ...targetProblems(yaml, names),
    ...withoutTargets(yaml, names),
    ...consentProblems(yaml, names),
    ...(shape.success ? learnedProblems(yaml, shape.data.learned, names) : []),
  ];
  if (!shape.success || problems.length > 0) throw new PolicyError(problems);
  const { message: _, ...objectiveAt } = yaml.problem(['objective'], '');
  return { data: shape.data, version: versionOf(source.text), nameable, objectiveAt };
}

function parsed({ text, file }: { readonly text: string; readonly file: string }): YamlSource {
  try {
    return parseExtended(text, file);
  } catch (error) {
    throw error instanceof ProblemsError ? new PolicyError(error.problems) : error;
  }
}

/** A digest that ignores line ends and trailing blanks, which editors change. */
function versionOf(text: string): string {
  const normal = text
    .replace(/^\uFEFF/, '')
    .replaceAll(/[ \t]*\r?$/gm, '')
    .trimEnd();
  return createHash('sha256').update(normal).digest('hex').slice(0, 12);
}

function upstreamNames({ upstreams }: PolicyNames, text: string): readonly string[] {
  const mentioned = [...text.matchAll(/\bupstreams(?:\.(\w+)|\["([^"]+)"\])/g)];
  const names =
    upstreams === undefined
      ? mentioned.map(([, plain, quoted]) => plain ?? quoted ?? '')
      : Object.keys(upstreams);
  return [...new Set([...WELL_KNOWN, ...names])];
}

function listAt(value: unknown, key: string): readonly unknown[] {
  const list = valueAt(value, [key]);
  return Array.isArray(list) ? list : [];
}

function namesIn(value: unknown, key: string): readonly string[] {
  return listAt(value, key).flatMap((each) =>
    isObject(each) && typeof each['name'] === 'string' ? [each['name']] : [],
  );
}

const CONDITIONED = ['constraints', 'rules'] as const;

function conditionProblems(yaml: YamlSource, compile: Compile): readonly Problem[] {
  const paths = [...CONDITIONED, 'modes'].flatMap((list) =>
    listAt(yaml.value, list).map((_, index): Path => [list, index, 'when']),
  );
  return [...paths, ['verify', 'when'], ['collect', 'when']].flatMap((path) => {
    const source = valueAt(yaml.value, path);
    // Of what is longer the schema speaks; reading it could take seconds.
    if (typeof source !== 'string' || source === '' || source.length > LONGEST_CONDITION) return [];
    const result = compile(source, path[0] === 'modes' ? ['key'] : undefined);
    if (result.ok) return [];
    return [yaml.textProblem(path, result.mistake.offset, result.mistake.message)];
  });
}

function nameProblems(yaml: YamlSource): readonly Problem[] {
  return [...CONDITIONED, 'domains'].flatMap((list) => {
    const seen = new Set<string>();
    return listAt(yaml.value, list).flatMap((each, index) => {
      const name = isObject(each) ? each['name'] : undefined;
      if (typeof name !== 'string') return [];
      const path = [list, index, 'name'];
      if (seen.has(name))
        return [yaml.problem(path, `another of the ${list} is called \`${name}\``)];
      seen.add(name);
      if (list === 'domains' || !RESERVED.has(name)) return [];
      return [
        yaml.problem(
          path,
          `\`${name}\` is a name that the gateway itself records as the rule; choose another one`,
        ),
      ];
    });
  });
}

function targetProblems(yaml: YamlSource, names: PolicyNames): readonly Problem[] {
  if (names.upstreams === undefined) return [];
  const known = [...new Set([...WELL_KNOWN, ...Object.keys(names.upstreams)])];
  return ['small', 'large'].flatMap((tier) => {
    const path = ['targets', tier, 'upstream'];
    const upstream = valueAt(yaml.value, path);
    if (typeof upstream !== 'string' || upstream === '' || known.includes(upstream)) return [];
    const message = `no upstream is called \`${upstream}\`; ${suggestion(upstream, known)}`;
    return [yaml.problem(path, message)];
  });
}

/** One of the two may be missing; with neither no request that names no upstream could be answered. */
function withoutTargets(yaml: YamlSource, { upstreams }: PolicyNames): readonly Problem[] {
  const known = Object.keys(upstreams ?? {});
  const [small, large] = (['small', 'large'] as const).map((tier) => {
    const named = valueAt(yaml.value, ['targets', tier, 'upstream']);
    return typeof named === 'string' ? named : USUAL_UPSTREAMS[tier];
  });
  if (known.length === 0 || known.some((name) => name === small || name === large)) return [];
  const message = `neither of its upstreams, \`${small}\` and \`${large}\`, is configured, but ${listed(known)}: give one of them that name in smallfirst.yaml, or name it in \`targets\` of a policy that \`extends\` this one`;
  return [yaml.problem(['targets'], message)];
}

const listed = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

function consentProblems(yaml: YamlSource, { auth }: PolicyNames): readonly Problem[] {
  if (auth !== 'open' || valueAt(yaml.value, ['collect']) === undefined) return [];
  const message = `nothing may be collected in \`auth.mode: open\`: only a key can consent, by its label \`${CONSENT.label}: ${CONSENT.value}\`; set \`auth: { mode: keys }\``;
  return [yaml.keyProblem(['collect'], message)];
}

/** Numbers that other weights made mean something else. */
function learnedProblems(
  yaml: YamlSource,
  learned: LearnedHead | undefined,
  { judgeInForce }: PolicyNames,
): readonly Problem[] {
  if (learned === undefined || judgeInForce === undefined) return [];
  const { version, numbers } = judgeInForce();
  if (learned.judge !== version) {
    const message = `this was learned for a judge of other weights (\`${learned.judge}\`; in force is \`${version}\`): take \`learned\` out, and run \`smallfirst learn\` again`;
    return [yaml.problem(['learned', 'judge'], message)];
  }
  if (learned.weights.length === numbers) return [];
  const message = `must be ${numbers} numbers, one for each that the judge sees; here are ${learned.weights.length}`;
  return [yaml.problem(['learned', 'weights'], message)];
}
