/** Streams, read chunk by chunk: when the first token came, what is missing, and how late each piece was. */
import { Pool, type Dispatcher } from 'undici';
import { chatBody } from './load.ts';
import type { BenchServer } from './servers.ts';

export interface StreamResult {
  readonly firstTokenMs: number;
  /** From the moment the upstream wrote a piece to the moment it was read here. */
  readonly latenessMs: readonly number[];
  /** Undefined = every piece once, in order, a finish chunk and `[DONE]` after it, and nothing else. */
  readonly damage: string | undefined;
}

export interface StreamShape {
  readonly chunks: number;
  readonly intervalMs: number;
}

/** One stream after another on one connection. */
export async function streamsInTurn(
  server: BenchServer,
  count: number,
  shape: StreamShape,
): Promise<readonly StreamResult[]> {
  const pool = poolFor(server, 1);
  const results: StreamResult[] = [];
  for (let index = 0; index < count; index += 1)
    results.push(await readStream(pool, server, shape, index));
  await pool.close();
  return results;
}

/** All at once, their starts spread evenly over one second. */
export async function streamsTogether(
  server: BenchServer,
  count: number,
  shape: StreamShape,
): Promise<readonly StreamResult[]> {
  const pool = poolFor(server, count);
  const results = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      await new Promise((resolve) => setTimeout(resolve, (index * 1000) / count));
      return readStream(pool, server, shape, index);
    }),
  );
  await pool.close();
  return results;
}

const poolFor = (server: BenchServer, connections: number) =>
  new Pool(server.origin, { connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });

function readStream(
  pool: Pool,
  server: BenchServer,
  shape: StreamShape,
  index: number,
): Promise<StreamResult> {
  const text = `chunks=${shape.chunks} interval=${shape.intervalMs} please tell me about order ${index}`;
  const body = chatBody(index, { stream: true, messages: [{ role: 'user', content: text }] });
  const headers = { 'content-type': 'application/json', ...server.headers };
  const reader = streamReader(shape.chunks);
  return new Promise((resolve) => {
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart() {},
      onResponseStart(_controller, statusCode) {
        if (statusCode !== 200) reader.fail(`status ${statusCode}`);
      },
      onResponseData(_controller, chunk) {
        reader.read(chunk);
      },
      onResponseEnd() {
        resolve(reader.result());
      },
      onResponseError(_controller, error) {
        reader.fail(error.message);
        resolve(reader.result());
      },
    };
    pool.dispatch({ path: '/v1/chat/completions', method: 'POST', headers, body }, handler);
  });
}

interface StreamReader {
  readonly read: (chunk: Buffer) => void;
  readonly fail: (why: string) => void;
  readonly result: () => StreamResult;
}

const PIECE = /"content":"#(\d+)@([\d.]+) "/;

function streamReader(expected: number): StreamReader {
  const began = performance.now();
  const latenessMs: number[] = [];
  let firstTokenMs = Number.NaN;
  let rest = '';
  let next = 0;
  let ending = '';
  let damage: string | undefined;
  const fail = (why: string) => {
    damage ??= why;
  };
  const readEvent = (event: string) => {
    if (event.startsWith(':')) return;
    const piece = PIECE.exec(event);
    if (piece === null) {
      ending +=
        event === 'data: [DONE]' ? 'D' : event.includes('"finish_reason":"stop"') ? 'F' : '?';
      return;
    }
    if (Number(piece[1]) !== next) fail(`piece ${piece[1]} where ${next} was due`);
    next += 1;
    latenessMs.push(performance.timeOrigin + performance.now() - Number(piece[2]));
  };
  return {
    fail,
    read: (chunk) => {
      if (Number.isNaN(firstTokenMs)) firstTokenMs = performance.now() - began;
      const events = (rest + chunk.toString('utf8')).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) readEvent(event);
    },
    result: () => {
      if (next !== expected) fail(`${next} pieces of ${expected}`);
      if (ending !== 'FD' || rest !== '') fail(`a wrong ending: ${ending}${rest}`);
      return { firstTokenMs, latenessMs, damage };
    },
  };
}
