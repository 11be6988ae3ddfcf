/**
 * Members by which clients say nothing, and which some servers refuse. They are left out where a request is read, so that no upstream
 * and no limit has to know of them. Which are, and which are refused, is said in `docs/routes.md`.
 */
import type { Operation } from '../../core/call.ts';
import { LIMIT_MEMBERS } from '../../core/output-limit.ts';
import { isGiven, type JsonObject } from '../../lib/json.ts';
import { withMembers } from '../../lib/json-outline.ts';
import { spliceJson } from '../../lib/json-splice.ts';

interface Read {
  readonly payload: Buffer;
  readonly body: JsonObject;
}

/** llama.cpp, LM Studio and their clients say so that there is no limit. */
export const NO_LIMIT = -1;

/** @param read checked by `parseBody`. The very same where nothing is left out */
export function withoutIdleMembers(read: Read, operation: Operation): Read {
  if (operation === 'passthrough' || operation === 'embeddings') return read;
  const names = idleIn(read.body);
  if (names === undefined) return read;
  const changes = Object.fromEntries(names.map((name) => [name, undefined]));
  return {
    body: withMembers(read.body, changes),
    payload: spliceJson(read.payload, changes),
  };
}

/** Asked of each request: nothing is made where there is nothing. */
function idleIn(body: JsonObject): string[] | undefined {
  let names: string[] | undefined;
  for (const name of LIMIT_MEMBERS) if (body[name] === NO_LIMIT) (names ??= []).push(name);
  if (isGiven(body['stream_options']) && body['stream'] !== true)
    (names ??= []).push('stream_options');
  const { stop } = body;
  if (Array.isArray(stop) && stop.length === 0) (names ??= []).push('stop');
  return names;
}
