/** `models list`, `show NAME`, `pull NAME`, `rm NAME`, `compare A B`: known models, local files, competence cards. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { defineCommand } from 'citty';
import { allCards, cardNamed } from '../offline.ts';
import { readCard } from '../competence/card.ts';
import type { CompetenceCard } from '../core/competence.ts';
import { suggestion } from '../lib/suggest.ts';
import { findDownload } from '../models/downloads.ts';
import { familyMembers } from '../models/family.ts';
import { listModels } from '../models/list.ts';
import { referenceModels } from '../models/reference.ts';
import { progressDisplay } from '../models/progress.ts';
import { modelStore, storeSettings, type ModelStore } from '../models/store.ts';
import { comparedCards } from './card-sheet.ts';
import { exitOnError } from './exit-on-error.ts';
import { modelSheet, modelsTable } from './models-table.ts';

const localStore = (): ModelStore => modelStore(storeSettings(process.env, homedir()));

const list = defineCommand({
  meta: { name: 'list', description: 'Known small models and how to get each' },
  args: { json: { type: 'boolean', description: 'As JSON' } },
  run: async ({ args }) => {
    const store = localStore();
    const entries = await listModels(store);
    const text = args.json
      ? JSON.stringify(entries, null, 2)
      : `${modelsTable(entries)}\n\nFiles are kept in ${store.folder}`;
    process.stdout.write(`${text}\n`);
  },
});

const show = defineCommand({
  meta: { name: 'show', description: 'All details of a model, with their sources' },
  args: {
    name: {
      type: 'positional',
      required: true,
      description: 'Its name here, on the hub or at a server; or that of its family',
    },
  },
  run: async ({ args }) => {
    const found = referenceModels()(args.name);
    const entries = await listModels(localStore());
    const entry = entries.find(({ name: own }) => own === found?.name);
    if (entry !== undefined) {
      process.stdout.write(`${modelSheet(entry)}\n`);
      return;
    }
    const family = familyMembers(args.name).map(({ name: own }) => own);
    if (family.length > 0) {
      process.stdout.write(`${modelsTable(entries.filter((one) => family.includes(one.name)))}\n`);
      return;
    }
    const names = entries.map(({ name: own }) => own);
    report(new Error(`No model "${args.name}" is known (${suggestion(args.name, names)}).`));
  },
});

const name = {
  type: 'positional',
  required: true,
  description: 'A name from `models list`',
} as const;

const pull = defineCommand({
  meta: { name: 'pull', description: 'Download a model; continues an interrupted download' },
  args: { name },
  run: async ({ args }) => {
    const store = localStore();
    const stop = new AbortController();
    const interrupt = (): void => stop.abort(new Error('interrupted'));
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    const display = progressDisplay(process.stderr);
    try {
      const { licence } = findDownload(args.name, store.models);
      const file = await store.ensure(args.name, {
        onProgress: (progress) => display.update(progress),
        abort: stop.signal,
      });
      display.stop();
      process.stdout.write(`${args.name} (${licence}) is in ${file}\n`);
    } catch (error) {
      display.stop();
      report(error, stop.signal);
    } finally {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    }
  },
});

const rm = defineCommand({
  meta: { name: 'rm', description: 'Remove a model file, or an incomplete download' },
  args: { name },
  run: async ({ args }) => {
    const removed = await localStore()
      .remove(args.name)
      .catch((error: unknown) => report(error));
    if (removed === undefined) return;
    process.stdout.write(
      removed ? `removed ${args.name}\n` : `there was no file of ${args.name}\n`,
    );
  },
});

const compare = defineCommand({
  meta: { name: 'compare', description: 'Two competence cards side by side' },
  args: {
    a: { type: 'positional', required: true, description: 'The file of a card, or a model’s name' },
    b: { type: 'positional', required: true, description: 'Another' },
  },
  run: ({ args }) =>
    exitOnError(async () => {
      const [a, b] = await Promise.all([cardIn(args.a), cardIn(args.b)]);
      process.stdout.write(`${comparedCards(a, b)}\n`);
    }),
});

/** What is no file may be a model that was measured here, or by the maintainers. */
async function cardIn(given: string): Promise<CompetenceCard> {
  if (!existsSync(given)) return cardOfModel(given);
  const text = await readFile(given, 'utf8');
  try {
    return readCard(text);
  } catch (error) {
    throw new Error(`${given}: ${error instanceof Error ? error.message : ''}`, { cause: error });
  }
}

const printLine = (line: string): void => void process.stderr.write(`${line}\n`);

function cardOfModel(model: string): CompetenceCard {
  const card = cardNamed(model, allCards({ env: process.env, printLine }));
  if (card !== undefined) return card;
  throw new Error(
    `There is no file '${model}', and no card of a model of that name: \`smallfirst calibrate --model ${model}\` makes one.`,
  );
}

/** Prints the message, without a stack trace. */
function report(error: unknown, abort?: AbortSignal): undefined {
  const stopped = 'Stopped. The incomplete download is kept: the same command continues it.';
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${abort?.aborted === true ? stopped : message}\n`);
  process.exitCode = 1;
}

export const modelsCommand = defineCommand({
  meta: { name: 'models', description: 'Small models: list, download, remove, compare' },
  subCommands: { list, show, pull, rm, compare },
});
