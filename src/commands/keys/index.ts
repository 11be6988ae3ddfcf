/** `keys create|list|show|rotate|revoke`: keys in the configured store, beside a running gateway. */
import { defineCommand } from 'citty';
import { keyAdmin, openBudgetStore, openKeyStore } from '../../offline.ts';
import type { Config } from '../../config/config.ts';
import type { KeyAdmin, Shown, ShownKey } from '../../core/keys.ts';
import type { Act } from '../../core/policy-store.ts';
import { osUser } from '../../lib/os-user.ts';
import { storeConfig, sayNewState } from '../command-config.ts';
import { exitOnError } from '../exit-on-error.ts';
import { openPolicyActions } from '../policy/actions.ts';
import { duration } from '../parse-options.ts';
import { keyLines, keyTable } from './format-keys.ts';
import { newKeyOf } from './new-key.ts';

const config = { type: 'string', description: 'The configuration (smallfirst.yaml)' } as const;
const json = { type: 'boolean', description: 'As JSON' } as const;
const name = { type: 'positional', required: true, description: 'The name of the key' } as const;
const text = (description: string) => ({ type: 'string', description }) as const;

interface Given {
  readonly config?: string | undefined;
}

/** A failure of `run` is one line on standard error, and exit code 1. */
const withKeys = (args: Given, run: (keys: KeyAdmin, act: Act) => Promise<string>): Promise<void> =>
  exitOnError(async () => {
    const loaded = storeConfig(args.config);
    if (loaded.auth.mode === 'open') process.stderr.write(OPEN);
    sayNewState(loaded.store);
    const store = openKeyStore(loaded.store);
    const { budgets } = openBudgetStore(loaded.store);
    try {
      const act = { who: osUser(), note: '', atMs: Date.now() };
      const tools = { store, budgets, keepPolicy: keepPolicyFor(loaded) };
      process.stdout.write(`${await run(keyAdmin(loaded, tools), act)}\n`);
    } finally {
      await Promise.all([store.close(), budgets.close()]);
    }
  });

const keepPolicyFor =
  (loaded: Config) =>
  async (given: string, act: Act): Promise<string> => {
    const actions = openPolicyActions({ config: loaded, cwd: process.cwd() });
    try {
      const { name: policy, version } = await actions.keep(given, act);
      return `${policy}@${version}`;
    } finally {
      await actions.close();
    }
  };

const OPEN =
  'auth.mode is `open`, where nobody is asked for a key; `auth: { mode: keys }` makes them count.\n';

/** The secret goes to standard output alone, so that a script can keep it; words go to standard error. */
function secretOf(
  { key, secret }: Shown<ShownKey>,
  asJson: boolean | undefined,
  ofTheOld = '',
): string {
  if (asJson === true) return JSON.stringify({ ...key, secret });
  process.stderr.write(
    `Key '${key.name}', shown this once. A running gateway takes it within a second.${ofTheOld}\n`,
  );
  return secret;
}

const create = defineCommand({
  meta: { name: 'create', description: 'Make a key; its secret is shown once' },
  args: {
    name,
    team: text('The team it belongs to'),
    label: text('For conditions: data=regulated,app=shop'),
    role: text('data (default), viewer (reports and records) or admin'),
    models: text('What it may ask for: auto,small,gpt-4o*'),
    upstreams: text('Where its requests may go: local,cloud'),
    routes: text('What it may ask, below /v1: chat/completions,files'),
    residency: text('local: its requests never leave this machine'),
    policy: text('In force for it alone: a shipped name, a version, or a file'),
    override: {
      type: 'boolean',
      default: true,
      description: 'May choose a tier or an upstream (--no-override: may not)',
    },
    account: { type: 'boolean', description: 'All that the cloud account holds is this key’s' },
    share: { type: 'boolean', description: 'What it makes at the cloud belongs to its team' },
    limit: text('A minute, and at once: rpm=600,tpm=100000,concurrent=20'),
    budget: text('US dollars and a period: 50/month, 5/day, 20/week or 100/all'),
    expires: text('After 90d, or on a day: 2027-01-31'),
    config,
    json,
  },
  run: ({ args }) =>
    withKeys(args, async (keys, act) =>
      secretOf(await keys.create(newKeyOf(args, act.atMs), act), args.json),
    ),
});

const list = defineCommand({
  meta: { name: 'list', description: 'Every key, those of the configuration too' },
  args: { config, json },
  run: ({ args }) =>
    withKeys(args, async (keys) => {
      const all = await keys.list();
      return args.json ? JSON.stringify({ keys: all }) : keyTable(all);
    }),
});

const show = defineCommand({
  meta: { name: 'show', description: 'What a key may do' },
  args: { name, config, json },
  run: ({ args }) =>
    withKeys(args, async (keys) => {
      const key = (await keys.list()).find((each) => each.name === args.name);
      if (key === undefined)
        throw new Error(`There is no key '${args.name}'. \`keys list\` shows those that are.`);
      return args.json ? JSON.stringify(key) : keyLines(key);
    }),
});

const rotate = defineCommand({
  meta: { name: 'rotate', description: 'A new secret; the old one is taken a while longer' },
  args: {
    name,
    grace: { type: 'string', default: '24h', description: 'How long the old one is taken' },
    config,
    json,
  },
  run: ({ args }) =>
    withKeys(args, async (keys, act) =>
      secretOf(
        await keys.rotate(args.name, Math.ceil(duration('grace', args.grace)), act),
        args.json,
        ` The old one is taken for another ${args.grace}.`,
      ),
    ),
});

const revoke = defineCommand({
  meta: { name: 'revoke', description: 'Refuse a key, from now on and for ever' },
  args: { name, config, json },
  run: ({ args }) =>
    withKeys(args, async (keys, act) => {
      const key = await keys.revoke(args.name, act);
      return args.json
        ? JSON.stringify(key)
        : `Key '${key.name}' is revoked. A running gateway refuses it within a second.`;
    }),
});

export const keysCommand = defineCommand({
  meta: {
    name: 'keys',
    description: 'Keys of callers and administrators, in the configured store',
  },
  subCommands: { create, list, show, rotate, revoke },
});
