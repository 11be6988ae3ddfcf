/** Finds conditions that can never hold because no budget is configured. */
import type { Condition, Policy, Situation } from '../core/policy.ts';

/**
 * A one-line notice that names every constraint and rule that can never hold because no budget is
 * configured; undefined if there is none. A condition that can hold for another reason is not named.
 */
export function neverWithoutBudget({ name, constraints, rules }: Policy): string | undefined {
  const never = [...constraints, ...rules].filter(({ when }) => needsBudget(when));
  if (never.length === 0) return undefined;
  const names = never.map((each) => `\`${each.name}\``).join(', ');
  return `policy ${name}: ${names} can never hold: no budget is configured`;
}

/** Whether it is false for every situation, and only because nothing is spent. */
function needsBudget(when: Condition): boolean {
  const budget = { spentShare: 0 };
  return isFalse(when, unknownExcept({ budget })) && !isFalse(when, unknownExcept({}));
}

/** CEL's `&&` and `||` ignore an operand that throws if the other one determines the result. */
function isFalse(when: Condition, situation: Situation): boolean {
  try {
    return !when.holds(situation);
  } catch {
    return false;
  }
}

/** A situation in which only these members of the snapshot are readable: every other read throws. */
function unknownExcept(known: Partial<Situation['snapshot']>): Situation {
  const snapshot = throwingProxy<Situation['snapshot']>(known);
  return throwingProxy<Situation>({ snapshot });
}

function throwingProxy<T extends object>(known: Partial<T>): T {
  const get = (target: Partial<T>, key: PropertyKey): unknown => {
    if (Object.hasOwn(target, key)) return Reflect.get(target, key);
    throw new TypeError('unknown before a request');
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the members that it lacks throw
  return new Proxy(known, { get }) as T;
}
