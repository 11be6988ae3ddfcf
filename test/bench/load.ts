/** Closed loops of requests over keep-alive connections, with as little work a request as undici allows. */
import { Pool, type Dispatcher } from 'undici';
import type { BenchServer } from './servers.ts';

/** Anything but a whole answer with status 200 counts as an error. */
export interface Result {
  readonly requests: number;
  readonly errors: number;
  readonly seconds: number;
  /** Milliseconds, one a request, in order of arrival. */
  readonly latenciesMs: readonly number[];
}

export interface LoadOptions {
  readonly concurrency: number;
  /** Ends after so many seconds or so many requests, whichever comes first. */
  readonly seconds?: number;
  readonly requests?: number;
  /** Sent in turn; numbered ones of our own by default. */
  readonly bodies?: readonly string[];
  readonly onProgress?: (done: number) => void;
}

const PROMPTS = [
  'How do I reset my password? I tried the link in the mail and it says that it has expired.',
  '¿Dónde puedo ver el estado de mi pedido? Lo compré el martes y todavía no ha llegado.',
  'Please explain step by step why the proof by induction fails when the base case is n = 0.',
  'My invoice shows 2 seats but we only have one user. Can you correct it and send a new one?',
];
const SYSTEM = 'You are the support assistant of a small shop. Answer briefly and kindly.';

/** Bodies differ by number, so that no answer can come from a cache. */
export function chatBody(number: number, more: object = {}): string {
  const prompt = PROMPTS[number % PROMPTS.length] ?? '';
  return JSON.stringify({
    model: 'gpt-4o',
    messages: [
      { role: 'system', content: SYSTEM },
      { role: 'user', content: `${prompt} (${number})` },
    ],
    ...more,
  });
}

export async function load(server: BenchServer, options: LoadOptions): Promise<Result> {
  const { concurrency, seconds = Infinity, requests = Infinity, bodies = [] } = options;
  const pool = new Pool(server.origin, { connections: concurrency, pipelining: 1 });
  const headers = { 'content-type': 'application/json', ...server.headers };
  const latenciesMs: number[] = [];
  let sent = 0;
  let errors = 0;
  const start = performance.now();
  const until = start + seconds * 1000;
  const worker = async () => {
    while (sent < requests && performance.now() < until) {
      sent += 1;
      const began = performance.now();
      const good = await once(pool, headers, bodies[sent % bodies.length] ?? chatBody(sent));
      latenciesMs.push(performance.now() - began);
      if (!good) errors += 1;
      options.onProgress?.(latenciesMs.length);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const elapsed = (performance.now() - start) / 1000;
  await pool.close();
  return { requests: latenciesMs.length, errors, seconds: elapsed, latenciesMs };
}

function once(pool: Pool, headers: Record<string, string>, body: string): Promise<boolean> {
  return new Promise((resolve) => {
    let status = 0;
    let whole = '';
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart() {},
      onResponseStart(_controller, statusCode) {
        status = statusCode;
      },
      onResponseData(_controller, chunk) {
        whole += chunk.toString('latin1');
      },
      onResponseEnd() {
        resolve(status === 200 && whole.includes('reset your password') && whole.endsWith('}'));
      },
      onResponseError() {
        resolve(false);
      },
    };
    pool.dispatch({ path: '/v1/chat/completions', method: 'POST', headers, body }, handler);
  });
}
