/** The packages that are built into `dist/`: their versions and licences. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}

interface Found extends BundledPackage {
  readonly folder: string;
}

/** `…/node_modules/@scope/name/lib/x.js` → the folder of that package; undefined for our own modules. */
export function packageFolder(id: string): string | undefined {
  const path = id.replaceAll('\\', '/');
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
}

/** @param ids - paths of modules. Sorted by name; each package once. */
export function bundledPackages(ids: readonly string[]): readonly Found[] {
  const folders = new Set(ids.flatMap((id) => packageFolder(id) ?? []));
  return [...folders].map(described).toSorted((one, other) => one.name.localeCompare(other.name));
}

function described(folder: string): Found {
  const { name, version, license }: { name: string; version: string; license?: string } =
    JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (license === undefined)
    throw new Error(`${name}@${version} names no licence: it cannot be shipped.`);
  return { name, version, licence: license, folder };
}

/** What each of them asks for in return: its name, its licence and the text of it. */
export function licenceTexts(packages: readonly Found[]): string {
  const parts = packages.map(({ name, version, licence, folder }) => {
    const files = readdirSync(folder).filter((file) =>
      /^(?:licen[cs]e|notice|copying)/i.test(file),
    );
    const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
    return [`${name} ${version} (${licence})`, ...texts].join('\n\n');
  });
  return `The following packages are built into this one.\n\n${parts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}
