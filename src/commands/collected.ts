/** `collected list|delete`: shows and deletes what was collected for distillation. */
import { existsSync } from 'node:fs';
import { defineCommand } from 'citty';
import { collectedPath, openCollected } from '../offline.ts';
import type { CollectedCount, CollectedFilter } from '../core/collect.ts';
import { storeConfig } from './command-config.ts';
import { exitOnError } from './exit-on-error.ts';
import { aligned } from './format-table.ts';
import { duration } from './parse-options.ts';

type CollectedFile = ReturnType<typeof openCollected>;

const config = { type: 'string', description: 'The configuration (smallfirst.yaml)' } as const;
const json = { type: 'boolean', description: 'As JSON' } as const;

/** Without a file nothing was collected: it is not made, and `none` is said. */
function withFile(
  named: string | undefined,
  run: (file: CollectedFile) => string,
  none: (path: string) => string,
): Promise<void> {
  return exitOnError(async () => {
    const { store, baseDir } = storeConfig(named);
    const path = collectedPath(store, baseDir);
    if (!existsSync(path)) return void process.stdout.write(`${none(path)}\n`);
    const file = openCollected(path);
    try {
      file.expire(Date.now());
      process.stdout.write(`${run(file)}\n`);
    } finally {
      file.close();
    }
    await Promise.resolve();
  });
}

const list = defineCommand({
  meta: { name: 'list', description: 'How much there is, by key and model' },
  args: { config, json },
  run: ({ args }) =>
    withFile(
      args.config,
      (file) => (args.json ? JSON.stringify(file.counts(), null, 2) : tableOf(file.counts())),
      () => (args.json ? '[]' : tableOf([])),
    ),
});

const date = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

function tableOf(counts: readonly CollectedCount[]): string {
  if (counts.length === 0) return 'Nothing is collected.';
  return aligned([
    ['key', 'model', 'answers', 'conversations', 'oldest', 'newest'],
    ...counts.map(({ caller, upstream, model, answers, conversations, oldestMs, newestMs }) => [
      caller,
      `${upstream}/${model}`,
      String(answers),
      String(conversations),
      date(oldestMs),
      date(newestMs),
    ]),
  ]);
}

const remove = defineCommand({
  meta: {
    name: 'delete',
    description: 'Delete by key, conversation or age; all that are given must fit',
  },
  args: {
    key: { type: 'string', description: 'The name of the key that asked' },
    conversation: {
      type: 'string',
      description: 'The conversation of this request (the x-request-id of one of its answers)',
    },
    'older-than': { type: 'string', description: 'Older than this: 30d, 12w' },
    config,
    json,
  },
  run: ({ args }) =>
    withFile(
      args.config,
      (file) => {
        const filter = filterOf(args, file);
        const deleted = file.delete(filter);
        return args.json ? JSON.stringify({ deleted }) : `${deleted} answers were deleted.`;
      },
      (path) => {
        throw new Error(`Nothing was collected: there is no ${path}.`);
      },
    ),
});

interface Given {
  readonly key?: string | undefined;
  readonly conversation?: string | undefined;
  readonly 'older-than'?: string | undefined;
}

/** @throws Error where nothing is named, or no such request was collected */
function filterOf(
  { key, conversation: request, 'older-than': age }: Given,
  file: CollectedFile,
): CollectedFilter {
  if (key === undefined && request === undefined && age === undefined)
    throw new Error('Say what to delete: --key NAME, --conversation REQUEST_ID, --older-than 30d.');
  const conversation = request === undefined ? undefined : file.conversationOf(request);
  if (request !== undefined && conversation === undefined)
    throw new Error(`No answer to request '${request}' was collected.`);
  return {
    ...(key === undefined ? {} : { caller: key }),
    ...(conversation === undefined ? {} : { conversation }),
    ...(age === undefined ? {} : { beforeMs: Date.now() - duration('older-than', age) }),
  };
}

export const collectedCommand = defineCommand({
  meta: { name: 'collected', description: 'What was collected for distillation' },
  subCommands: { list, delete: remove },
});
