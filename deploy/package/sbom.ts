/**
 * Standard input: what `npm sbom --package-lock-only --sbom-format=cyclonedx` says of everything in the lock file. Standard output: the same of
 * what is built into `dist/` (`dist/bundled.json`), without what only builds and tests it.
 */
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { BundledPackage } from './bundled.ts';

interface Bill {
  readonly components: readonly {
    readonly name: string;
    readonly group?: string;
    readonly version: string;
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const bundled: readonly BundledPackage[] = JSON.parse(readFileSync('dist/bundled.json', 'utf8'));
const wanted = new Set(bundled.map(({ name, version }) => `${name}@${version}`));
const all: Bill = JSON.parse(await text(process.stdin));
const components = all.components.filter(({ name, version }) => wanted.has(`${name}@${version}`));
if (components.length !== wanted.size)
  throw new Error(
    `npm knows ${components.length} of the ${wanted.size} packages in dist/bundled.json: build anew.`,
  );
const refs = new Set(components.map(({ name, version }) => `${name}@${version}`));
const dependencies = all.dependencies
  .filter(({ ref }) => refs.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => refs.has(one)) }));
process.stdout.write(`${JSON.stringify({ ...all, components, dependencies }, null, 2)}\n`);
