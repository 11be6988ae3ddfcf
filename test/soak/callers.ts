/** Callers of every kind at an even rate, whatever becomes of the ones before: as many as there is time for. */
import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { numbered } from './faults.ts';

export interface Seen {
  asked: number;
  good: number;
  /** Left by their callers on purpose. */
  left: number;
  /** Not asked, since too many were under way. */
  held: number;
  /** Milliseconds of the good ones. */
  readonly waits: number[];
  /** How often each status, or what else became of a request, was seen of those that were not good. */
  readonly others: Map<string, number>;
}

const HARD =
  'Prove by induction, step by step, that every integer has a unique prime factorisation.';
const EASY = 'Hello, how do I reset my password?';

/** More at once than this says that the gateway does not keep up. */
const MOST_AT_ONCE = 200;
/** One in so many callers hangs up in its stream. */
const LEFT_EVERY = 50;

interface Asking {
  readonly path: string;
  readonly body: object;
}

/** Whole and streamed, of every route, easy and hard, short and long, by the number of the request. */
function askingOf(number: number): Asking {
  const long = number % 40 === 7 ? ` ${'Once more, the minutes of the last meeting.'.repeat(400)}` : '';
  const content = `${number % 3 === 0 ? HARD : EASY}${long} ${numbered(number)}`;
  const chat = { model: number % 5 === 0 ? 'gpt-4o' : 'auto', messages: [{ role: 'user', content }] };
  switch (number % 8) {
    case 0:
    case 1:
      return { path: '/v1/chat/completions', body: { ...chat, stream: true } };
    case 2:
      return { path: '/v1/responses', body: { model: 'auto', input: content } };
    case 3:
      return { path: '/v1/responses', body: { model: 'auto', input: content, stream: true } };
    case 4:
      return { path: '/v1/messages', body: { ...chat, max_tokens: 50 } };
    default:
      return { path: '/v1/chat/completions', body: chat };
  }
} // prettier-ignore

/** @param perSecond requests that begin in a second */
export async function callFor(url: URL, ms: number, perSecond: number): Promise<Seen> {
  const agent = new Agent({ keepAlive: true, maxSockets: MOST_AT_ONCE });
  const seen: Seen = { asked: 0, good: 0, left: 0, held: 0, waits: [], others: new Map() };
  const started = performance.now();
  const underWay = new Set<Promise<void>>();
  for (let number = 0; performance.now() - started < ms; number++) {
    if (underWay.size >= MOST_AT_ONCE) seen.held += 1;
    else {
      seen.asked += 1;
      const one: Promise<void> = ask(url, agent, number, seen).finally(() => underWay.delete(one));
      underWay.add(one);
    }
    const early = (number + 1) * (1000 / perSecond) - (performance.now() - started);
    if (early > 1) await wait(early);
  }
  await Promise.all(underWay);
  agent.destroy();
  return seen;
}

function ask(url: URL, agent: Agent, number: number, seen: Seen): Promise<void> {
  const { path, body } = askingOf(number);
  let hasLeft = false;
  const isLeft = number % LEFT_EVERY === 11 && 'stream' in body;
  const started = performance.now();
  const other = (what: string): void => void seen.others.set(what, (seen.others.get(what) ?? 0) + 1);
  return new Promise((resolve) => {
    const asked = request(new URL(path, url), {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json' },
    });
    const end = (what?: string): void => {
      if (what !== undefined) other(what);
      else {
        seen.good += 1;
        seen.waits.push(performance.now() - started);
      }
      resolve();
    };
    asked.once('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        text += part;
        if (!isLeft || hasLeft) return;
        hasLeft = true;
        seen.left += 1;
        asked.destroy();
        resolve();
      });
      answer.once('end', () => {
        if (!hasLeft) end(wrongIn(answer.statusCode ?? 0, text));
      });
      answer.once('error', () => (isLeft ? resolve() : end('cut')));
    });
    asked.once('error', (error) => (isLeft ? resolve() : end(error.message)));
    asked.end(JSON.stringify(body));
  });
} // prettier-ignore

/** Undefined for a whole answer. */
function wrongIn(status: number, text: string): string | undefined {
  if (status !== 200) return `${status} ${/"code":"?(\w+)/.exec(text)?.[1] ?? ''}`;
  if (/^data: \{"error"|"type":"response\.failed"|^event: error/m.test(text)) return 'error event';
  return undefined;
}
