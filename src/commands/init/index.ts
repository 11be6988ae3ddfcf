/** `init`: writes a first `smallfirst.yaml`, or copies an example. Overwrites nothing. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir, totalmem } from 'node:os';
import { dirname, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { defineCommand } from 'citty';
import { likelyFirstModel } from '../../models/first-model.ts';
import { modelStore, storeSettings } from '../../models/store.ts';
import { detectLocalServer } from '../../upstreams/detect.ts';
import { exitOnError } from '../exit-on-error.ts';
import { answersFrom, usual, type Ask } from './answers.ts';
import { configText } from './config-text.ts';
import { copyTemplate } from './template.ts';

const FILE = 'smallfirst.yaml';
/** Milliseconds; nothing here waits for an absent server. */
const FIND_MS = 2000;

export const initCommand = defineCommand({
  meta: {
    name: 'init',
    description: 'Writes a first smallfirst.yaml, or copies an example; overwrites nothing',
  },
  args: {
    example: {
      type: 'positional',
      required: false,
      description: 'support-bot: a support bot to copy, in TypeScript and Python',
    },
    yes: { type: 'boolean', description: 'Ask nothing: what is found here, and what is usual' },
    dir: { type: 'string', description: 'The folder (default: this one, or one of the example)' },
  },
  run: ({ args: { example, yes, dir } }) =>
    exitOnError(async () => {
      if (example !== undefined) return copied(example, resolve(dir ?? example));
      await written(resolve(dir ?? '.'), yes === true || !process.stdin.isTTY);
    }),
});

function copied(example: string, folder: string): void {
  copyTemplate(example, folder);
  const here = relative(process.cwd(), folder) || '.';
  process.stdout.write(
    `${here} has the example, with keys of its own in .env. Next:\n\n  cd ${here}\n  set -a; . ./.env; set +a\n  smallfirst serve\n\nREADME.md there goes on.\n`,
  );
}

async function written(folder: string, asksNothing: boolean): Promise<void> {
  const file = resolve(folder, FILE);
  if (existsSync(file))
    throw new Error(
      `${file} exists already, and init overwrites nothing. \`smallfirst check\` says whether it is right.`,
    );
  const server = await detectLocalServer({ abort: AbortSignal.timeout(FIND_MS) });
  const store = modelStore(storeSettings(process.env, homedir()));
  const model = await likelyFirstModel(store, totalmem());
  const found = { server, model, env: process.env };
  const answers = asksNothing
    ? await answersFrom(usual, found)
    : await asking((ask) => answersFrom(ask, found));
  // `wx`: a file that came into being meanwhile stays.
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, configText(answers), { flag: 'wx' });
  const there = relative(process.cwd(), folder);
  process.stdout.write(
    `${relative(process.cwd(), file)} is written. Next${there === '' ? '' : `, in ${there}`}: smallfirst check, then smallfirst serve\n`,
  );
}

async function asking<T>(run: (ask: Ask) => Promise<T>): Promise<T> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await run(async (question, answer) => {
      const given = await lines.question(`${question}${answer === '' ? '' : ` [${answer}]`} `);
      return given.trim() === '' ? answer : given.trim();
    });
  } finally {
    lines.close();
  }
}
