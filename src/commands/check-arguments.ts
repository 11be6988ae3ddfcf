/** Refuses what a command does not know, with a suggestion: an option that is ignored is worse than an error. */
import type { ArgsDef, CommandDef } from 'citty';
import { suggestion } from '../lib/suggest.ts';

/** A command and what was given to it, with the words that lead to it. */
export interface Chosen {
  readonly path: readonly string[];
  readonly command: CommandDef;
  readonly parent?: CommandDef;
  readonly rest: readonly string[];
}

/** A place that takes every word behind it, as one text: a question need not be quoted. */
const PROMPT = 'prompt';

/** Follows the words to the command that they name. @throws Error on a word that names none */
export async function chooseCommand(
  root: CommandDef,
  words: readonly string[],
  defaultCommand?: string,
): Promise<Chosen> {
  let chosen: Chosen = { path: [], command: root, rest: words };
  for (;;) {
    const { command, path, rest } = chosen;
    const commands = await resolved(command.subCommands);
    if (commands === undefined) return chosen;
    const isNamed = rest[0] !== undefined && !rest[0].startsWith('-');
    const name = isNamed ? rest[0] : path.length === 0 ? defaultCommand : undefined;
    if (name === undefined) return chosen;
    if (!Object.hasOwn(commands, name))
      throw new Error(unknownCommand(path, name, Object.keys(commands)));
    const next = await resolved(commands[name]);
    if (next === undefined) return chosen;
    chosen = {
      path: [...path, name],
      command: next,
      parent: command,
      rest: isNamed ? rest.slice(1) : rest,
    };
  }
}

/** @throws Error on an option that the command does not have, one without its value, a stray word, and what is missing */
export async function checkArguments({ path, command, rest }: Chosen): Promise<void> {
  const known: ArgsDef = (await resolved(command.args)) ?? {};
  const name = ['smallfirst', ...path].join(' ');
  if ((await resolved(command.subCommands)) !== undefined) {
    throw new Error(`\`${name}\` needs a command: \`${name} --help\` lists them.`);
  }
  const words: string[] = [];
  const options = new Set<string>();
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at]!;
    if (word === '--') {
      words.push(...rest.slice(at + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') words.push(word);
    else {
      options.add(kebab(word.replace(/^--?|=.*/gs, '')));
      if (checkOption(known, { word, next: rest[at + 1], name })) at += 1;
    }
  }
  const places = Object.keys(known).filter((key) => known[key]?.type === 'positional');
  if (words.length > places.length && places.at(-1) !== PROMPT)
    throw new Error(strayWord(words, { places, name, known }));
  requireAll(known, { words: words.length, options, name });
}

interface Given {
  /** How many. */
  readonly words: number;
  readonly options: ReadonlySet<string>;
  readonly name: string;
}

/** A place must be filled unless it says otherwise, an option only where it says so. */
function requireAll(known: ArgsDef, { words, options, name }: Given): void {
  let place = 0;
  for (const [key, { type, required, default: usual, description = '' }] of Object.entries(known)) {
    const isPlace = type === 'positional';
    const isGiven = isPlace ? place++ < words : options.has(kebab(key));
    if (isGiven || usual !== undefined || !(required ?? isPlace)) continue;
    const shown = isPlace ? key.toUpperCase() : `--${kebab(key)}`;
    throw new Error(`\`${name}\` needs ${shown}: ${description}. See \`${name} --help\`.`);
  }
}

interface Written {
  readonly word: string;
  readonly next: string | undefined;
  readonly name: string;
}

/** Whether the option takes the next word as its value. */
function checkOption(known: ArgsDef, { word, next, name }: Written): boolean {
  const [given = '', value] = word.split(/=(.*)/s);
  const option = kebab(given.replace(/^--?/, ''));
  const own = Object.entries(known).filter(([, { type }]) => type !== 'positional');
  const find = (wanted: string) => own.find(([key]) => kebab(key) === wanted)?.[1];
  const found = given.startsWith('--') ? find(option) : undefined;
  if (found === undefined && isNegated(option, find)) return false;
  if (found === undefined)
    throw new Error(
      `\`${name}\` has no option ${given} (${nearOf(given, own)}). See \`${name} --help\`.`,
    );
  if (found.type === 'boolean' || value !== undefined) return false;
  if (next !== undefined && !isOptionOf(next, find)) return true;
  throw new Error(`${given} needs a value: ${found.description ?? ''}. See \`${name} --help\`.`);
}

type Find = (name: string) => { readonly type?: string; readonly description?: string } | undefined;

const isOptionOf = (word: string, find: Find): boolean =>
  word.startsWith('--') && find(kebab(word.slice(2))) !== undefined;

const nearOf = (given: string, own: readonly (readonly [string, unknown])[]): string =>
  suggestion(given, [...own.map(([key]) => `--${kebab(key)}`), '--help']);

const isNegated = (option: string, find: Find): boolean =>
  option.startsWith('no-') && find(option.slice(3))?.type === 'boolean';

interface Expected {
  readonly places: readonly string[];
  readonly name: string;
  readonly known: ArgsDef;
}

function strayWord(words: readonly string[], { places, name, known }: Expected): string {
  const stray = words[places.length] ?? '';
  const near = Object.hasOwn(known, kebab(stray))
    ? ` Options begin with two dashes: --${kebab(stray)}.`
    : '';
  const takes =
    places.length === 0
      ? 'takes no words'
      : `takes only ${places.map((place) => place.toUpperCase()).join(' and ')}`;
  return `\`${name}\` ${takes}: "${stray}" is not expected.${near} See \`${name} --help\`.`;
}

function unknownCommand(path: readonly string[], word: string, names: readonly string[]): string {
  const name = ['smallfirst', ...path].join(' ');
  return `\`${name}\` has no command "${word}" (${suggestion(word, names)}). See \`${name} --help\`.`;
}

const kebab = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase();

/** citty lets most members be a value, a promise, or a function of either. */
async function resolved<T>(
  value: T | Promise<T> | (() => T) | (() => Promise<T>) | undefined,
): Promise<T | undefined> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the members that are resolved hold no functions
  return typeof value === 'function' ? await (value as () => T | Promise<T>)() : await value;
}
