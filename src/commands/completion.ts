/** `completion`: a script for the shell that completes commands and options, made from the command tree. */
import { defineCommand, type CommandDef } from 'citty';
import { exitOnError } from './exit-on-error.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** `root` is given later, because it holds this command. */
export const completionCommand = (root: () => CommandDef) =>
  defineCommand({
    meta: {
      name: 'completion',
      description: 'Prints a script that completes commands and options: bash, zsh or fish',
    },
    args: {
      shell: { type: 'positional', required: true, description: 'bash, zsh or fish' },
    },
    run: ({ args }) =>
      exitOnError(async () => {
        const shell = SHELLS.find((one) => one === args.shell);
        if (shell === undefined)
          throw new Error(
            `\`smallfirst completion\` knows ${SHELLS.join(', ')}, not '${args.shell}'. See \`smallfirst completion --help\`.`,
          );
        process.stdout.write(completionScript(shell, await wordsOf(root())));
      }),
  });

/** What may follow: by the words so far (`''` at first, `policy`, `policy list`). */
export type Words = ReadonlyMap<string, readonly string[]>;

export async function wordsOf(root: CommandDef): Promise<Words> {
  const words = new Map<string, readonly string[]>();
  await add(root, '', words);
  return words;
}

async function add(
  command: CommandDef,
  path: string,
  words: Map<string, readonly string[]>,
): Promise<void> {
  const commands = Object.entries((await resolved(command.subCommands)) ?? {});
  const options = Object.entries((await resolved(command.args)) ?? {})
    .filter(([, { type }]) => type !== 'positional')
    .map(([name]) => `--${name.replaceAll(/([a-z])([A-Z])/g, '$1-$2').toLowerCase()}`);
  words.set(path, [...commands.map(([name]) => name), ...options, '--help']);
  for (const [name, below] of commands) {
    const found = await resolved(below);
    if (found !== undefined) await add(found, path === '' ? name : `${path} ${name}`, words);
  }
}

/** citty lets members be values, promises, or functions of either. */
async function resolved<T>(value: T | Promise<T> | (() => T | Promise<T>)): Promise<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the members that are resolved hold no functions
  return typeof value === 'function' ? await (value as () => T | Promise<T>)() : await value;
}

export function completionScript(shell: Shell, words: Words): string {
  if (shell === 'fish') return fish(words);
  return shell === 'bash' ? bash(words) : zsh(words);
}

/** Names are letters, digits and dashes, so they need no quotes in any shell. */
const cases = (words: Words): string =>
  [...words].map(([path, next]) => `    '${path}') next='${next.join(' ')}' ;;`).join('\n');

const bash = (words: Words): string => `# eval "$(smallfirst completion bash)"
_smallfirst() {
  local path='' next='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  case "$path" in
${cases(words)}
  esac
  COMPREPLY=($(compgen -W "$next" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _smallfirst smallfirst
`;

const zsh = (words: Words): string => `# eval "$(smallfirst completion zsh)"
_smallfirst() {
  local path='' next='' word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  case "$path" in
${cases(words)}
  esac
  compadd -- \${=next} || _files
}
compdef _smallfirst smallfirst
`;

function fish(words: Words): string {
  const lines = [...words].flatMap(([path, next]) => {
    const after = path === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${path}`;
    return next.map((word) =>
      word.startsWith('--')
        ? `complete -c smallfirst -n '${after}' -l ${word.slice(2)}`
        : `complete -c smallfirst -n '${after}' -f -a ${word}`,
    );
  });
  return `# smallfirst completion fish | source\n${lines.join('\n')}\n`;
}
