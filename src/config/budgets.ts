/** `budgets:` of the configuration: its shape and its checks. */
import { z } from 'zod';
import { budgetSettings } from '../core/budget-settings.ts';
import { isObject } from '../lib/json.ts';
import type { Problem } from '../lib/problems.ts';
import { suggestion } from '../lib/suggest.ts';
import type { YamlSource } from '../lib/yaml-source.ts';
import { valueAt } from '../lib/zod-problems.ts';
import { knownNames, type KnownKey } from './known-keys.ts';

export const budgetsSchema = z.array(budgetSettings).default([]);

/** Teams and keys that nobody has, neither here nor in the store. */
export function budgetProblems(
  yaml: YamlSource,
  storedKeys: () => readonly KnownKey[] | undefined,
): readonly Problem[] {
  const budgets = valueAt(yaml.value, ['budgets']);
  if (!Array.isArray(budgets) || !budgets.some(namesAScope)) return [];
  const names = knownNames(yaml, storedKeys);
  if (names === undefined) return [];
  return budgets.flatMap((each: unknown, index) => {
    const whose: unknown = isObject(each) ? each['scope'] : undefined;
    if (!isObject(whose)) return [];
    return (['key', 'team'] as const).flatMap((kind) => {
      const wanted = whose[kind];
      if (typeof wanted !== 'string' || names[kind].includes(wanted)) return [];
      const place = ['budgets', index, 'scope', kind];
      const has =
        kind === 'key' ? `no key is called \`${wanted}\`` : `no key is of the team \`${wanted}\``;
      return [yaml.problem(place, `${has}; ${suggestion(wanted, names[kind])}`)];
    });
  });
}

const namesAScope = (budget: unknown): boolean => isObject(budget) && isObject(budget['scope']);
