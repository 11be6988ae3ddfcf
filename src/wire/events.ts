/** Server-sent events, as OpenAI's APIs frame them: written, mapped and closed. `sse.ts` reads them. */
import type { StreamEvent } from '../core/upstream.ts';
import { textIn, type JsonObject } from '../lib/json.ts';

const DATA = Buffer.from('data: ');
const END = Buffer.from('\n\n');

/** How many bytes of a plain event without a name stand before its JSON. */
export const DATA_OFFSET = DATA.length;

/** The last event of a chat stream. */
export const DONE: StreamEvent = { bytes: Buffer.from('data: [DONE]\n\n'), done: true };

/** An event of a chat or completion stream. */
export const dataEvent = (data: JsonObject): StreamEvent => ({
  bytes: Buffer.from(`data: ${JSON.stringify(data)}\n\n`),
  data,
});

/** An event of `/v1/responses`: its `event:` line repeats the `type`, as OpenAI sends it. */
export const namedEvent = (data: JsonObject): StreamEvent => ({
  bytes: Buffer.from(`event: ${textIn(data['type'])}\ndata: ${JSON.stringify(data)}\n\n`),
  data,
});

/** @param json must hold no line feed. */
export function frame(json: Uint8Array, name: string | undefined): Buffer {
  return name === undefined
    ? Buffer.concat([DATA, json, END])
    : Buffer.concat([Buffer.from(`event: ${name}\n`), DATA, json, END]);
}
