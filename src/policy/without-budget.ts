/** Finds conditions that can never hold because no budget is configured. */
import { dirname } from 'node:path';
import type { Condition, Policy, Situation } from '../core/policy.ts';
import { isObject } from '../lib/json.ts';
import { parseYaml } from '../lib/yaml-source.ts';
import { valueAt } from '../lib/zod-problems.ts';
import { ownTextOf } from './extend.ts';
import { shippedFolder, type PolicySource } from './shipped.ts';

/**
 * A one-line notice that names every constraint and rule of somebody's own text that can never hold because no budget is configured;
 * undefined if there is none. Policies that ship have such conditions for those who have budgets: nothing is said of them. A condition that
 * can hold for another reason is not named.
 */
export function neverWithoutBudget(
  { name, constraints, rules }: Policy,
  source: PolicySource,
): string | undefined {
  const own = namesIn(source);
  const never = [...constraints, ...rules].filter(
    (each) => own.has(each.name) && needsBudget(each.when),
  );
  if (never.length === 0) return undefined;
  const names = never.map((each) => `\`${each.name}\``).join(', ');
  return `policy ${name}: ${names} can never hold: no budget is configured`;
}

/** Of constraints and rules that the text itself has; what it extends is another's. */
function namesIn({ text, file }: PolicySource): ReadonlySet<string> {
  if (dirname(file) === shippedFolder()) return new Set();
  const { value } = parseYaml(ownTextOf(text), file);
  const lists = ['constraints', 'rules'].flatMap((list) => valueAt(value, [list]));
  return new Set(
    lists.flatMap((each) =>
      isObject(each) && typeof each['name'] === 'string' ? [each['name']] : [],
    ),
  );
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
