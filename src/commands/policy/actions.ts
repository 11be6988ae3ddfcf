/** The actions of `policy …`, on the configured store; a running gateway applies them within a second. */
import { thresholdsWith } from '../../offline.ts';
import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff';
import { openPolicyStore } from '../../offline.ts';
import type { Config } from '../../config/config.ts';
import type {
  Act,
  AuditEvent,
  PolicyStore,
  PolicyVersion,
  Verified,
} from '../../core/policy-store.ts';
import { loadPolicy } from '../../policy/load.ts';
import { findPolicy, type PolicySource } from '../../policy/shipped.ts';
import { judgeInForce } from '../../signals/complexity/index.ts';
import { signalNames } from '../../signals/index.ts';
import { upstreamsOf } from '../check.ts';

export interface PolicyActions {
  list(): Promise<{
    readonly versions: readonly PolicyVersion[];
    readonly active: string | undefined;
  }>;
  /** A unified diff, as `diff -u` writes it; `''` when the two are equal. A side is a version or its prefix, `active`, a file, or a shipped name. */
  diff(before: string, after: string): Promise<string>;
  /** @throws PolicyError when it cannot be used with this configuration: the gateway would refuse it too */
  activate(reference: string, act: Act): Promise<PolicyVersion>;
  /** Saves a version that is not activated. @throws likewise */
  keep(reference: string, act: Act): Promise<PolicyVersion>;
  rollback(act: Act): Promise<PolicyVersion>;
  audit(): Promise<readonly AuditEvent[]>;
  verify(): Promise<Verified>;
  close(): Promise<void>;
}

interface Where {
  readonly config: Config;
  /** Paths of policy files are relative to this folder. */
  readonly cwd: string;
}

/** @throws Error when the store is not visible to another process */
export function openPolicyActions({ config, cwd }: Where): PolicyActions {
  const store = openPolicyStore(config.store);
  const find = async (reference: string): Promise<Found> =>
    (await stored(reference, store)) ?? { source: findPolicy(reference, cwd) };
  const keep = async (reference: string, act: Act): Promise<PolicyVersion> => {
    const version = versionOf(await find(reference), config, act);
    await store.save(version);
    return (await store.get(version.version)) ?? version;
  };
  return {
    list: async () => ({
      versions: await store.list(),
      active: (await store.active())?.version,
    }),
    diff: async (before, after) => {
      return unifiedDiff(await find(before), await find(after));
    },
    activate: async (reference, act) => {
      const version = await keep(reference, act);
      await store.activate(version.version, act);
      return version;
    },
    keep,
    rollback: async (act) => {
      const entered = await store.back('rolled_back', act);
      const version = entered && (await store.get(entered.version));
      if (version !== undefined) return version;
      throw new Error('There is no version to go back to. `policy list` shows what there is.');
    },
    audit: () => store.audit(),
    verify: () => store.verify(),
    close: () => store.close(),
  };
}

interface Found {
  readonly source: PolicySource;
  /** Undefined for a file. */
  readonly version?: PolicyVersion;
}

const title = ({ source, version }: Found): string =>
  version === undefined ? source.file : `${version.name}@${version.version}`;

function unifiedDiff(old: Found, now: Found): string {
  const [before, after] = [lines(old), lines(now)];
  const patch = structuredPatch(title(old), title(now), before, after, undefined, undefined, {
    context: CONTEXT_LINES,
  });
  if (patch.hunks.length === 0) return '';
  return formatPatch(patch, FILE_HEADERS_ONLY).replace(/\n$/, '');
}

/** As `diff -u` has it. */
const CONTEXT_LINES = 3;

/** How a text ends is no difference between two policies. */
const lines = ({ source }: Found): string => `${source.text.trimEnd()}\n`;

const BEGINNING = /^[0-9a-f]{4,12}$/;

async function stored(reference: string, store: PolicyStore): Promise<Found | undefined> {
  const wanted = reference === 'active' ? (await store.active())?.version : reference;
  if (wanted === undefined) throw new Error('No policy was ever in force with this store.');
  if (!BEGINNING.test(wanted)) return undefined;
  const [version, another] = (await store.list()).filter((each) => each.version.startsWith(wanted));
  if (version === undefined) {
    throw new Error(
      `No policy version begins with '${wanted}'. \`policy list\` shows what there is.`,
    );
  }
  if (another === undefined) return { source: version, version };
  throw new Error(`More than one version begins with '${wanted}': write more of it.`);
}

function versionOf({ source }: Found, config: Config, act: Act): PolicyVersion {
  const { name, version } = loadPolicy(source, {
    upstreams: upstreamsOf(config),
    auth: config.auth.mode,
    signals: signalNames,
    judgeInForce,
    thresholdFor: thresholdsWith(config.judge.deep),
  });
  const { text, file } = source;
  return { version, name, text, file, author: act.who, atMs: act.atMs, note: act.note };
}
