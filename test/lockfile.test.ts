/** `npm ci` on a fresh machine: it refuses a lock file that lacks a package, other systems' optional ones included. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Lock {
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly optionalDependencies?: Readonly<Record<string, string>>;
        readonly integrity?: string;
        readonly link?: boolean;
        readonly inBundle?: boolean;
      }
    >
  >;
}

test.each(['.', 'test/clients', 'test/bench'])(
  'the lock file in %s holds every optional package that it names',
  (folder) => {
    const lock: Lock = JSON.parse(readFileSync(`${folder}/package-lock.json`, 'utf8'));
    const held = new Set(
      Object.keys(lock.packages).map((path) => path.split('node_modules/').at(-1)),
    );
    const named = Object.values(lock.packages).flatMap((each) =>
      Object.keys(each.optionalDependencies ?? {}),
    );
    expect(named.filter((name) => !held.has(name))).toEqual([]);
  },
);

test.each(['.', 'test/clients', 'test/bench'])(
  'the lock file in %s names no registry: everybody’s own is asked',
  (folder) => {
    expect(readFileSync(`${folder}/package-lock.json`, 'utf8')).not.toContain('"resolved": "http');
  },
);

test.each(['.', 'test/clients', 'test/bench'])(
  'the lock file in %s has the digest of every package: what is installed is what was looked at',
  (folder) => {
    const lock: Lock = JSON.parse(readFileSync(`${folder}/package-lock.json`, 'utf8'));
    const without = Object.entries(lock.packages)
      .filter(([path, { integrity, link, inBundle }]) => {
        const isOurs = path === '' || link === true || inBundle === true;
        return !isOurs && integrity?.startsWith('sha512-') !== true;
      })
      .map(([path]) => path);
    expect(without).toEqual([]);
  },
);
