/** Runs the command line: help, version, the command; a mistake is one line on standard error. */
import { stripVTControlCharacters } from 'node:util';
import { renderUsage, runCommand, type CommandDef } from 'citty';
import { checkArguments, chooseCommand } from './check-arguments.ts';
import { exitOnError } from './exit-on-error.ts';

interface Main {
  readonly version: string;
  /** Run where no command is named. */
  readonly defaultCommand: string;
}

const VERSION = new Set(['version', '--version', '-v', '-V']);
const isHelp = (word: string): boolean => word === '--help' || word === '-h';

/** Sets the exit code to 1 after a mistake. */
export async function runMain(
  root: CommandDef,
  args: readonly string[],
  main: Main,
): Promise<void> {
  process.stdout.on('error', endWithReader);
  // A closed terminal makes writes to standard error fail, which must not end a gateway.
  process.stderr.on('error', () => {});
  await exitOnError(async () => {
    const [first = '', ...rest] = args;
    if (VERSION.has(first) && rest.length === 0)
      return void process.stdout.write(`${main.version}\n`);
    const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
    if (first === 'help') return await showUsage(root, rest);
    if (own.some(isHelp))
      return await showUsage(
        root,
        own.filter((word) => !isHelp(word)),
      );
    const chosen = await chooseCommand(root, args, main.defaultCommand);
    await checkArguments(chosen);
    await runCommand(chosen.command, { rawArgs: [...chosen.rest] });
  });
}

async function showUsage(root: CommandDef, words: readonly string[]): Promise<void> {
  const { command, path } = await chooseCommand(root, words);
  const usage = await usageOf(command, path);
  process.stdout.write(`${hasColours() ? usage : stripVTControlCharacters(usage)}\n\n`);
}

/** @param path the words that lead to the command: all stand in the line of usage, so that it can be typed */
export async function usageOf(command: CommandDef, path: readonly string[]): Promise<string> {
  const name = ['smallfirst', ...path.slice(0, -1)].join(' ');
  return await renderUsage(command, path.length === 0 ? undefined : { meta: { name } });
}

/** https://no-color.org: set to anything, it turns colours off. */
const hasColours = (): boolean => process.stdout.isTTY && !process.env['NO_COLOR'];

/** `smallfirst … | head`: what has no reader any more needs no writer, and is no failure. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`smallfirst: standard output cannot be written (${error.message})\n`);
  process.exit(1);
}
