/** `smallfirst check`: validates configuration, policy and golden cases. Starts nothing. */
import { allCards, cardNamed, smallModelNow, storedKeys, thresholdsWith } from '../offline.ts';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { defineCommand } from 'citty';
import type { Config } from '../config/config.ts';
import { foundConfig } from '../config/find.ts';
import { loadConfig } from '../config/load.ts';
import type { CompetenceCard } from '../core/competence.ts';
import type { Policy } from '../core/policy.ts';
import type { Environment, UpstreamKind } from '../core/upstream-kind.ts';
import { formatProblem, ProblemsError, type Problem } from '../lib/problems.ts';
import { decide } from '../engine/decide.ts';
import { cardLines, suggestedDiff } from './check-card.ts';
import { counted } from './format-numbers.ts';
import { downloads } from '../models/downloads.ts';
import { judgeInForce } from '../signals/complexity/index.ts';
import { surelyWrittenIn } from '../signals/language/shipped.ts';
import { draftChecker } from '../verify/check-draft.ts';
import { loadCases, type Cases } from '../policy/cases.ts';
import { loadPolicy, type PolicyContext } from '../policy/load.ts';
import { findPolicy, shippedPolicies, type PolicySource } from '../policy/shipped.ts';
import { neverWithoutBudget } from '../policy/without-budget.ts';
import { signalNames } from '../signals/index.ts';
import { upstreamKinds } from '../upstreams/index.ts';

interface Checked {
  readonly lines: readonly string[];
  readonly problems: readonly Problem[];
}

interface What {
  readonly config?: string | undefined;
  readonly policy?: string | undefined;
  /** A file of golden cases; without `policy`, the policy that it names is checked. */
  readonly cases?: string | undefined;
  readonly env: Environment;
  readonly cwd: string;
  readonly signals: readonly string[];
  /** Names of the downloadable models. */
  readonly models: readonly string[];
  readonly kinds: readonly UpstreamKind[];
  /** By when the deep judge is asked. */
  readonly thresholdsWith: (deep: Config['judge']['deep']) => PolicyContext['thresholdFor'];
  /** What `serve` would take as small model where none is configured. */
  readonly smallNow?: SmallNow;
  /** What is measured of a model, by its name in the configuration. */
  readonly cardOf?: (model: string) => CompetenceCard | undefined;
  /** Print the domains that the small model's card supports, as a diff. */
  readonly suggest?: boolean;
}

interface SmallNow {
  readonly model: string;
  readonly locality: 'local';
  readonly from: string;
}

/** Every file is checked even if another has mistakes, so that one run reports all of them. */
export function checkAll(what: What): Checked {
  const { config: file, env, cwd, models, kinds } = what;
  const policies = shippedPolicies();
  const config = attempt(() => loadConfig({ file, env, cwd, models, policies, kinds, storedKeys }));
  const cases = what.cases === undefined ? undefined : attempt(() => readCases(what, what.cases));
  const known = config.ok ? config.value : undefined;
  const own = ownOfKeys(what, known);
  const policy = attempt(() => {
    const at = policyReference(what, known, cases);
    if (at === undefined) return undefined;
    const source = findPolicy(at.name, at.baseDir);
    return { source, policy: loadPolicy(source, contextOf(what, known, cases)) };
  });
  const failed =
    policy.ok && policy.value && cases?.ok
      ? cases.value.run(policy.value.policy, decide, draftChecker(surelyWrittenIn()))
      : [];
  const lines = [
    ...(config.ok ? [configLine(config.value, what.smallNow)] : []),
    ...(policy.ok && policy.value
      ? [
          ...policyLines(policy.value, known),
          ...ofCard(policy.value, upstreamsOf(known, what.smallNow), what),
        ]
      : []),
    ...own.lines,
    ...(cases?.ok
      ? [
          `cases ${what.cases}: ${cases.value.count - failed.length} of ${cases.value.count} decided as written`,
        ]
      : []),
  ];
  const problems = [config, policy, cases].flatMap((each) => problemsOf(each));
  return { lines, problems: [...problems, ...own.problems, ...failed] };
}

/** Policies that keys of the configuration have of their own, each once. */
function ownOfKeys(what: What, config: Config | undefined): Checked {
  const keys = config?.auth.mode === 'keys' ? config.auth.keys : [];
  const references = new Set(keys.flatMap(({ policy }) => policy ?? []));
  const loaded = [...references].map((reference) =>
    attempt(() => loadPolicy(findPolicy(reference, what.cwd), contextOf(what, config, undefined))),
  );
  return {
    lines: loaded.flatMap((each) =>
      each.ok ? [`policy ${each.value.name}@${each.value.version}, of a key's own: ok`] : [],
    ),
    problems: loaded.flatMap((each) => problemsOf(each)),
  };
}

interface Loaded {
  readonly source: PolicySource;
  readonly policy: Policy;
}

/** What the small model's card says of the domains; nothing where none is known. */
function ofCard(
  { source, policy }: Loaded,
  upstreams: PolicyContext['upstreams'],
  what: What,
): readonly string[] {
  const { small } = policy.targets;
  const model = small.model ?? upstreams?.[small.upstream]?.model;
  const card = model === undefined ? undefined : what.cardOf?.(model);
  if (card === undefined) return [];
  if (what.suggest !== true) return cardLines(policy, card);
  return [
    suggestedDiff(policy, card, source) ?? `${card.model}: its card supports no further domain`,
  ];
}

