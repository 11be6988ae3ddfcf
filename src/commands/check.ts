/** `smallfirst check`: is everything that is written right? Starts nothing. */
import { defineCommand } from 'citty';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import type { Environment } from '../config/substitute.ts';
import type { Policy } from '../core/policy.ts';
import { formatProblem, ProblemsError, type Problem } from '../lib/problems.ts';
import { loadPolicy, type PolicyContext } from '../policy/load.ts';
import { findPolicy } from '../policy/shipped.ts';

interface Checked {
  readonly lines: readonly string[];
  readonly problems: readonly Problem[];
}

interface What {
  readonly config?: string | undefined;
  readonly policy?: string | undefined;
  readonly env: Environment;
  readonly cwd: string;
  readonly signals: readonly string[];
  readonly thresholdFor: PolicyContext['thresholdFor'];
}

/** Both files are always looked at, so that one run shows every mistake. */
export function checkAll(what: What): Checked {
  const config = attempt(() => loadConfig({ file: what.config, env: what.env, cwd: what.cwd }));
  const known = config.ok ? config.value : undefined;
  const reference = what.policy ?? known?.policy;
  if (reference === undefined) return { lines: [], problems: problemsOf(config) };
  const baseDir = what.policy === undefined ? (known?.baseDir ?? what.cwd) : what.cwd;
  const policy = attempt(() =>
    loadPolicy(findPolicy(reference, baseDir), {
      upstreams: upstreamsOf(known),
      signals: what.signals,
      thresholdFor: what.thresholdFor,
    }),
  );
  return {
    lines: [
      ...(config.ok ? [configLine(config.value)] : []),
      ...(policy.ok ? [policyLine(policy.value)] : []),
    ],
    problems: [...problemsOf(config), ...problemsOf(policy)],
  };
}

type Attempt<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const problemsOf = (result: Attempt<unknown>): readonly Problem[] =>
  result.ok ? [] : result.problems;

function attempt<T>(load: () => T): Attempt<T> {
  try {
    return { ok: true, value: load() };
  } catch (error) {
    if (error instanceof ProblemsError) return { ok: false, problems: error.problems };
    throw error;
  }
}

function upstreamsOf(config: Config | undefined): PolicyContext['upstreams'] {
  if (config?.upstreams.kind !== 'configured') return {};
  return Object.fromEntries(
    config.upstreams.list.map(({ name, locality, model }) => [name, { locality, model }]),
  );
}

function configLine({ file, upstreams, auth }: Config): string {
  const what =
    upstreams.kind === 'configured'
      ? `upstreams ${upstreams.list.map(({ name }) => name).join(', ')}`
      : `a local model to be found at the start, ${upstreams.cloud ? `cloud ${upstreams.cloud.url}` : 'no cloud'}`;
  return `configuration ${file ?? 'defaults (no file)'}: ${what}; auth ${auth.mode}: ok`;
}

function policyLine({ name, version, constraints, rules, domains }: Policy): string {
  const parts = `${constraints.length} constraints, ${rules.length} rules, ${domains.length} domains`;
  return `policy ${name}@${version}: ${parts}: ok`;
}

export const checkCommand = defineCommand({
  meta: {
    name: 'check',
    description: 'Validate the configuration and the policy without starting anything',
  },
  args: {
    config: {
      type: 'string',
      description: 'Configuration file (else SMALLFIRST_CONFIG, else the defaults)',
    },
    policy: {
      type: 'string',
      description: "A policy's name or file, in place of the configured one",
    },
  },
  run({ args }) {
    const { lines, problems } = checkAll({
      config: args.config,
      policy: args.policy,
      env: process.env,
      cwd: process.cwd(),
      signals: ['complexity', 'code', 'maths', 'pii', 'language', 'domain'],
      thresholdFor: (objective) => ({ value: 0.5, from: JSON.stringify(objective) }),
    });
    for (const line of lines) process.stdout.write(`${line}\n`);
    for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
    if (problems.length > 0) process.exitCode = 1;
  },
});
