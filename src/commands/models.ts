/** `models list`, `models pull NAME`, `models rm NAME`: the local model files. */
import { homedir } from 'node:os';
import { defineCommand } from 'citty';
import { findModel, type CatalogueModel } from '../models/catalogue.ts';
import { progressDisplay } from '../models/progress.ts';
import { modelStore, storeSettings, type ModelStore } from '../models/store.ts';

const localStore = (): ModelStore => modelStore(storeSettings(process.env, homedir()));

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;

const context = (tokens: number): string => `${Math.round(tokens / 1024)}k`;

/** One line a model, columns aligned. */
export function catalogueTable(
  models: readonly CatalogueModel[],
  cached: ReadonlySet<string>,
): string {
  const head = ['name', 'size', 'parameters', 'licence', 'context', 'here', 'about'];
  const rows = models.map((model) => [
    model.name,
    gigabytes(model.sizeBytes),
    `${model.parametersB} B, ${model.quantisation}`,
    model.licence,
    context(model.trainedContextTokens),
    cached.has(model.name) ? 'yes' : 'no',
    `${model.title}: ${model.about}`,
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

async function cachedNames(store: ModelStore): Promise<Set<string>> {
  const names = new Set<string>();
  for (const { name } of store.models)
    if ((await store.cached(name)) !== undefined) names.add(name);
  return names;
}

const list = defineCommand({
  meta: { name: 'list', description: 'The models that can be fetched, and which are here' },
  args: { json: { type: 'boolean', description: 'As JSON' } },
  run: async ({ args }) => {
    const store = localStore();
    const cached = await cachedNames(store);
    const text = args.json
      ? JSON.stringify(store.models.map((model) => ({ ...model, cached: cached.has(model.name) })))
      : `${catalogueTable(store.models, cached)}\n\nFiles are kept in ${store.folder}`;
    process.stdout.write(`${text}\n`);
  },
});

const name = {
  type: 'positional',
  required: true,
  description: 'A name from `models list`',
} as const;

const pull = defineCommand({
  meta: { name: 'pull', description: 'Fetches a model; continues a download that was cut off' },
  args: { name },
  run: async ({ args }) => {
    const store = localStore();
    const stop = new AbortController();
    const interrupt = (): void => stop.abort(new Error('interrupted'));
    process.once('SIGINT', interrupt);
    const display = progressDisplay(process.stderr);
    try {
      const { licence } = findModel(args.name, store.models);
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
      process.removeListener('SIGINT', interrupt);
    }
  },
});

const rm = defineCommand({
  meta: { name: 'rm', description: 'Removes a model file, and what was fetched of it' },
  args: { name },
  run: async ({ args }) => {
    const removed = await localStore()
      .remove(args.name)
      .catch((error: unknown) => report(error));
    if (removed === undefined) return;
    process.stdout.write(removed ? `removed ${args.name}\n` : `${args.name} was not here\n`);
  },
});

/** The message is written for people; a stack trace is not. */
function report(error: unknown, abort?: AbortSignal): undefined {
  const stopped = 'Stopped. What has come is kept: the same command continues.';
  const said = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${abort?.aborted === true ? stopped : said}\n`);
  process.exitCode = 1;
}

export const modelsCommand = defineCommand({
  meta: { name: 'models', description: 'Local model files: what there is, fetch, remove' },
  subCommands: { list, pull, rm },
});
