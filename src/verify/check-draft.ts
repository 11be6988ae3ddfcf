/** Checks one answer without a request around it: for golden cases. */
import type { CheckName, VerifyPolicy } from '../core/verify.ts';
import { allChecks } from './index.ts';
import type { LanguageOf } from './language.ts';
import { schemas } from './schemas.ts';

export interface GivenDraft {
  readonly task: string;
  readonly text: string;
  readonly stopped: 'stop' | 'length';
  /** What confidence says of it; it abstains if not given. */
  readonly wrong?: number;
}

/** The first check that the answer fails. */
export function draftChecker(languageOf: LanguageOf) {
  const checks = allChecks(languageOf, schemas());
  return (
    { task, text, stopped, wrong }: GivenDraft,
    { checks: names, wrongAbove }: Pick<VerifyPolicy, 'checks' | 'wrongAbove'>,
  ): CheckName | undefined => {
    const asked = {
      json: 'no',
      tools: [],
      system: () => '',
      maxTokens: 0,
      stakes: undefined,
    } as const;
    const draft = { text, calls: [], finishReason: stopped };
    const failed = checks.find(
      ({ name, find }) =>
        names.includes(name) && find(draft, { ...asked, task, given: () => task }) !== undefined,
    );
    const isDoubtful = wrong !== undefined && wrong >= wrongAbove && names.includes('confidence');
    return failed?.name ?? (isDoubtful ? 'confidence' : undefined);
  };
}
