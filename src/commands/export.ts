/** `export --distillation`: what was collected, as examples to train a small model on. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineCommand } from 'citty';
import { collectedPath, openCollected, openForReading, unreadable } from '../offline.ts';
import { distil, judgedWorse, manifestOf, REMINDER } from '../analysis/distillation.ts';
import type { Config } from '../config/config.ts';
import { storeConfig } from './command-config.ts';
import { exitOnError } from './exit-on-error.ts';
import { share } from './parse-options.ts';
import { READABLE_BY_OWNER } from '../lib/file-mode.ts';
import { makeFolder } from '../lib/make-folder.ts';

export const exportCommand = defineCommand({
  meta: { name: 'export', description: 'What was collected, as examples to tune a model with' },
  args: {
    distillation: { type: 'boolean', description: 'Chat JSONL in train and validation (needed)' },
    out: { type: 'string', default: 'distillation', description: 'The folder to write to' },
    'validation-share': {
      type: 'string',
      default: '0.1',
      description: 'Of the conversations: 0.1 or 10%',
    },
    config: { type: 'string', description: 'The configuration (smallfirst.yaml)' },
    json: { type: 'boolean', description: 'As JSON' },
  },
  run: ({ args }) =>
    exitOnError(async () => {
      if (args.distillation !== true)
        throw new Error('Say what to export: `smallfirst export --distillation`.');
      const config = storeConfig(args.config);
      const manifest = await exported(
        config,
        share('validation-share', args['validation-share']) ?? 0,
        args.out,
      );
      const { files, leftOut } = manifest;
      const lines = files.map(
        ({ name, examples, conversations }) =>
          `${join(args.out, name)}: ${examples} examples of ${conversations} conversations`,
      );
      const text = args.json
        ? JSON.stringify(manifest, null, 2)
        : [
            ...lines,
            `left out: ${leftOut.worse} judged worse, ${leftOut.nearDuplicates} near-duplicates`,
            REMINDER,
          ].join('\n');
      process.stdout.write(`${text}\n`);
    }),
});

/** @throws Error where nothing was collected */
async function exported(config: Config, validationShare: number, out: string) {
  const path = collectedPath(config.store, config.baseDir);
  if (!existsSync(path)) throw new Error(nothing(path));
  const file = openCollected(path);
  try {
    file.expire(Date.now());
    const worse = await worseIn(config);
    const made = distil(file.all(), { validationShare, worse });
    if (made.fromMs === null) throw new Error(nothing(path));
    const manifest = manifestOf(made);
    makeFolder(out);
    const write = (name: string, text: string): void =>
      writeFileSync(join(out, name), text, { mode: READABLE_BY_OWNER });
    write('train.jsonl', made.files.train.text);
    write('validation.jsonl', made.files.validation.text);
    write('manifest.json', `${JSON.stringify(manifest, null, 2)}\n`);
    return manifest;
  } finally {
    file.close();
  }
}

const nothing = (path: string): string =>
  `There is nothing to export in ${path}: a policy with \`collect\` fills it, for keys with the label \`consent: distillation\`.`;

/** Where no ledger outlives the gateway, the judgements are gone with it. */
async function worseIn({ store }: Config): Promise<ReadonlySet<string>> {
  if (unreadable(store) !== undefined) return new Set();
  const ledger = openForReading(store);
  try {
    return judgedWorse(await ledger.auditsSince(0), await ledger.feedbackSince(0));
  } finally {
    await ledger.close();
  }
}
