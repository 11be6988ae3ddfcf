import { defineCommand } from 'citty';
import { expect, test } from 'vitest';
import { checkArguments, chooseCommand } from './check-arguments.ts';

const paint = defineCommand({
  args: {
    colour: { type: 'string', description: 'A colour' },
    dryRun: { type: 'boolean' },
    wall: { type: 'positional', required: false },
  },
});
const ask = defineCommand({
  args: {
    prompt: { type: 'positional', description: 'What is asked' },
    json: { type: 'boolean' },
    model: { type: 'string', required: true, description: 'Who is asked' },
  },
});
const house = defineCommand({ subCommands: { paint: () => Promise.resolve(paint) } });
const root = defineCommand({ subCommands: { house, ask, paint } });

const given = async (...words: readonly string[]): Promise<readonly string[]> => {
  const chosen = await chooseCommand(root, words, 'paint');
  await checkArguments(chosen);
  return chosen.path;
};

test.each([
  [
    ['house', 'paint', 'north', '--colour', 'red', '--dryRun'],
    ['house', 'paint'],
  ],
  [['paint', '--colour=red', '--dry-run', 'north'], ['paint']],
  [['paint', '--colour', '-0.5', '--no-dry-run'], ['paint']],
  [['paint', '--colour', '-'], ['paint']],
  [['--colour', 'red'], ['paint']],
  [[], ['paint']],
  [['ask', '--model=m', '--', '--why?'], ['ask']],
  [['ask', 'why', 'is', 'it', '--model=m', 'so?'], ['ask']],
])('%j is accepted', async (words, path) => {
  expect(await given(...words)).toEqual(path);
});

test.each([
  [['hose'], 'has no command "hose" (did you mean `house`?)'],
  [['house', 'pain'], '`smallfirst house` has no command "pain" (did you mean `paint`?)'],
  [['house'], '`smallfirst house` needs a command'],
  [['paint', '--color', 'red'], 'has no option --color (did you mean `--colour`?)'],
  [['paint', '--dry-rum'], 'did you mean `--dry-run`?'],
  [['paint', '-c'], 'has no option -c (possible: `--colour`, `--dry-run`, `--help`)'],
  [['paint', '--wall', 'north'], 'has no option --wall'],
  [['paint', '--colour'], '--colour needs a value: A colour'],
  [['paint', '--colour', '--dry-run'], '--colour needs a value'],
  [['paint', 'north', 'south'], 'takes only WALL: "south" is not expected'],
  [['paint', 'north', 'colour'], 'Options begin with two dashes: --colour.'],
  [
    ['ask', '--model', 'm', '--json'],
    '`smallfirst ask` needs PROMPT: What is asked. See `smallfirst ask --help`.',
  ],
  [
    ['ask', 'why', '--json'],
    '`smallfirst ask` needs --model: Who is asked. See `smallfirst ask --help`.',
  ],
  [['toString'], 'has no command "toString"'],
])('%j is refused', async (words, message) => {
  await expect(given(...words)).rejects.toThrow(message);
});
