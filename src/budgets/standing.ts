/** How a caller stands: by the budget that is used up most. */
import type { Budget, BudgetState } from '../core/budget.ts';
import type { Book } from './book.ts';
import { inZone } from '../lib/calendar.ts';

/** The budget with the largest share committed; the first where several are equal. */
export function tightest(own: readonly Budget[], atMs: number, book: Book): BudgetState {
  const states = own.map((budget) => book.state(budget, atMs));
  return states.reduce((most, state) => (shareOf(state) > shareOf(most) ? state : most));
}

const shareOf = ({ budget, spentNanoUsd, reservedNanoUsd }: BudgetState): number =>
  (spentNanoUsd + reservedNanoUsd) / budget.limitNanoUsd;

/** `bot;left=1.204;reset=2026-12-01T00:00:00+01:00`; a budget that never begins again has no reset. */
export function budgetHeader(state: BudgetState): string {
  const { budget, spentNanoUsd, reservedNanoUsd, endMs } = state;
  const left = Math.max(0, budget.limitNanoUsd - spentNanoUsd - reservedNanoUsd);
  const parts = [budget.name, `left=${usd(left)}`];
  if (Number.isFinite(endMs)) parts.push(`reset=${inZone(endMs, budget.zone)}`);
  return parts.join(';');
}

/** Exact, without zeros at its end: `1.204`. */
export function usd(nanoUsd: number): string {
  const digits = String(nanoUsd).padStart(10, '0');
  const fraction = digits.slice(-9).replace(/0+$/, '');
  return digits.slice(0, -9) + (fraction === '' ? '' : `.${fraction}`);
}
