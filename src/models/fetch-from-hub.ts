/** Fetches a file from a model hub into a part file: resumes a partial download, hashes while it streams. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { EnvHttpProxyAgent, type Dispatcher } from 'undici';
import { GatewayError } from '../core/errors.ts';
import type { DownloadableModel, HubSource } from './downloads.ts';

export interface FetchOptions {
  /** The hub's base URL. */
  readonly hub: string;
  readonly partFile: string;
  readonly onProgress: (doneBytes: number) => void;
  readonly abort: AbortSignal;
}

/** The hub's URL of the file; it redirects to its storage. */
const hubUrl = (hub: string, { repository, revision, file }: HubSource): string =>
  `${hub.replace(/\/+$/, '')}/${repository}/resolve/${revision}/${file}`;

const MAX_REDIRECTS = 5;

/** Milliseconds without data after which the download fails; the received part is kept. */
const TIMEOUTS = { headersTimeout: 30_000, bodyTimeout: 60_000 } as const;

function request(
  dispatcher: Dispatcher,
  url: string,
  options: Omit<Dispatcher.RequestOptions, 'origin' | 'path'>,
): Promise<Dispatcher.ResponseData> {
  const { origin, pathname, search } = new URL(url);
  return dispatcher.request({ ...options, origin, path: pathname + search });
}

/**
 * Follows redirects itself, to keep the `range` header. Honours `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`.
 * Bodies of redirects are dropped. The caller must read or destroy the answer's body.
 */
async function get(
  url: string,
  headers: Record<string, string>,
  { dispatcher, abort }: { readonly dispatcher: Dispatcher; readonly abort: AbortSignal },
): Promise<Dispatcher.ResponseData> {
  let at = url;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const answer = await request(dispatcher, at, {
      method: 'GET',
      headers,
      signal: abort,
      ...TIMEOUTS,
    });
    const { location } = answer.headers;
    if (answer.statusCode < 300 || answer.statusCode >= 400 || typeof location !== 'string')
      return answer;
    await answer.body.dump();
    at = new URL(location, at).href;
  }
  throw new Error('too many redirects');
}

/**
 * Completes `partFile` and returns its SHA-256. Continues a partial file, or starts over if the server
 * cannot. Rejects with GatewayError that says what to do.
 */
export async function fetchFromHub(
  model: DownloadableModel,
  options: FetchOptions,
): Promise<string> {
  if (model.source.kind !== 'hub') throw new Error(`${model.name} is not on a hub`);
  const url = hubUrl(options.hub, model.source);
  const agent = new EnvHttpProxyAgent();
  try {
    return await continuePart(url, agent, options);
  } catch (error) {
    throw options.abort.aborted ? options.abort.reason : unreachable(model, url, error);
  } finally {
    await agent.destroy();
  }
}

async function continuePart(
  url: string,
  dispatcher: Dispatcher,
  { partFile, onProgress, abort }: FetchOptions,
): Promise<string> {
  const had = (await stat(partFile).catch(() => undefined))?.size ?? 0;
  const range: Record<string, string> = had > 0 ? { range: `bytes=${had}-` } : {};
  const { statusCode, headers, body } = await get(url, range, { dispatcher, abort });
  // 416: nothing is left to send. The hash shows whether the file is right.
  const isComplete = statusCode === 416 && had > 0;
  const continues = isComplete || (statusCode === 206 && startsAt(headers, had));
  if (!continues && statusCode !== 200) {
    await body.dump();
    throw new Error(`it answered with status ${statusCode}`);
  }
  const hash = createHash('sha256');
  let done = 0;
  const count = (bytes: number): void => onProgress((done += bytes));
  if (continues) await hashFile(partFile, hash, count);
  if (isComplete) await body.dump();
  else await writeBody(partFile, body, { append: continues, hash, count });
  return hash.digest('hex');
}

const startsAt = (headers: Dispatcher.ResponseData['headers'], byte: number): boolean =>
  String(headers['content-range']).startsWith(`bytes ${byte}-`);

async function hashFile(file: string, hash: Hash, count: (bytes: number) => void): Promise<void> {
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    // A stream without an encoding yields buffers.
    const bytes: Buffer = Buffer.from(chunk);
    hash.update(bytes);
    count(bytes.length);
  }
}

async function writeBody(
  file: string,
  body: AsyncIterable<Buffer>,
  to: { readonly append: boolean; readonly hash: Hash; readonly count: (bytes: number) => void },
): Promise<void> {
  await using handle = await open(file, to.append ? 'a' : 'w');
  for await (const chunk of body) {
    to.hash.update(chunk);
    await handle.writeFile(chunk);
    to.count(chunk.length);
  }
}

function unreachable(model: DownloadableModel, url: string, error: unknown): unknown {
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return error;
  const why = error instanceof Error ? error.message : String(error);
  return new GatewayError(
    'upstream_unreachable',
    `${model.name} could not be fetched from ${new URL(url).host} (${why}). What was received is kept, and the next try ` +
      'goes on from there; SMALLFIRST_MODEL_HUB names a mirror.',
    { cause: error },
  );
}

/**
 * The hub's SHA-256 of a large file, from the `x-linked-etag` header of its redirect to storage.
 * Undefined when there is none.
 */
export async function hubSha256(
  source: HubSource,
  { hub, abort }: Pick<FetchOptions, 'hub' | 'abort'>,
): Promise<string | undefined> {
  const agent = new EnvHttpProxyAgent();
  try {
    const { headers, body } = await request(agent, hubUrl(hub, source), {
      method: 'HEAD',
      signal: abort,
    });
    await body.dump();
    return /^"?([0-9a-f]{64})"?$/.exec(String(headers['x-linked-etag']))?.[1];
  } finally {
    await agent.destroy();
  }
}

/** Whether the hub serves the file: one HEAD request. Never throws; `detail` says why not. */
export async function hubAnswers(
  source: HubSource,
  { hub, abort }: Pick<FetchOptions, 'hub' | 'abort'>,
): Promise<{ readonly ok: boolean; readonly detail: string }> {
  const agent = new EnvHttpProxyAgent();
  try {
    const { statusCode, body } = await request(agent, hubUrl(hub, source), {
      method: 'HEAD',
      signal: abort,
    });
    await body.dump();
    return { ok: statusCode < 400, detail: `status ${statusCode}` };
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) };
  } finally {
    await agent.destroy();
  }
}
