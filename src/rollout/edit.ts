/** Editing policies in the dashboard: checked as they are typed, and saved as versions that are not active yet. */
import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff';
import { GatewayError } from '../core/errors.ts';
import type { Act, PolicyEdit, PolicyStore, PolicyVersion } from '../core/policy-store.ts';
import type { Policy } from '../core/policy.ts';
import { ProblemsError, type Problem } from '../lib/problems.ts';
import { withShippedBase, type PolicySource } from '../policy/shipped.ts';
import type { ActivePolicies } from './active-policy.ts';

/** What stands where others have a file's name. */
const EDITOR = 'editor';

export interface EditParts {
  readonly store: PolicyStore;
  readonly policies: ActivePolicies;
  readonly epochMs: () => number;
}

export function policyEdit({ store, policies, epochMs }: EditParts): PolicyEdit {
  let checking = 0;
  const named = async (text: string): Promise<Named> => {
    if (checking >= MOST_CHECKS) throw busy();
    checking += 1;
    try {
      return await policies.check(withShippedBase({ file: EDITOR, text }));
    } finally {
      checking -= 1;
    }
  };
  const required = async (text: string): Promise<Named> => {
    try {
      return await named(text);
    } catch (error) {
      const [problem] = error instanceof ProblemsError ? error.problems : [];
      throw problem === undefined ? error : unusable(problem);
    }
  };
  return {
    get: (version) => store.get(version),
    check: async (text) => {
      try {
        await named(text);
        return [];
      } catch (error) {
        if (error instanceof ProblemsError) return error.problems;
        throw error;
      }
    },
    require: async (text) => void (await required(text)),
    save: async (written, { who, note, base }) => {
      const { name, version } = await required(written);
      const { text } = withShippedBase({ file: EDITOR, text: written });
      const [newest] = base === undefined ? [] : await store.list();
      if (newest !== undefined && newest.version !== base && newest.version !== version)
        throw outdated(newest, text);
      const act: Act = { who, note, atMs: epochMs() };
      const saved: PolicyVersion = {
        version,
        name,
        text,
        file: EDITOR,
        author: act.who,
        atMs: act.atMs,
        note: act.note,
      };
      await store.save(saved);
      return (await store.get(version)) ?? saved;
    },
    audit: () => store.audit(),
  };
}

type Named = Pick<Policy, 'name' | 'version'>;

/** Of which each may take a second of a core, one after the other. */
const MOST_CHECKS = 16;

const busy = (): GatewayError =>
  new GatewayError(
    'gateway_overloaded',
    'Too many policies are being checked on this gateway; ask again in a moment.',
  );

/** Lines that may differ: to find more takes time by the square of their number. */
const MOST_EDITS = 2000;

const outdated = (newest: PolicyVersion, text: string): GatewayError => {
  const { text: before, ...newer } = newest;
  const [from, to] = [newest.version, 'this text'];
  const patch = structuredPatch(from, to, before, text, undefined, undefined, {
    maxEditLength: MOST_EDITS,
  });
  const diff =
    patch === undefined
      ? `--- ${from}\n+++ ${to}\nMore than ${MOST_EDITS} lines differ.\n`
      : formatPatch(patch, FILE_HEADERS_ONLY);
  return new GatewayError(
    'caller_outdated',
    `${newest.author} saved ${newest.name}@${newest.version} after this text was begun. Take over what is new in it, and save with {"base": "${newest.version}"}.`,
    { param: 'base', more: { newer, diff } },
  );
};

const unusable = ({ line, column, message }: Problem): GatewayError =>
  new GatewayError('caller_invalid', `The policy cannot be used: ${line}:${column}  ${message}`, {
    param: 'text',
  });

/** @throws GatewayError `caller_invalid` for a stored version that the present configuration cannot use */
export async function requireUsable(policies: ActivePolicies, source: PolicySource): Promise<void> {
  try {
    await policies.check(source);
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    const message = `This version cannot be used with the current configuration: ${error.message}`;
    throw new GatewayError('caller_invalid', message, { cause: error });
  }
}
