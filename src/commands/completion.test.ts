import { execFileSync } from 'node:child_process';
import { defineCommand } from 'citty';
import { expect, test } from 'vitest';
import { completionScript, wordsOf } from './completion.ts';

const leaf = (args: Parameters<typeof defineCommand>[0]['args']) =>
  defineCommand(args ? { args } : {});
const root = defineCommand({
  subCommands: {
    serve: leaf({ config: { type: 'string' } }),
    policy: async () =>
      defineCommand({ subCommands: { list: leaf({ asJson: { type: 'boolean' } }) } }),
  },
});

test('words are those of the command tree, options with dashes', async () => {
  expect(Object.fromEntries(await wordsOf(root))).toEqual({
    '': ['serve', 'policy', '--help'],
    serve: ['--config', '--help'],
    policy: ['list', '--help'],
    'policy list': ['--as-json', '--help'],
  });
});

test.each([
  ['smallfirst p', 'policy'],
  ['smallfirst policy ', 'list --help'],
  ['smallfirst policy list --as', '--as-json'],
  ['smallfirst serve --c', '--config'],
])('bash completes "%s" with %s', async (line, wanted) => {
  const words = line.split(' ');
  const script = completionScript('bash', await wordsOf(root));
  const run = `${script}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _smallfirst; echo "\${COMPREPLY[*]}"`;
  expect(execFileSync('bash', ['-c', run], { encoding: 'utf8' }).trim()).toBe(wanted);
});

test.each(['zsh', 'fish'] as const)('%s has every command', async (shell) => {
  const script = completionScript(shell, await wordsOf(root));
  for (const word of ['serve', 'policy', 'list', 'config']) expect(script).toContain(word);
});