function readCases({ cwd }: What, file = ''): Cases {
  const path = resolve(cwd, file);
  try {
    return loadCases({ text: readFileSync(path, 'utf8'), file });
  } catch (error) {
    if (error instanceof ProblemsError) throw error;
    throw new ProblemsError([
      { file, line: 0, column: 0, message: 'this file of cases cannot be read' },
    ]);
  }
}

interface Reference {
  readonly name: string;
  readonly baseDir: string;
}

/** `--policy` is relative to the working directory, a policy named in a file to that file's folder. */
function policyReference(
  { policy, cases: file, cwd }: What,
  config: Config | undefined,
  cases: Attempt<Cases> | undefined,
): Reference | undefined {
  if (policy !== undefined) return { name: policy, baseDir: cwd };
  if (cases?.ok && file !== undefined)
    return { name: cases.value.policy, baseDir: dirname(resolve(cwd, file)) };
  return config && { name: config.policy, baseDir: config.baseDir };
}

function contextOf(
  what: What,
  config: Config | undefined,
  cases: Attempt<Cases> | undefined,
): PolicyContext {
  const fixed = cases?.ok ? { value: cases.value.threshold, from: 'the cases' } : undefined;
  const thresholdFor = what.thresholdsWith(config?.judge.deep ?? 'auto');
  return {
    upstreams: upstreamsOf(config, what.smallNow),
    signals: what.signals,
    judgeInForce,
    ...(config === undefined ? {} : { auth: config.auth.mode }),
    thresholdFor: (...given) => fixed ?? thresholdFor(...given),
  };
}

type Attempt<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const problemsOf = (result: Attempt<unknown> | undefined): readonly Problem[] =>
  result === undefined || result.ok ? [] : result.problems;

function attempt<T>(load: () => T): Attempt<T> {
  try {
    return { ok: true, value: load() };
  } catch (error) {
    if (error instanceof ProblemsError) return { ok: false, problems: error.problems };
    throw error;
  }
}

/** Undefined for a configuration with mistakes; what `serve` would find where none is configured. */
export function upstreamsOf(
  config: Config | undefined,
  smallNow?: SmallNow,
): PolicyContext['upstreams'] {
  if (config === undefined) return undefined;
  if (config.upstreams.kind !== 'configured')
    return smallNow === undefined ? {} : { local: smallNow };
  return Object.fromEntries(
    config.upstreams.list.map(({ name, locality, model }) => [name, { locality, model }]),
  );
}

function configLine({ file, upstreams, auth }: Config, small: SmallNow | undefined): string {
  const what =
    upstreams.kind === 'configured'
      ? `upstreams ${upstreams.list.map(({ name }) => name).join(', ')}`
      : `${small === undefined ? 'a local model to be found at the start' : `small model ${small.model} (${small.from})`}, ${upstreams.cloud ? `cloud ${upstreams.cloud.url ?? upstreams.cloud.name}` : 'no cloud'}`;
  return `configuration ${file ?? 'defaults (no file)'}: ${what}; auth ${auth.mode}: ok`;
}

function policyLines(
  { policy, source }: { readonly policy: Policy; readonly source: PolicySource },
  config: Config | undefined,
): readonly string[] {
  const { name, version, constraints, rules, domains } = policy;
  const parts = [
    counted(constraints.length, 'constraint'),
    counted(rules.length, 'rule'),
    counted(domains.length, 'domain'),
  ].join(', ');
  const hasBudgets = (config?.budgets.length ?? 0) > 0;
  const never = hasBudgets ? undefined : neverWithoutBudget(policy, source);
  const lets = constraints.flatMap(({ name: constraint, letUnread = [] }) =>
    letUnread.length === 0
      ? []
      : [`policy ${name}: \`${constraint}\` lets go unread: ${letUnread.join(', ')}`],
  );
  return [
    `policy ${name}@${version}: ${parts}; large at complexity ${policy.threshold.value.toFixed(2)} and above (${policy.threshold.from}): ok`,
    ...(never === undefined ? [] : [never]),
    ...lets,
  ];
}

const printLine = (line: string): void => void process.stderr.write(`${line}\n`);

export const checkCommand = defineCommand({
  meta: {
    name: 'check',
    description: 'Validate the configuration and the policy without starting anything',
  },
  args: {
    config: {
      type: 'string',
      description:
        'Configuration file (else SMALLFIRST_CONFIG, else smallfirst.yaml of this folder, else the defaults)',
    },
    cases: { type: 'string', description: 'Golden cases to run: see policies/README.md' },
    suggest: {
      type: 'boolean',
      description: 'Print the domains that the small model’s card supports, as a diff',
    },
    policy: {
      type: 'string',
      description: "A policy's name or file, in place of the configured one",
    },
  },
  async run({ args }) {
    const cards = allCards({ env: process.env, printLine });
    const { lines, problems } = checkAll({
      cardOf: (model) => cardNamed(model, cards),
      suggest: args.suggest === true,
      smallNow: await smallModelNow(process.env),
      config: args.config ?? foundConfig(process.env, process.cwd()),
      policy: args.policy,
      cases: args.cases,
      env: process.env,
      cwd: process.cwd(),
      signals: signalNames,
      models: downloads.map(({ name }) => name),
      kinds: upstreamKinds,
      thresholdsWith,
    });
    for (const line of lines) process.stdout.write(`${line}\n`);
    for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
    if (problems.length > 0) process.exitCode = 1;
  },
});
