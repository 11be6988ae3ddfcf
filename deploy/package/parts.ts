/**
 * Which modules share a file: those that the same programs load. Left alone, the bundler parts them by every single command, and a start
 * would look for ninety files.
 */
import { join } from 'node:path';
import type { Plugin } from 'rolldown';

/** What a start of the gateway loads, below the sources. */
const START = ['commands/serve/serve', 'commands/serve/alone'];
/** What nearly every other command loads. */
const COMMANDS = ['commands/command-config'];
/** What is loaded before it is known which command it is. */
const FIRST = ['bin', 'main', 'commands/serve/index'];

type Imports = ReadonlyMap<string, readonly string[]>;

/** Notes what each module imports at once. */
export function noteImports(): { readonly imports: Imports; readonly plugin: Plugin } {
  const imports = new Map<string, readonly string[]>();
  const plugin: Plugin = {
    name: 'note-imports',
    moduleParsed: ({ id, importedIds }) => void imports.set(id, importedIds),
  };
  return { imports, plugin };
}

export interface Part {
  readonly name: string;
  readonly test: (id: string) => boolean;
  readonly priority: number;
}

/** @param threads - the entries that are started as threads, which load as little as they can */
export function partsOf(
  imports: Imports,
  sources: string,
  threads: readonly string[],
): readonly Part[] {
  const loadedBy = (entries: readonly string[]): ReadonlySet<string> =>
    closure(
      imports,
      entries.map((entry) => join(sources, `${entry}.ts`)),
    );
  const programs = [FIRST, COMMANDS, ...threads.map((thread) => [thread])].map(loadedBy);
  const members = new Map<string, Set<string>>();
  for (const id of loadedBy(START)) {
    const loaders = programs.map((program) => (program.has(id) ? '1' : '0')).join('');
    members.set(loaders, (members.get(loaders) ?? new Set()).add(id));
  }
  // What more programs load comes first: what a module imports is loaded by all that load the module.
  return [...members].map(([loaders, ids]) => ({
    name: 'gateway',
    test: (id) => ids.has(id),
    priority: loaders.replaceAll('0', '').length,
  }));
}

function closure(imports: Imports, entries: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = [...entries];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    waiting.push(...(imports.get(id) ?? []));
  }
  return found;
}
