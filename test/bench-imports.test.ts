/** Benchmarks are not type-checked (their packages are installed apart), so a name that has moved would be noticed by whoever runs one. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { expect, test } from 'vitest';

const IMPORT = /^import \{([^}]*)\} from '(\.[^']+\.ts)'/gm;
const DECLARED = /^export (?:async )?(?:function\*?|const|class) (\w+)/gm;
const LISTED = /^export \{([^}]*)\}/gm;

/** Without what is only a type: that is gone when a benchmark runs. */
const namesIn = (list: string): readonly string[] =>
  list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '));

function exportsOf(file: string): ReadonlySet<string> {
  const text = readFileSync(file, 'utf8');
  const declared = [...text.matchAll(DECLARED)].map(([, name = '']) => name);
  const listed = [...text.matchAll(LISTED)].flatMap(([, list = '']) => namesIn(list));
  return new Set([...declared, ...listed.map((name) => name.replace(/^.* as /, ''))]);
}

test.each(globSync('test/bench/*.ts'))('%s imports what there is', (file) => {
  for (const [, list = '', path = ''] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
    const there = exportsOf(resolve(dirname(file), path));
    for (const name of namesIn(list))
      expect(there, `${name.replace(/ as .*$/, '')} of ${path}`).toContain(
        name.replace(/ as .*$/, ''),
      );
  }
});
