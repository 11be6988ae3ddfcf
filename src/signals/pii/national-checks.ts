/** What the checks of national numbers have in common. */
import { unitAt } from '../../lib/text-units.ts';

/** A form, what must be true of what it found (marks removed), and the words without which it could be another number. */
export interface Rule {
  readonly form: RegExp;
  readonly isRight: (id: string) => boolean;
  /** Wanted before it, unless the number is written in its own groups. */
  readonly words?: RegExp;
  readonly grouped?: RegExp;
  /** Nothing checks it: the words stand right before it, with no more than "number is" between. */
  readonly isUnchecked?: true;
}

export const digitAt = (id: string, at: number): number => unitAt(id, at) - 48;

/** The sum of the first digits, each by its weight. */
export const weighted = (id: string, weights: readonly number[]): number =>
  weights.reduce((sum, weight, at) => sum + weight * digitAt(id, at), 0);

export const sameDigit = (id: string): boolean => /^(\d)\1+$/.test(id);

/** A month and a day that there are. */
export const hasDate = (month: string, day: string): boolean =>
  Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= 31;

/** ISO/IEC 7812-1, annex B; not of one digit throughout. */
export function isLuhn(id: string): boolean {
  let sum = 0;
  for (let at = 0; at < id.length; at++) {
    const digit = digitAt(id, id.length - 1 - at) * (at % 2 === 0 ? 1 : 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0 && !sameDigit(id);
}
