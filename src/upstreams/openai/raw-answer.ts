/** An answer of a carried route: passed on as it comes, but for errors, which may quote what was sent. */
import type { Call } from '../../core/call.ts';
import type { Answer } from '../../core/upstream.ts';
import { MOST_ERROR_CHARS } from '../clean-words.ts';
import { decoded } from '../http/decoded.ts';
import type { Exchange } from '../http/exchange.ts';
import { mediaType, visibleHeaders } from '../http/headers.ts';
import { rawChunks } from '../http/passthrough-body.ts';
import { bodyOf } from './form.ts';
import { isRetrieval, retrievedResponse } from './retrieved-response.ts';
import type { Server } from './server.ts';
import { MAX_ERROR_BYTES, readErrorText } from './whole.ts';

export async function rawAnswer(from: Exchange, call: Call, server: Server): Promise<Answer> {
  const isMedia = /^(?:audio|image|video)\//.test(mediaType(from.headers));
  if (from.status >= 400 && !isMedia) return await rawError(from, server);
  if (isRetrieval(call)) return await retrievedResponse(from, call, server);
  const headers = visibleHeaders(from.headers, 'raw');
  return { kind: 'raw', status: from.status, headers, chunks: rawChunks(from) };
}

/** Errors of carried routes are short, and the only part of them that quotes what was sent. */
async function rawError(given: Exchange, { name, clean }: Server): Promise<Answer> {
  const from = decoded(given, name);
  const said = await readErrorText(from, MAX_ERROR_BYTES);
  const isCut = said.length > MOST_ERROR_CHARS;
  const error = { message: clean(said), type: 'upstream_error', param: null, code: null };
  const text = isCut ? JSON.stringify({ error }) : clean(said);
  const { 'content-encoding': _, ...headers } = visibleHeaders(from.headers, 'raw');
  const chunks = rawChunks({ ...bodyOf(Buffer.from(text)) });
  return { kind: 'raw', status: from.status, headers, chunks };
}
