/** Limits that contradict each other, as written. */
import { isObject } from '../lib/json.ts';
import type { Problem } from '../lib/problems.ts';
import type { Path, YamlSource } from '../lib/yaml-source.ts';
import { valueAt } from '../lib/zod-problems.ts';

/** Of `limits.maxInFlight`. */
export const IN_FLIGHT = 1024;

/** The first is never above the second. */
const WITHIN: readonly (readonly [part: string, whole: string, why: string])[] = [
  ['maxBodyBytes', 'maxBufferedBytes', 'a larger body would never be taken'],
  ['drainAcceptMs', 'drainMs', 'nothing is refused after the end'],
];

export function limitProblems(yaml: YamlSource): readonly Problem[] {
  const numberAt = (path: Path): number | undefined => {
    const value = valueAt(yaml.value, path);
    return typeof value === 'number' ? value : undefined;
  };
  const contradictions = WITHIN.flatMap(([part, whole, why]) => {
    const most = numberAt(['limits', whole]);
    const given = numberAt(['limits', part]);
    if (most === undefined || given === undefined || given <= most) return [];
    const message = `must be at most \`limits.${whole}\`, ${most}: ${why}; lower it, or raise that`;
    return [yaml.problem(['limits', part], message)];
  });
  const places = numberAt(['limits', 'maxInFlight']) ?? IN_FLIGHT;
  const shares = (['keys', 'teams'] as const).flatMap((kind) => {
    const list = valueAt(yaml.value, ['auth', kind]);
    return (Array.isArray(list) ? list : []).flatMap((each: unknown, index) => {
      const limits = isObject(each) ? each['limits'] : undefined;
      const concurrent = isObject(limits) ? limits['concurrent'] : undefined;
      if (typeof concurrent !== 'number' || concurrent <= places) return [];
      const path = ['auth', kind, index, 'limits', 'concurrent'];
      const message = `must be at most \`limits.maxInFlight\`, ${places}, which all share; lower it, or raise that`;
      return [yaml.problem(path, message)];
    });
  });
  return [...contradictions, ...shares];
}
