/** `ledger reconcile|check|backup|prune|migrate`: on the configured store, beside a running gateway. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineCommand } from 'citty';
import { migrateStore, openLedgerTools } from '../../offline.ts';
import { readBill } from '../../analysis/bill.ts';
import { isWhole, type LedgerTools } from '../../core/ledger-tools.ts';
import type { Act } from '../../core/policy-store.ts';
import { osUser } from '../../lib/os-user.ts';
import { storeConfig } from '../command-config.ts';
import { exitOnError } from '../exit-on-error.ts';
import { duration } from '../parse-options.ts';
import { checkLines, migratedLines, reconciledLines } from './format-ledger.ts';
import { reconcileWith } from './reconcile.ts';

const config = { type: 'string', description: 'The configuration (smallfirst.yaml)' } as const;
const json = { type: 'boolean', description: 'As JSON' } as const;

interface Given {
  readonly config?: string | undefined;
}

/** A failure of `run` is one line on standard error, and exit code 1. */
const withLedger = (
  args: Given,
  run: (ledger: LedgerTools, act: Act) => Promise<string>,
): Promise<void> =>
  exitOnError(async () => {
    const ledger = openLedgerTools(storeConfig(args.config).store);
    try {
      const act = { who: osUser(), note: '', atMs: Date.now() };
      process.stdout.write(`${await run(ledger, act)}\n`);
    } finally {
      await ledger.end();
    }
  });

const reconcileCommand = defineCommand({
  meta: {
    name: 'reconcile',
    description: 'Compare with a provider’s bill, and close what was unknown',
  },
  args: {
    from: {
      type: 'string',
      required: true,
      description: 'The bill as CSV: OpenAI’s export of costs, or day,model,usd',
    },
    upstream: { type: 'string', description: 'Whose bill it is, where there are several' },
    today: { type: 'boolean', description: 'The bill has the whole of today too' },
    'dry-run': { type: 'boolean', description: 'Show the difference, and change nothing' },
    config,
    json,
  },
  run: ({ args }) =>
    withLedger(args, async (ledger, act) => {
      const found = await reconcileWith(ledger, readBill(read(args.from)), {
        act,
        file: args.from,
        upstream: args.upstream,
        isTodayWhole: args.today === true,
        isDry: args['dry-run'] === true,
      });
      return args.json ? JSON.stringify(found) : reconciledLines(found);
    }),
});

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`The bill '${file}' cannot be read; name a CSV file with --from.`, { cause });
  }
}

const check = defineCommand({
  meta: {
    name: 'check',
    description: 'Whether the file and the audit log are whole; exit 1 if not',
  },
  args: { config, json },
  run: ({ args }) =>
    withLedger(args, async (ledger) => {
      const found = await ledger.check();
      if (found.problems.length > 0) process.exitCode = 1;
      return args.json ? JSON.stringify(found) : checkLines(found);
    }),
});

const backup = defineCommand({
  meta: {
    name: 'backup',
    description: 'Copy everything, as it is at one moment, while it is written',
  },
  args: {
    to: { type: 'positional', required: true, description: 'The file of the copy' },
    config,
    json,
  },
  run: ({ args }) =>
    withLedger(args, async (ledger) => {
      await ledger.backup(args.to);
      return args.json ? JSON.stringify({ file: args.to }) : `Copied to ${args.to}.`;
    }),
});

const prune = defineCommand({
  meta: { name: 'prune', description: 'Delete old records; sums of money by day stay' },
  args: {
    keep: { type: 'string', required: true, description: 'What stays: 90d' },
    config,
    json,
  },
  run: ({ args }) =>
    withLedger(args, async (ledger, act) => {
      const pruned = await ledger.prune(act.atMs - duration('keep', args.keep), act);
      return args.json
        ? JSON.stringify(pruned)
        : `${pruned.records} records and ${pruned.attempts} attempts older than ${args.keep} are deleted; the sums of money stay.`;
    }),
});

const migrate = defineCommand({
  meta: {
    name: 'migrate',
    description: 'Copy a file’s store into the configured Postgres; exit 1 if sums differ',
  },
  args: {
    to: { type: 'string', required: true, description: 'postgres' },
    from: {
      type: 'string',
      description: 'The file (.smallfirst/state.db beside the configuration)',
    },
    config,
    json,
  },
  run: ({ args }) =>
    exitOnError(async () => {
      if (args.to !== 'postgres') throw new Error(`--to is "${args.to}"; write postgres.`);
      const { store, baseDir } = storeConfig(args.config);
      const file = args.from ?? join(baseDir, '.smallfirst/state.db');
      const tables = await migrateStore(store, file, progressOn(process.stderr));
      if (!tables.every(isWhole)) process.exitCode = 1;
      process.stdout.write(`${args.json ? JSON.stringify({ tables }) : migratedLines(tables)}\n`);
    }),
});

/** A line for each 10,000 rows. */
const progressOn =
  (stream: NodeJS.WriteStream) =>
  (table: string, rows: number): void => {
    if (rows % 10_000 === 0) stream.write(`${table}: ${rows}\n`);
  };

export const ledgerCommand = defineCommand({
  meta: {
    name: 'ledger',
    description: 'What was spent: compared with bills, checked, copied, pruned, moved',
  },
  subCommands: { reconcile: reconcileCommand, check, backup, prune, migrate },
});
