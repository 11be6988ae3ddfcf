/** A request that arrived at a mock upstream, kept complete for the test. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { gunzipSync, inflateSync, brotliDecompressSync } from 'node:zlib';
import { isObject, type Json, type JsonObject } from '../../../src/lib/json.ts';
import { isList } from './json.ts';

export interface MockRequest {
  /** On the clock of `performance.now()`. */
  readonly arrivedMs: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The body's bytes as received, still encoded. */
  readonly raw: Buffer;
  /** The parsed body; `{}` when it is not a JSON object. */
  readonly body: JsonObject;
  /** The client closed its socket before the answer was whole. */
  aborted: boolean;
  /** The mock itself cut the connection. */
  cut: boolean;
  /** Chunks of a stream written so far. */
  chunks: number;
  /** The text that this request asks about, marker included. */
  readonly text: string;
}

export async function readRequest(message: IncomingMessage): Promise<MockRequest> {
  const parts: Buffer[] = [];
  // A request without an encoding set gives buffers.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  for await (const part of message) parts.push(part as Buffer);
  const raw = Buffer.concat(parts);
  const url = new URL(message.url ?? '/', 'http://mock');
  const body = parsed(decoded(raw, message.headers['content-encoding']));
  return {
    arrivedMs: performance.now(),
    method: message.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: message.headers,
    raw,
    body: isObject(body) ? body : {},
    aborted: false,
    cut: false,
    chunks: 0,
    text: isObject(body) ? lastText(body) : raw.toString('latin1'),
  };
}

function decoded(raw: Buffer, encoding: string | undefined): Buffer {
  if (encoding === 'gzip') return gunzipSync(raw);
  if (encoding === 'deflate') return inflateSync(raw);
  if (encoding === 'br') return brotliDecompressSync(raw);
  return raw;
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

/** The last user text in a body of any operation: messages, prompt, input. */
function lastText(body: JsonObject): string {
  const turns = body['messages'] ?? body['input'] ?? body['prompt'] ?? '';
  if (!isList(turns)) return typeof turns === 'string' ? turns : '';
  const users = turns.filter(
    (turn) => typeof turn === 'string' || (isObject(turn) && turn['role'] === 'user'),
  );
  return textOf(users.at(-1));
}

/** Text of a message, of its content, or of a list of parts. */
export function textOf(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  if (isList(value)) return value.map(textOf).join('');
  if (!isObject(value)) return '';
  return textOf(value['content'] ?? value['text']);
}
