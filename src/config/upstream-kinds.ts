/** The parts of the configuration that the kinds of upstream define: their schemas and their secret members. */
import { z } from 'zod';
import type { Schema, UpstreamKind } from '../core/upstream-kind.ts';
import { secretText } from '../core/config-texts.ts';
import { isObject } from '../lib/json.ts';

/** The schema of one upstream of any of these kinds. */
export function upstreamSchema(kinds: readonly UpstreamKind[]) {
  const [first, ...others] = kinds.map((kind) => objectSchema(kind.schema));
  if (first === undefined) throw new Error('There must be at least one kind of upstream.');
  return z.discriminatedUnion('kind', [first, ...others], {
    error: `must be ${alternatives(kinds)}`,
  });
}

function objectSchema<Output>(schema: Schema<Output>): Schema<Output> & z.ZodObject {
  if (schema instanceof z.ZodObject) return schema;
  throw new Error('The schema of a kind of upstream must be an object of zod.');
}

function alternatives(kinds: readonly UpstreamKind[]): string {
  const names = kinds.map(
    ({ kind, hint }) => `\`${kind}\`${hint === undefined ? '' : ` (${hint})`}`,
  );
  const last = names.pop() ?? '';
  return names.length === 0 ? last : `${names.join(', ')} or ${last}`;
}

interface SecretMember {
  readonly member: string;
  readonly optional: boolean;
}

/**
 * The secret members of an upstream, as written. They include secret members of other kinds: a secret written out must be
 * reported under a wrong `kind` too.
 */
export function upstreamSecrets(
  kinds: readonly UpstreamKind[],
  written: unknown,
): readonly SecretMember[] {
  const kind = isObject(written) ? written['kind'] : undefined;
  const own = kinds.find((each) => each.kind === kind);
  const ofOwn = own === undefined ? [] : secretMembers(own);
  const plain = own === undefined ? {} : objectSchema(own.schema).shape;
  const ofOthers = kinds
    .filter((each) => each !== own)
    .flatMap(secretMembers)
    .filter(({ member }) => !Object.hasOwn(plain, member));
  return [...new Map([...ofOthers, ...ofOwn].map((one) => [one.member, one])).values()];
}

/** Whether a member of an upstream may hold a secret, whatever its kind: its own members, the teams' keys, headers. */
export const mayBeSecret = (kinds: readonly UpstreamKind[], member: unknown): boolean =>
  member === 'apiKeys' ||
  member === 'headers' ||
  kinds.flatMap(secretMembers).some((secret) => secret.member === member);

function secretMembers({ schema }: UpstreamKind): readonly SecretMember[] {
  return Object.entries(objectSchema(schema).shape).flatMap(([member, type]) => {
    const optional = type instanceof z.ZodExactOptional || type instanceof z.ZodOptional;
    return (optional ? type.unwrap() : type) === secretText ? [{ member, optional }] : [];
  });
}
