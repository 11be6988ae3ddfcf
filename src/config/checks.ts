/** Semantic checks across the configuration, on the values as written, so that all mistakes are reported at once. */
import { resolve } from 'node:path';
import type { UpstreamKind } from '../core/upstream-kind.ts';
import { certificateProblems } from '../lib/certificate-files.ts';
import { isObject, type JsonObject } from '../lib/json.ts';
import { isLoopback } from '../lib/loopback.ts';
import type { Problem } from '../lib/problems.ts';
import { suggestion } from '../lib/suggest.ts';
import type { Path, YamlSource } from '../lib/yaml-source.ts';
import { gridZones, yearlyIntensity } from '../meters/yearly-grid.ts';
import { budgetProblems } from './budgets.ts';
import { credentialProblems, type KnownKey } from './known-keys.ts';
import { valueAt } from '../lib/zod-problems.ts';
import { own } from '../lib/own.ts';
import { limitProblems } from './limits.ts';
import { policyProblems } from './policies.ts';
import { oneProcessOnly } from './workers.ts';

interface Surroundings {
  readonly host: string;
  readonly baseDir: string;
  /** Names of the model catalogue; undefined: not known here. */
  readonly models: readonly string[] | undefined;
  /** Names of the policies that ship; undefined: not known here. */
  readonly policies: readonly string[] | undefined;
  readonly kinds: readonly UpstreamKind[];
  readonly storedKeys: () => readonly KnownKey[] | undefined;
}

export function semanticProblems(yaml: YamlSource, around: Surroundings): readonly Problem[] {
  return [
    ...kindProblems(yaml, around),
    ...sameNames(yaml, ['upstreams'], 'upstream'),
    ...sameNames(yaml, ['auth', 'keys'], 'key'),
    ...sameNames(yaml, ['auth', 'teams'], 'team'),
    ...unknownUpstreamsOfKeys(yaml),
    ...policyProblems(yaml, around.policies),
    ...sameNames(yaml, ['budgets'], 'budget'),
    ...budgetProblems(yaml, around.storedKeys),
    ...credentialProblems(yaml, around.storedKeys),
    ...limitProblems(yaml),
    ...openOnPublicHost(yaml, around.host),
    ...openToPages(yaml),
    ...serverCertificate(yaml, around.baseDir),
    ...energyProblems(yaml),
    ...workersOfOneProcess(yaml, around.kinds),
  ];
}

function workersOfOneProcess(yaml: YamlSource, kinds: readonly UpstreamKind[]): readonly Problem[] {
  const workers = valueAt(yaml.value, ['server', 'workers']);
  if (typeof workers !== 'number' || workers <= 1) return [];
  const list = valueAt(yaml.value, ['upstreams']);
  const upstreams = (Array.isArray(list) ? list : []).flatMap((one: unknown) => {
    const { kind, name } = isObject(one) ? one : {};
    return typeof kind === 'string' && typeof name === 'string' ? [{ kind, name }] : [];
  });
  const store = valueAt(yaml.value, ['store', 'kind']);
  const why = oneProcessOnly({ store: { kind: String(store) }, upstreams }, kinds);
  return why === undefined ? [] : [yaml.problem(['server', 'workers'], `must be 1: ${why}`)];
}

function sameNames(yaml: YamlSource, path: Path, what: string): readonly Problem[] {
  const list = valueAt(yaml.value, path);
  if (!Array.isArray(list)) return [];
  const seen = new Set<string>();
  return list.flatMap((each: unknown, index) => {
    const name = isObject(each) ? each['name'] : undefined;
    if (typeof name !== 'string') return [];
    const isSecond = seen.has(name);
    seen.add(name);
    const message = `another ${what} has this name; names must differ`;
    return isSecond ? [yaml.problem([...path, index, 'name'], message)] : [];
  });
}

/** The problems that each kind reports for its upstreams. */
function kindProblems(yaml: YamlSource, around: Surroundings): readonly Problem[] {
  const list = valueAt(yaml.value, ['upstreams']);
  if (!Array.isArray(list)) return [];
  return list.flatMap((written: unknown, index) => {
    if (!isObject(written)) return [];
    const kind = around.kinds.find((each) => each.kind === written['kind']);
    const { baseDir, models } = around;
    const problem = (member: string, message: string): Problem =>
      yaml.problem(['upstreams', index, member], message);
    return kind?.problems?.(written, { baseDir, models, problem }) ?? [];
  });
}

/** The settings that a meter needs. */
const NEEDED_BY: Readonly<Record<string, string>> = {
  fixed: 'fixedWatts',
  prometheus: 'prometheus',
};

function energyProblems(yaml: YamlSource): readonly Problem[] {
  const energy = valueAt(yaml.value, ['energy']);
  if (!isObject(energy)) return [];
  return [
    ...meterWithoutSettings(yaml, energy),
    ...unknownZone(yaml, energy['zone']),
    ...unknownMetered(yaml, energy['upstreams']),
  ];
}

