/**
 * Policies that keys have of their own. A key of the configuration names a shipped policy or a file, which is watched like the
 * gateway's; a key of the store names a version, which never changes. Every version stands in the store, for records that name it.
 */
import { GatewayError } from '../core/errors.ts';
import type { Act, PolicyStore } from '../core/policy-store.ts';
import type { Policy } from '../core/policy.ts';
import { formatProblem, ProblemsError } from '../lib/problems.ts';
import { suggestion } from '../lib/suggest.ts';
import { findPolicy, shippedPolicies, type PolicySource } from '../policy/shipped.ts';
import type { ActivePolicies, OwnPolicy } from './active-policy.ts';
import { watchPolicyFile } from './watch-file.ts';

export interface OwnPolicies {
  /** Those that the store's keys name now; one that cannot be used is said, and its keys are refused. */
  follow(references: ReadonlySet<string>): Promise<void>;
}

interface OwnParts {
  readonly policies: ActivePolicies;
  readonly store: PolicyStore;
  /** As the configuration has them. */
  readonly configured: ReadonlySet<string>;
  readonly act: () => Act;
  readonly printLine: (line: string) => void;
  readonly life: AbortSignal;
}

/** @throws PolicyError for one of the configuration that cannot be used */
export async function openOwnPolicies(parts: OwnParts): Promise<OwnPolicies> {
  const { policies, configured, life } = parts;
  const followed = new Set<string>();
  for (const reference of configured) {
    await readConfigured(reference, parts);
    const unwatch = watchPolicyFile(reference, () => void readAgain(reference, parts));
    life.addEventListener('abort', unwatch, { once: true });
  }
  return {
    follow: async (references) => {
      for (const reference of followed) {
        if (references.has(reference)) continue;
        followed.delete(reference);
        policies.own.delete(reference);
      }
      for (const reference of references) {
        if (followed.has(reference)) continue;
        policies.own.set(reference, await storedPolicy(reference, parts));
        followed.add(reference);
      }
    },
  };
}

async function storedPolicy(
  reference: string,
  { policies, store, printLine }: OwnParts,
): Promise<OwnPolicy> {
  const stored = await store.get(versionIn(reference));
  const compiled =
    stored === undefined ? 'the store has it not' : await orProblem(() => policies.compile(stored));
  if (typeof compiled !== 'string') return compiled;
  printLine(`Policy ${reference} of a key cannot be used: ${compiled}. Its keys are refused.`);
  return { problem: compiled };
}

async function readConfigured(reference: string, parts: OwnParts): Promise<void> {
  const { policies, store, act } = parts;
  const compiled = await policies.compile(findPolicy(reference, ''));
  await store.save(asVersion(compiled.policy, compiled.source, act()));
  policies.own.set(reference, compiled);
}

/** The last valid one stays. */
async function readAgain(reference: string, parts: OwnParts): Promise<void> {
  try {
    await readConfigured(reference, parts);
  } catch (error) {
    const why =
      error instanceof ProblemsError ? error.problems.map(formatProblem) : [String(error)];
    parts.printLine([...why, 'The key keeps the policy that it had.'].join('\n'));
  }
}

/** What comes of it, or what is wrong with the policy. */
async function orProblem<T>(work: () => Promise<T>): Promise<T | string> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    const [first] = error.problems;
    return first === undefined ? error.message : `${first.line}:${first.column} ${first.message}`;
  }
}

const asVersion = (
  { name, version }: Pick<Policy, 'name' | 'version'>,
  { text, file }: PolicySource,
  act: Act,
) => ({
  version,
  name,
  text,
  file,
  author: act.who,
  atMs: act.atMs,
  note: act.note,
});

/**
 * The text behind what a key names.
 * @throws PolicyError where the configuration names what there is not, Error where the store has it not
 */
export async function sourceOf(
  { reference, isStored }: { readonly reference: string; readonly isStored: boolean },
  store: Pick<PolicyStore, 'get'>,
): Promise<PolicySource> {
  const source = isStored ? await store.get(versionIn(reference)) : findPolicy(reference, '');
  if (source !== undefined) return source;
  throw new Error(
    `The store has no policy ${reference}: \`smallfirst policy list\` shows those it has.`,
  );
}

/** As the store's keys name it. */
export const referenceTo = ({ name, version }: Pick<Policy, 'name' | 'version'>): string =>
  `${name}@${version}`;

const versionIn = (reference: string): string => reference.slice(reference.lastIndexOf('@') + 1);

/**
 * Finds what a new key names (a version that is stored, or a shipped policy: nobody reads files from afar), and keeps it.
 * @returns how the key names it from now on
 * @throws GatewayError `caller_invalid`
 */
export async function keepPolicy(
  given: string,
  act: Act,
  { policies, store }: Pick<OwnParts, 'policies' | 'store'>,
): Promise<string> {
  const stored = await store.get(versionIn(given));
  const shipped = shippedPolicies();
  if (stored === undefined && !shipped.includes(given))
    throw invalid(
      `There is no policy '${given.slice(0, 80)}': write the version of a stored one, or a shipped policy; ${suggestion(given, shipped)}`,
    );
  const source = stored ?? findPolicy(given, '');
  const policy = await orProblem(() => policies.check(source));
  if (typeof policy === 'string') throw invalid(`Policy '${given}' cannot be used: ${policy}.`);
  await store.save(asVersion(policy, source, act));
  return referenceTo(policy);
}

const invalid = (message: string): GatewayError =>
  new GatewayError('caller_invalid', message, { param: 'policy' });
