/** Makes, shows, rotates and revokes keys, for commands and for `/admin/keys`. */
import type { output } from 'zod';
import type { Config } from '../config/config.ts';
import type { BudgetSettings, BudgetStore } from '../core/budget-settings.ts';
import { invalid } from '../core/errors.ts';
import type { Act } from '../core/policy-store.ts';
import {
  DASHBOARD_CALLER,
  newKey,
  type KeyAdmin,
  type KeyStore,
  type ShownKey,
  type StoredKey,
} from '../core/keys.ts';
import { digestOf, newSecret } from '../http/callers/key-secret.ts';
import { suggestion } from '../lib/suggest.ts';
import { checkedBy } from './checked-by.ts';

interface Tools {
  readonly store: KeyStore;
  /** Where a new key's own budget goes. */
  readonly budgets: BudgetStore;
  /** Finds a new key's own policy and keeps it; returns how the key names it from now on. */
  readonly keepPolicy: (given: string, act: Act) => Promise<string>;
  /** Called after each change. */
  readonly changed?: () => Promise<void>;
}

/** Names that records already use for callers without a key. */
const RESERVED = new Set(['open', 'unknown', DASHBOARD_CALLER]);

export function keyAdmin(
  config: Config,
  { store, budgets, keepPolicy, changed = async () => {} }: Tools,
): KeyAdmin {
  const fixed = fixedKeys(config);
  const notFixed = (name: string): void => {
    if (!fixed.some((key) => key.name === name)) return;
    throw invalid('name', `Key '${name}' stands in the configuration: change it there.`);
  };
  return {
    list: () => shownKeys(config, store),
    create: async (given, act) => {
      const { name, budget, policy: wanted, ...settings } = checked(given, config, act.atMs);
      notFixed(name);
      const policy = wanted === undefined ? {} : { policy: await keepPolicy(wanted, act) };
      const secret = newSecret();
      const digest = digestOf(secret).toString('hex');
      const key = { name, digest, ...settings, ...policy, createdMs: act.atMs, createdBy: act.who };
      if (budget === undefined) await store.create(key, act);
      else await createWithBudget(key, ownBudget(name, budget), { config, store, budgets, act });
      await changed();
      return { key: shownKey(key, act.atMs), secret };
    },
    rotate: async (name, graceMs, act) => {
      notFixed(name);
      const secret = newSecret();
      const to = { digest: digestOf(secret).toString('hex'), graceUntilMs: act.atMs + graceMs };
      const key = await store.rotate(name, to, act);
      await changed();
      return { key: shownKey(key, act.atMs), secret };
    },
    revoke: async (name, act) => {
      notFixed(name);
      const key = await store.revoke(name, act);
      await changed();
      return shownKey(key, act.atMs);
    },
  };
}

/** By name, those of the configuration too. */
export async function shownKeys(
  config: Config,
  store: Pick<KeyStore, 'list'>,
): Promise<readonly ShownKey[]> {
  const stored = (await store.list()).map((key) => shownKey(key, Date.now()));
  return [...fixedKeys(config), ...stored].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

const ownBudget = (name: string, budget: NonNullable<NewKey['budget']>): BudgetSettings => ({
  name,
  scope: { key: name },
  ...budget,
  unpriced: 'refuse',
  pace: false,
  warnAt: [],
});

interface Creating extends Pick<Tools, 'store' | 'budgets'> {
  readonly config: Config;
  readonly act: Act;
}

/** The budget first: a key is never without it. A name that is taken leaves neither. */
async function createWithBudget(
  key: Parameters<KeyStore['create']>[0],
  budget: BudgetSettings,
  { config, store, budgets, act }: Creating,
): Promise<void> {
  const taken = [...config.budgets, ...(await budgets.list()).map(({ settings }) => settings)];
  if (taken.some(({ name }) => name === budget.name))
    throw invalid('budget', `There is a budget '${budget.name}' already; remove it, or set it.`);
  await budgets.set(budget, act);
  try {
    await store.create(key, act);
  } catch (error) {
    await budgets.remove(budget.name, act);
    throw error;
  }
}

function fixedKeys({ auth }: Config): readonly ShownKey[] {
  if (auth.mode === 'open') return [];
  return auth.keys.map(({ key: secret, ...rest }) => {
    void secret;
    return { ...rest, from: 'configuration', state: 'active' };
  });
}

function shownKey(key: StoredKey, nowMs: number): ShownKey {
  const { digest, previous, createdMs, createdBy, ...rest } = key;
  void digest;
  const isExpired = key.expiresMs !== undefined && key.expiresMs <= nowMs;
  return {
    ...rest,
    from: 'store',
    state: key.revokedMs === undefined ? (isExpired ? 'expired' : 'active') : 'revoked',
    created: { atMs: createdMs, by: createdBy },
    ...(previous && previous.untilMs > nowMs ? { previousUntilMs: previous.untilMs } : {}),
  };
}

type NewKey = output<typeof newKey>;

function checked(given: unknown, config: Config, nowMs: number): NewKey {
  const key = checkedBy(newKey, given);
  if (RESERVED.has(key.name))
    throw invalid('name', `'${key.name}' is a name of the gateway itself; choose another one.`);
  if (key.expiresMs !== undefined && key.expiresMs <= nowMs)
    throw invalid('expiresMs', `The expiry, ${new Date(key.expiresMs).toISOString()}, is past.`);
  const known = upstreamNames(config);
  const unknown = key.upstreams?.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw invalid('upstreams', `There is no upstream '${unknown}'; ${suggestion(unknown, known)}`);
  return key;
}

const upstreamNames = ({ upstreams }: Config): readonly string[] =>
  upstreams.kind === 'configured' ? upstreams.list.map(({ name }) => name) : ['local', 'cloud'];