function meterWithoutSettings(yaml: YamlSource, energy: JsonObject): readonly Problem[] {
  const { meter } = energy;
  if (typeof meter !== 'string') return [];
  const needed = own(NEEDED_BY, meter);
  if (needed === undefined || energy[needed] !== undefined) return [];
  const message = `\`meter: ${meter}\` needs \`energy.${needed}\` beside it`;
  return [yaml.problem(['energy', 'meter'], message)];
}

function unknownZone(yaml: YamlSource, zone: unknown): readonly Problem[] {
  if (typeof zone !== 'string' || yearlyIntensity(zone) !== undefined) return [];
  const instead = suggestion(zone, gridZones(), 'write a code such as `DEU` or `US-CAL-CISO`');
  return [yaml.problem(['energy', 'zone'], `no grid has this zone; ${instead}`)];
}

/** Undefined where none is configured. */
function upstreamNames(yaml: YamlSource): readonly string[] | undefined {
  const list = valueAt(yaml.value, ['upstreams']);
  if (!Array.isArray(list)) return undefined;
  return list.flatMap((each: unknown) =>
    isObject(each) && typeof each['name'] === 'string' ? [each['name']] : [],
  );
}

function unknownMetered(yaml: YamlSource, metered: unknown): readonly Problem[] {
  const names = upstreamNames(yaml);
  if (names === undefined || !Array.isArray(metered)) return [];
  return metered.flatMap((name: unknown, index) => {
    if (typeof name !== 'string' || names.includes(name)) return [];
    const message = `there is no upstream \`${name}\`; ${suggestion(name, names)}`;
    return [yaml.problem(['energy', 'upstreams', index], message)];
  });
}

function unknownUpstreamsOfKeys(yaml: YamlSource): readonly Problem[] {
  const keys = valueAt(yaml.value, ['auth', 'keys']);
  const names = upstreamNames(yaml) ?? ['local', 'cloud'];
  if (!Array.isArray(keys)) return [];
  return keys.flatMap((key: unknown, at) => {
    const upstreams = isObject(key) ? key['upstreams'] : undefined;
    if (!Array.isArray(upstreams)) return [];
    return upstreams.flatMap((name: unknown, index) => {
      if (typeof name !== 'string' || names.includes(name)) return [];
      const message = `there is no upstream \`${name}\`; ${suggestion(name, names)}`;
      return [yaml.problem(['auth', 'keys', at, 'upstreams', index], message)];
    });
  });
}

/** Files that no connection could be made with. */
function serverCertificate(yaml: YamlSource, baseDir: string): readonly Problem[] {
  const tls = valueAt(yaml.value, ['server', 'tls']);
  if (!isObject(tls)) return [];
  const { cert, key, clientCa } = tls;
  if (typeof cert !== 'string' || typeof key !== 'string') return [];
  const paths = {
    cert: resolve(baseDir, cert),
    key: resolve(baseDir, key),
    ...(typeof clientCa === 'string' ? { ca: resolve(baseDir, clientCa) } : {}),
  };
  return certificateProblems(paths).map(({ member, message }) =>
    yaml.problem(['server', 'tls', member === 'ca' ? 'clientCa' : member], message),
  );
}

/** Any page that a user of this machine opens could spend and read. */
function openToPages(yaml: YamlSource): readonly Problem[] {
  const mode = valueAt(yaml.value, ['auth', 'mode']) ?? 'open';
  const cors = valueAt(yaml.value, ['server', 'cors']);
  if (mode !== 'open' || !Array.isArray(cors) || !cors.includes('*')) return [];
  const message =
    '`*` lets every web page ask this gateway, which wants no key; write the origins of your pages, or `auth: { mode: keys, … }`';
  return [yaml.problem(['server', 'cors'], message)];
}

function openOnPublicHost(yaml: YamlSource, serverHost: string): readonly Problem[] {
  const mode = valueAt(yaml.value, ['auth', 'mode']) ?? 'open';
  if (mode !== 'open') return [];
  const admin = valueAt(yaml.value, ['admin', 'host']);
  const isPublicAdmin = typeof admin === 'string' && !isLoopback(admin);
  if (isLoopback(serverHost) && !isPublicAdmin) return [];
  const place =
    mode === valueAt(yaml.value, ['auth', 'mode']) ? ['auth', 'mode'] : ['server', 'host'];
  return [
    yaml.problem(
      place,
      '`auth: { mode: open }` needs a host that only this machine reaches (127.0.0.1, ::1, localhost); ' +
        'for any other host write `auth: { mode: keys, keys: [{ name: …, key: ${…} }] }`',
    ),
  ];
}
