/** Policies that are written in the page: checked as they are typed, and saved as versions that nobody uses yet. */
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
  return {
    get: (version) => store.get(version),
    check,
    save: async (written, { who, note }) => {
      const [problem] = check(written);
      if (problem !== undefined) throw unusable(problem);
      const { text } = withShippedBase({ file: EDITOR, text: written });
      const { name, version } = policies.read({ file: EDITOR, text });
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

const unusable = ({ line, column, message }: Problem): GatewayError =>
  new GatewayError('caller_invalid', `The policy cannot be used: ${line}:${column}  ${message}`, {
    param: 'text',
  });
