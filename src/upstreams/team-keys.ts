/** Credentials of an upstream by team, so that the provider keeps teams apart too. */
import { z } from 'zod';
import { teamOf, type Caller } from '../core/call.ts';
import { keyName } from '../core/key-name.ts';
import type { ResolveTools } from '../core/upstream-kind.ts';
import { secretText } from '../core/config-texts.ts';
import type { Secret } from '../lib/secret.ts';

export type TeamKeys = Readonly<Record<string, Secret>>;

/** The member for a kind's schema. */
export const apiKeys = z.exactOptional(z.record(keyName, secretText));

/** Those that are not empty; undefined where there is none. */
export function resolveTeamKeys(
  written: object | undefined,
  tools: ResolveTools,
): { readonly apiKeys?: TeamKeys } {
  const found = Object.keys(written ?? {}).flatMap((team) => {
    const key = tools.secret('apiKeys', team);
    return key === undefined ? [] : [[team, key] as const];
  });
  return found.length === 0 ? {} : { apiKeys: Object.fromEntries(found) };
}

/** The headers that carry a caller's credential: of its team, or those of the upstream itself. */
export function headersByTeam(
  keys: TeamKeys | undefined,
  headersWith: (key: string) => readonly string[],
  own: readonly string[],
): (caller: Caller) => readonly string[] {
  if (keys === undefined) return () => own;
  const byTeam = new Map(
    Object.entries(keys).map(([team, key]) => [team, headersWith(key.reveal())] as const),
  );
  return (caller) => byTeam.get(teamOf(caller) ?? '') ?? own;
}

/** What no error may show. */
export const wordsOf = (keys: TeamKeys | undefined): readonly string[] =>
  Object.values(keys ?? {}).map((key) => key.reveal());
