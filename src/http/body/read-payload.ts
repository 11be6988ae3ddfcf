/** From the bytes of a request to its JSON: checked, and what is forwarded can be read in one way only. Pure. */
import { isUtf8 } from 'node:buffer';
import type { Call } from '../../core/call.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ReadOptions } from '../../core/large-bodies.ts';
import { withoutMark } from '../../lib/byte-order-mark.ts';
import { isObject, type JsonObject } from '../../lib/json.ts';
import { membersKept, membersWritten } from '../../lib/json-members.ts';
import { withoutIdleMembers } from './idle-members.ts';
import { isTooDeep, parseBody, requireUtf8 } from './parse.ts';

/** The parts of a request that determine how its body is read. */
export type ReadBy = Pick<Call, 'operation' | 'method' | 'path' | 'contentType'>;

export interface ReadPayload {
  /** The bytes to forward. */
  readonly payload: Buffer;
  /** `{}` for a carried body that is not JSON. */
  readonly body: JsonObject;
}

/** @throws GatewayError `caller_*` */
export function readPayload(given: Buffer, by: ReadBy, options: ReadOptions): ReadPayload {
  const { operation } = by;
  const { maxDepth, namedModel } = options;
  if (operation === 'passthrough') return unambiguous(given, carriedBody(given, by, maxDepth));
  const bare = withoutMark(given);
  const payload = namedModel === undefined ? bare : withModel(bare, namedModel);
  return withoutIdleMembers(
    unambiguous(payload, parseBody(payload, operation, maxDepth)),
    operation,
  );
}

/** A payload that is not a JSON object stays unchanged: parsing it reports the error. */
function withModel(payload: Buffer, model: string): Buffer {
  const body = tryParse(payload, Infinity);
  if (typeof body['model'] === 'string' || Object.keys(body).length === 0) return payload;
  return Buffer.from(JSON.stringify({ ...body, model }));
}

/**
 * Parses the JSON body of another route if it can, for its model and for signals; else it is forwarded unread.
 * @throws GatewayError `caller_unknown_route` for a chat: a passthrough route must not bypass the policy
 */
function carriedBody(
  payload: Buffer,
  { contentType, method, path }: ReadBy,
  maxDepth: number,
): JsonObject {
  const body = isJson(contentType) ? tryParse(payload, maxDepth) : {};
  if (contentType !== '' && isJson(contentType)) requireUtf8(payload);
  if (typeof body['model'] === 'string' && Array.isArray(body['messages'])) {
    throw new GatewayError(
      'caller_unknown_route',
      `Invalid URL (${method} /v1${path}). The body is a chat: send it with POST to /v1/chat/completions.`,
      { wireCode: 'unknown_url' },
    );
  }
  return body;
}

export const isJson = (contentType: string): boolean =>
  contentType === '' || contentType.includes('json');

/**
 * JSON.parse keeps only the last of duplicate keys; if there are any, the parsed body is serialised again,
 * so that the upstream cannot read a value that was never evaluated.
 */
function unambiguous(payload: Buffer, body: JsonObject): ReadPayload {
  const kept = membersKept(body);
  if (kept === 0 || membersWritten(payload) === kept) return { payload, body };
  return { payload: Buffer.from(JSON.stringify(body)), body };
}

/** A body nested too deep is forwarded unread: code that walks a body recurses. */
function tryParse(payload: Buffer, maxDepth: number): JsonObject {
  try {
    const body: unknown = JSON.parse(payload.toString('utf8'));
    return isUtf8(payload) && isObject(body) && !isTooDeep(body, maxDepth) ? body : {};
  } catch {
    return {};
  }
}
