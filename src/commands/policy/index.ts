/** `policy list|diff|activate|rollback|audit`: versions of the policy, and activating one. */
import { defineCommand } from 'citty';
import type { Act, PolicyVersion } from '../../core/policy-store.ts';
import { osUser } from '../../lib/os-user.ts';
import { storeConfig, sayNewState } from '../command-config.ts';
import { exitOnError } from '../exit-on-error.ts';
import { openPolicyActions, type PolicyActions } from './actions.ts';
import { auditTable, versionTable } from './format-versions.ts';

const config = { type: 'string', description: 'The configuration (smallfirst.yaml)' } as const;
const note = { type: 'string', description: 'The reason, for the list and the audit log' } as const;
const json = { type: 'boolean', description: 'As JSON' } as const;

interface Given {
  readonly config?: string | undefined;
  readonly note?: string | undefined;
}

/** A failure of `run` is one line on standard error, and exit code 1. */
const withActions = (
  args: Given,
  run: (actions: PolicyActions, act: Act) => Promise<string>,
): Promise<void> =>
  exitOnError(async () => {
    const loaded = storeConfig(args.config);
    sayNewState(loaded.store);
    const actions = openPolicyActions({ config: loaded, cwd: process.cwd() });
    try {
      const act = { who: osUser(), note: args.note ?? '', atMs: Date.now() };
      process.stdout.write(`${await run(actions, act)}\n`);
    } finally {
      await actions.close();
    }
  });

const list = defineCommand({
  meta: { name: 'list', description: 'Every stored version; * = the active one' },
  args: { config, json },
  run: ({ args }) =>
    withActions(args, async (actions) => {
      const { versions, active } = await actions.list();
      return args.json ? JSON.stringify({ active, versions }) : versionTable(versions, active);
    }),
});

const diff = defineCommand({
  meta: { name: 'diff', description: 'What differs between two policies' },
  args: {
    before: {
      type: 'positional',
      required: true,
      description: 'A version, `active`, or a file',
    },
    after: { type: 'positional', required: true, description: 'Likewise' },
    config,
  },
  run: ({ args }) =>
    withActions(
      args,
      async (actions) => (await actions.diff(args.before, args.after)) || 'No line differs.',
    ),
});

const activeNotice = ({ name, version }: PolicyVersion): string =>
  `${name}@${version} is active. A running gateway applies it within a second.`;

const activate = defineCommand({
  meta: { name: 'activate', description: 'Activate a version or a file' },
  args: {
    policy: {
      type: 'positional',
      required: true,
      description: 'A version or its prefix, a file, or a shipped name',
    },
    note,
    config,
  },
  run: ({ args }) =>
    withActions(args, async (actions, act) =>
      activeNotice(await actions.activate(args.policy, act)),
    ),
});

const rollback = defineCommand({
  meta: { name: 'rollback', description: 'Reactivate the previously active version' },
  args: { note, config },
  run: ({ args }) =>
    withActions(args, async (actions, act) => activeNotice(await actions.rollback(act))),
});

const audit = defineCommand({
  meta: { name: 'audit', description: 'Who changed what, when and why' },
  args: {
    verify: { type: 'boolean', description: 'Recompute the chain: exit 1 if it is broken' },
    config,
    json,
  },
  run: ({ args }) =>
    withActions(args, async (actions) => {
      if (args.verify) return await verified(actions);
      const events = await actions.audit();
      return args.json ? JSON.stringify(events) : auditTable(events);
    }),
});

async function verified(actions: PolicyActions): Promise<string> {
  const found = await actions.verify();
  if (found.ok)
    return `${found.events} events, the chain is intact. Head of the chain: ${found.head}`;
  throw new Error(`The audit log was tampered with: row ${found.seq}: ${found.problem}.`);
}

export const policyCommand = defineCommand({
  meta: { name: 'policy', description: 'Versions of the policy, on the configured store' },
  subCommands: { list, diff, activate, rollback, audit },
});
