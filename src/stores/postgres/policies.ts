/** Policy versions, activations and the audit log in Postgres. */
import type {
  Act,
  Activation,
  ActivationKind,
  Detail,
  PolicyStore,
  PolicyVersion,
} from '../../core/policy-store.ts';
import { verifyChain } from '../tables/audit-chain.ts';
import { asEvent } from '../tables/audit-log.ts';
import { asActivation, asVersion, noSuchVersion, type ActivationRow } from '../tables/policies.ts';
import { number, text } from '../sqlite/row.ts';
import type { Change, Changes } from './changes.ts';
import type { Query } from './port.ts';

export function postgresPolicies({
  query,
  change,
  version: versionNow,
}: Changes): Omit<PolicyStore, 'close'> {
  let known: { readonly version: number; readonly active: Activation | undefined } | undefined;
  const audit = async () => (await query('SELECT * FROM audit ORDER BY seq')).map(asEvent);
  return {
    save: async ({ version, name, text: policy, file, author, atMs, note }) => {
      await query(
        `INSERT INTO policies (version, name, text, file, author, at_ms, note)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (version) DO NOTHING`,
        [version, name, policy, file, author, atMs, note],
      );
    },
    get: (version) => versionOf(query, version),
    list: () => policyVersions(query),
    active: async () => {
      // Before what it is the version of.
      const version = await versionNow('policies');
      if (known?.version === version) return known.active;
      const place = await placeAt(query, undefined);
      const active = place && { seq: place.seq, version: place.version, kind: place.kind };
      known = { version, active };
      return active;
    },
    activate: (version, act, detail) => change((within) => activate(within, version, act, detail)),
    back: (kind, act, detail) => change((within) => back(within, kind, act, detail)),
    seenInFile: async () => {
      const [row] = await query('SELECT version FROM policy_file');
      return row === undefined ? undefined : text(row, 'version');
    },
    seeInFile: async (version) => {
      await query(
        'INSERT INTO policy_file (one, version) VALUES (1, $1) ON CONFLICT (one) DO UPDATE SET version = excluded.version',
        [version],
      );
    },
    noteDigest: (...seen) => change((within) => noteDigest(within.query, seen)),
    record: (event, act, detail) => change((within) => within.log(event, act, detail)),
    audit,
    verify: async () => {
      const [row] = await query("SELECT value FROM marks WHERE name = 'audit'");
      return verifyChain(await audit(), row === undefined ? 0 : number(row, 'value'));
    },
  };
}

/** Newest first. */
export const policyVersions = async (query: Query): Promise<readonly PolicyVersion[]> =>
  (await query('SELECT * FROM policies ORDER BY at_ms DESC, seq DESC')).map(asVersion);

async function versionOf(query: Query, version: string): Promise<PolicyVersion | undefined> {
  const [row] = await query('SELECT * FROM policies WHERE version = $1', [version]);
  return row === undefined ? undefined : asVersion(row);
}

async function placeAt(query: Query, seq: number | undefined): Promise<ActivationRow | undefined> {
  const [row] = await (seq === undefined
    ? query('SELECT * FROM activations ORDER BY seq DESC LIMIT 1')
    : query('SELECT * FROM activations WHERE seq = $1', [seq]));
  return row === undefined ? undefined : asActivation(row);
}

async function enter(
  query: Query,
  version: string,
  kind: ActivationKind,
  from: number | null,
): Promise<Activation> {
  const [row = {}] = await query(
    'INSERT INTO activations (version, kind, back) VALUES ($1, $2, $3) RETURNING seq',
    [version, kind, from],
  );
  return { seq: number(row, 'seq'), version, kind };
}

async function activate(
  { query, log, raise }: Change,
  version: string,
  act: Act,
  detail: Detail = {},
): Promise<Activation> {
  if ((await versionOf(query, version)) === undefined) throw noSuchVersion(version);
  const present = await placeAt(query, undefined);
  if (present?.version === version) return present;
  const entered = await enter(query, version, 'activated', present?.seq ?? null);
  await raise('policies');
  await log('policy_activated', act, { version, before: present?.version ?? null, ...detail });
  return entered;
}

/** A stack, as `policies.ts` has it. */
async function back(
  { query, log, raise }: Change,
  kind: 'rolled_back' | 'stepped_back',
  act: Act,
  detail: Detail & { readonly from?: string } = {},
): Promise<Activation | undefined> {
  const present = await placeAt(query, undefined);
  if (present === undefined || present.back === null) return undefined;
  if (detail.from !== undefined && detail.from !== present.version) return undefined;
  const earlier = await placeAt(query, present.back);
  if (earlier === undefined) return undefined;
  const entered = await enter(query, earlier.version, kind, earlier.back);
  const said = { ...detail, version: earlier.version, from: present.version };
  await raise('policies');
  await log(kind === 'rolled_back' ? 'policy_rolled_back' : 'policy_stepped_back', act, said);
  return entered;
}

async function noteDigest(
  query: Query,
  [upstream, model, digest]: readonly [upstream: string, model: string, digest: string],
): Promise<boolean> {
  const rows = await query('SELECT digest FROM model_digests WHERE upstream = $1 AND model = $2', [
    upstream,
    model,
  ]);
  const known = rows.map((row) => text(row, 'digest'));
  if (known.includes(digest)) return false;
  await query('INSERT INTO model_digests (upstream, model, digest) VALUES ($1, $2, $3)', [
    upstream,
    model,
    digest,
  ]);
  return known.length > 0;
}
