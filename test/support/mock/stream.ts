/** Writes a stream of events like real servers and like broken ones. */
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import type { Json } from '../../../src/lib/json.ts';
import type { AnswerBehaviour, Behaviour, BrokenStream, Framing } from './behaviour.ts';
import { errorBody } from './errors.ts';
import type { MockRequest } from './request.ts';

export interface OutEvent {
  readonly event?: string;
  /** The string `[DONE]` is written without quotes. */
  readonly data: Json;
}

export interface Exchange {
  readonly request: MockRequest;
  readonly response: ServerResponse;
  readonly behaviour: Behaviour;
  /** Aborts when the client has disconnected. */
  readonly gone: AbortSignal;
}

function eventText({ event, data }: OutEvent, framing: Framing): string {
  const eol = framing.eol ?? '\n';
  const name = event ?? (framing.named ? 'message' : undefined);
  const lines = [
    ...(framing.comments ? [': still here'] : []),
    ...(framing.named ? ['id: 7'] : []),
    ...(name === undefined ? [] : [`event: ${name}`]),
    `data:${framing.noSpace ? '' : ' '}${data === '[DONE]' ? data : JSON.stringify(data)}`,
  ];
  return lines.join(eol) + eol + eol;
}

export async function writeStream(exchange: Exchange, events: readonly OutEvent[]): Promise<void> {
  const { behaviour, response } = exchange;
  const headers = behaviour.kind === 'answer' ? behaviour.headers : undefined;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    ...headers,
  });
  response.flushHeaders();
  if (behaviour.kind === 'broken') return writeBroken(exchange, behaviour, events);
  if (behaviour.kind === 'answer') await writeWhole(exchange, behaviour, events);
  response.end();
}

async function writeWhole(
  exchange: Exchange,
  behaviour: AnswerBehaviour,
  events: readonly OutEvent[],
): Promise<void> {
  const { framing = {}, chunkDelayMs = 0, firstChunkDelayMs = 0 } = behaviour;
  const kept = framing.noDone ? events.filter(({ data }) => data !== '[DONE]') : events;
  const texts = kept.map((event) => eventText(event, framing));
  const writes = framing.pairs ? paired(texts) : texts;
  if (firstChunkDelayMs > 0) await wait(firstChunkDelayMs, undefined, { ref: false });
  for (const [index, text] of writes.entries()) {
    await behaviour.gate?.(index);
    if (exchange.gone.aborted) return;
    await writeSplit(exchange.response, Buffer.from(text), framing);
    exchange.request.chunks += 1;
    if (chunkDelayMs > 0 && index < writes.length - 1)
      await wait(chunkDelayMs, undefined, { ref: false });
  }
}

const paired = (texts: readonly string[]): readonly string[] =>
  texts.flatMap((text, index) => (index % 2 === 0 ? [text + (texts[index + 1] ?? '')] : []));

/** Hands each piece to the kernel before the next, so that a reader can see the cut. */
async function writeSplit(
  response: ServerResponse,
  bytes: Buffer,
  framing: Framing,
): Promise<void> {
  const every = framing.splitEvery ?? bytes.length;
  const regular = Array.from(
    { length: Math.ceil(bytes.length / every) - 1 },
    (_, i) => (i + 1) * every,
  );
  const cuts = framing.splitAt ?? regular;
  const edges = [0, ...cuts.filter((cut) => cut > 0 && cut < bytes.length), bytes.length];
  for (const [index, from] of edges.slice(0, -1).entries()) {
    response.write(bytes.subarray(from, edges[index + 1]));
    if (edges.length > 2) await turn();
  }
}

async function writeBroken(
  exchange: Exchange,
  behaviour: BrokenStream,
  events: readonly OutEvent[],
): Promise<void> {
  const { response, request } = exchange;
  for (const event of events.slice(0, behaviour.after)) {
    await flushed(response, eventText(event, {}));
    request.chunks += 1;
  }
  const next = eventText(events[behaviour.after] ?? { data: {} }, {});
  const half = next.slice(0, Math.ceil(next.length / 2));
  switch (behaviour.how) {
    case 'reset':
      return resetSoon(exchange);
    case 'half-reset':
      await flushed(response, half);
      return resetSoon(exchange);
    case 'half-event':
      response.end(half);
      return;
    case 'garbage':
      response.end('data: {"this is": no JSON\n\ndata: [DONE]\n\n');
      return;
    case 'error-event': {
      const { body } = errorBody({ status: 500, shape: behaviour.shape ?? 'openai' });
      response.end(`data: ${body}\n\n`);
      return;
    }
    case 'done':
      response.end('data: [DONE]\n\n');
      return;
    case 'end':
      response.end();
      return;
    case 'stall':
      return;
  }
}

function flushed(response: ServerResponse, text: string): Promise<void> {
  return new Promise((resolve) => {
    response.write(text, () => resolve());
  });
}

/** Waits for the event loop first, so that written bytes are sent before the RST discards the rest. */
export async function resetSoon({ request, response }: Exchange): Promise<void> {
  request.cut = true;
  await turn();
  await turn();
  response.socket?.resetAndDestroy();
}
