/** Names of keys and teams, of the configuration and of the store, and what else names them. */
import { DASHBOARD_CALLER } from '../core/keys.ts';
import { isObject } from '../lib/json.ts';
import type { Problem } from '../lib/problems.ts';
import { suggestion } from '../lib/suggest.ts';
import type { YamlSource } from '../lib/yaml-source.ts';
import { valueAt } from '../lib/zod-problems.ts';

/** A key of the store. */
export interface KnownKey {
  readonly name: string;
  readonly team?: string | undefined;
}

/** Undefined where it is not known before the start which keys there are. */
export function knownNames(
  yaml: YamlSource,
  storedKeys: () => readonly KnownKey[] | undefined,
): Readonly<Record<'key' | 'team', readonly string[]>> | undefined {
  const stored = storedKeys();
  if (stored === undefined) return undefined;
  const keys = valueAt(yaml.value, ['auth', 'keys']);
  const known = Array.isArray(keys) ? keys.filter(isObject) : [];
  return {
    key: texts([
      DASHBOARD_CALLER,
      ...known.map((key) => key['name']),
      ...stored.map((key) => key.name),
    ]),
    team: texts([...known.map(teamIn), ...stored.map(({ team }) => team)]),
  };
}

const teamIn = (key: Readonly<Record<string, unknown>>): unknown =>
  key['team'] ?? (isObject(key['labels']) ? key['labels']['team'] : undefined);

const texts = (values: readonly unknown[]): readonly string[] =>
  values.filter((text) => typeof text === 'string');

/** Credentials of upstreams for teams that no key has: a misspelt one would send the upstream's own. */
export function credentialProblems(
  yaml: YamlSource,
  storedKeys: () => readonly KnownKey[] | undefined,
): readonly Problem[] {
  const upstreams = valueAt(yaml.value, ['upstreams']);
  const written = (Array.isArray(upstreams) ? upstreams : []).map((upstream: unknown) =>
    isObject(upstream) && isObject(upstream['apiKeys']) ? Object.keys(upstream['apiKeys']) : [],
  );
  if (written.flat().length === 0) return [];
  const teams = knownNames(yaml, storedKeys)?.team;
  if (teams === undefined) return [];
  return written.flatMap((named, index) =>
    named
      .filter((team) => !teams.includes(team))
      .map((team) =>
        yaml.problem(
          ['upstreams', index, 'apiKeys', team],
          `no key is of the team \`${team}\`; ${suggestion(team, teams)}`,
        ),
      ),
  );
}
