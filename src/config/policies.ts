/** Policies that the configuration names: the gateway's, and those that keys have of their own. */
import { isPolicyPath } from '../core/policy-path.ts';
import { isObject } from '../lib/json.ts';
import type { Problem } from '../lib/problems.ts';
import { suggestion } from '../lib/suggest.ts';
import type { Path, YamlSource } from '../lib/yaml-source.ts';
import { valueAt } from '../lib/zod-problems.ts';

/** @param known the names of shipped policies; undefined: not checked */
export function policyProblems(
  yaml: YamlSource,
  known: readonly string[] | undefined,
): readonly Problem[] {
  if (known === undefined) return [];
  return references(yaml).flatMap((path) => {
    const name = valueAt(yaml.value, path);
    if (typeof name !== 'string' || isPolicyPath(name) || known.includes(name)) return [];
    const message = `no shipped policy is called \`${name}\`, and it is not a path such as ./my-policy.yaml; ${suggestion(name, known)}`;
    return [yaml.problem(path, message)];
  });
}

function references(yaml: YamlSource): readonly Path[] {
  const keys = valueAt(yaml.value, ['auth', 'keys']);
  const ofKeys = (Array.isArray(keys) ? keys : []).flatMap((key: unknown, at) =>
    isObject(key) && key['policy'] !== undefined ? [['auth', 'keys', at, 'policy']] : [],
  );
  return [['policy'], ...ofKeys];
}
