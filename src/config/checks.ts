/** What a configuration means as a whole: checked on the values as written, so that every mistake comes out at once. */
import { isObject } from '../core/json.ts';
import type { Problem } from '../lib/problems.ts';
import type { Path, YamlSource } from '../lib/yaml-source.ts';
import { valueAt } from '../lib/zod-problems.ts';

export function meaningProblems(yaml: YamlSource, host: string): readonly Problem[] {
  return [
    ...sameNames(yaml, ['upstreams'], 'upstream'),
    ...sameNames(yaml, ['auth', 'keys'], 'key'),
    ...openToOthers(yaml, host),
  ];
}

function sameNames(yaml: YamlSource, path: Path, what: string): readonly Problem[] {
  const list = valueAt(yaml.value, path);
  if (!Array.isArray(list)) return [];
  const seen = new Set<string>();
  return list.flatMap((each: unknown, index) => {
    const name = isObject(each) ? each['name'] : undefined;
    if (typeof name !== 'string') return [];
    const isSecond = seen.has(name);
    seen.add(name);
    const message = `another ${what} has this name; names must differ`;
    return isSecond ? [yaml.problem([...path, index, 'name'], message)] : [];
  });
}

function openToOthers(yaml: YamlSource, host: string): readonly Problem[] {
  const mode = valueAt(yaml.value, ['auth', 'mode']) ?? 'open';
  if (mode !== 'open' || isLoopback(host)) return [];
  const place =
    mode === valueAt(yaml.value, ['auth', 'mode']) ? ['auth', 'mode'] : ['server', 'host'];
  return [
    yaml.problem(
      place,
      '`auth: { mode: open }` needs a host that only this machine reaches (127.0.0.1, ::1, localhost); ' +
        'for any other host write `auth: { mode: keys, keys: [{ name: …, key: ${…} }] }`',
    ),
  ];
}

function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return bare === 'localhost' || bare === '::1' || /^127(\.\d{1,3}){3}$/.test(bare);
}
