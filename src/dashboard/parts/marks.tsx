/** Words with a mark of their own: nothing is told by colour alone. */
import { t } from '../i18n/index.ts';

type Outcome = 'answered' | 'failed' | 'refused' | 'aborted';

const OUTCOME_MARKS = {
  answered: '✓',
  second: '↷',
  failed: '✕',
  refused: '⊘',
  aborted: '◼',
} as const;

interface OutcomeProps {
  readonly outcome: Outcome;
  /** The target that answered was not the policy's first choice. */
  readonly isDegraded: boolean;
}

/** Answered, second choice, refused, failed or hung up. */
export function OutcomeMark({ outcome, isDegraded }: OutcomeProps) {
  const kind = outcome === 'answered' && isDegraded ? 'second' : outcome;
  return (
    <span class={`mark mark-${kind}`}>
      <span aria-hidden="true">{OUTCOME_MARKS[kind]}</span> {t.value.outcomes[kind]}
    </span>
  );
}

const TIER_MARKS: Readonly<Record<string, string>> = { small: '○', large: '●', pinned: '◇' };

/** The tier that answered; what no tier names is shown as it is. */
export function TierMark({ tier }: { readonly tier: string | null | undefined }) {
  if (tier === null || tier === undefined || tier === 'none') return <span class="quiet">–</span>;
  const names: Readonly<Record<string, string>> = t.value.tiers;
  return (
    <span class={`tier tier-${tier}`}>
      <span aria-hidden="true">{TIER_MARKS[tier] ?? '◇'}</span> {names[tier] ?? tier}
    </span>
  );
}

const LONGEST_NAME = 120;

/** A name that a caller or a server chose: it stays text, in its own direction, and is cut. */
export function Name({ children }: { readonly children: string }) {
  const shown = children.length > LONGEST_NAME ? `${children.slice(0, LONGEST_NAME)}…` : children;
  return <bdi class="name">{shown}</bdi>;
}
