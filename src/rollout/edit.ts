/** Editing policies in the dashboard: checked as they are typed, and saved as versions that are not active yet. */
import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff';
import { GatewayError } from '../core/errors.ts';
import type { Act, PolicyEdit, PolicyStore, PolicyVersion } from '../core/policy-store.ts';
import { ProblemsError, type Problem } from '../lib/problems.ts';
import { withShippedBase } from '../policy/shipped.ts';
import type { ActivePolicies } from './active-policy.ts';

/** What stands where others have a file's name. */
const EDITOR = 'editor';

export interface EditParts {
  readonly store: PolicyStore;
  readonly policies: ActivePolicies;
  readonly epochMs: () => number;
}

export function policyEdit({ store, policies, epochMs }: EditParts): PolicyEdit {
  const check = (text: string): readonly Problem[] => {
    try {
      policies.read(withShippedBase({ file: EDITOR, text }));
      return [];
    } catch (error) {
      if (error instanceof ProblemsError) return error.problems;
      throw error;
    }
  };
  const require = (text: string): void => {
    const [problem] = check(text);
    if (problem !== undefined) throw unusable(problem);
  };
  return {
    get: (version) => store.get(version),
    check,
    require,
    save: async (written, { who, note, base }) => {
      require(written);
      const { text } = withShippedBase({ file: EDITOR, text: written });
      const { name, version } = policies.read({ file: EDITOR, text });
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

const outdated = (newest: PolicyVersion, text: string): GatewayError => {
  const { text: before, ...newer } = newest;
  const patch = structuredPatch(newest.version, 'this text', before, text);
  return new GatewayError(
    'caller_outdated',
    `${newest.author} saved ${newest.name}@${newest.version} after this text was begun. Take over what is new in it, and save with {"base": "${newest.version}"}.`,
    { param: 'base', more: { newer, diff: formatPatch(patch, FILE_HEADERS_ONLY) } },
  );
};

const unusable = ({ line, column, message }: Problem): GatewayError =>
  new GatewayError('caller_invalid', `The policy cannot be used: ${line}:${column}  ${message}`, {
    param: 'text',
  });
