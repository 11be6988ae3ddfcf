/** Sends conversations to a gateway, gently, until told to stop. */
import { setTimeout as pause } from 'node:timers/promises';
import { isObject } from '../../lib/json.ts';

export interface Conversation {
  readonly id: string;
  readonly language: 'en' | 'es';
  readonly level: 'easy' | 'hard';
  /** What the customer writes, turn by turn; each waits for the answer to the one before. */
  readonly turns: readonly string[];
}

/** What became of one request. */
export interface Sent {
  readonly status: number;
  /** Small, large or pinned, as the gateway's header says; '' when it failed. */
  readonly tier: string;
}

export interface TrafficOptions {
  /** The gateway, without `/v1`: only ever a loopback address. */
  readonly url: string;
  readonly conversations: readonly Conversation[];
  /** New conversations a second. */
  readonly perSecond: number;
  /** Conversations at the same time, at most. */
  readonly concurrency: number;
  /** Times through the list; undefined = until stopped. */
  readonly rounds?: number;
  readonly random: () => number;
  /** No new request after it; those under way have `graceMs` to be answered. */
  readonly signal: AbortSignal;
  readonly graceMs: number;
  readonly onSent: (sent: Sent) => void;
}

const SYSTEM = {
  en: 'You are the support assistant of an online shop. Answer briefly and politely.',
  es: 'Eres el asistente de atención al cliente de una tienda en línea. Responde con brevedad y cortesía.',
};

/** Resolves when the rounds are over or the signal is given, and nothing is under way any more. */
export async function runTraffic(options: TrafficOptions): Promise<void> {
  const { conversations, perSecond, concurrency, rounds, signal } = options;
  const running = new Set<Promise<void>>();
  const hangUp = new AbortController();
  const stop = (): void => void setTimeout(() => hangUp.abort(), options.graceMs).unref();
  signal.addEventListener('abort', stop, { once: true });
  for (let round = 1; !signal.aborted && round <= (rounds ?? Infinity); round++)
    for (const conversation of shuffle(conversations, options.random)) {
      if (signal.aborted) break;
      if (running.size >= concurrency) await Promise.race(running);
      const one = converse(conversation, round, { ...options, hangUp: hangUp.signal }).finally(() =>
        running.delete(one),
      );
      running.add(one);
      await quietPause(1000 / perSecond, signal);
    }
  await Promise.all(running);
}

/** Ends early, without a word, when the signal is given. */
const quietPause = (ms: number, signal: AbortSignal): Promise<void> =>
  pause(ms, undefined, { signal }).catch(() => undefined);

interface Line extends TrafficOptions {
  readonly hangUp: AbortSignal;
}

interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

async function converse(conversation: Conversation, round: number, options: Line): Promise<void> {
  const messages: Message[] = [{ role: 'system', content: SYSTEM[conversation.language] }];
  for (const turn of conversation.turns) {
    if (options.signal.aborted) return;
    messages.push({ role: 'user', content: turn });
    const answer = await ask(messages, `${conversation.id}-${round}`, options);
    if (answer === undefined) return;
    messages.push({ role: 'assistant', content: answer });
  }
}

/** Every third request is streamed; every fifth names a large model, as an application would that knows nothing of the gateway. */
async function ask(
  messages: readonly Message[],
  conversationId: string,
  options: Line,
): Promise<string | undefined> {
  const stream = options.random() < 1 / 3;
  const model = options.random() < 1 / 5 ? 'gpt-4o' : 'auto';
  try {
    const response = await fetch(`${options.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-conversation-id': conversationId },
      body: JSON.stringify({ model, stream, messages }),
      signal: options.hangUp,
    });
    const text = await response.text();
    const tier = response.headers.get('x-smallfirst-tier') ?? '';
    options.onSent({ status: response.status, tier });
    return response.ok ? answerIn(text, stream) : undefined;
  } catch {
    if (!options.hangUp.aborted) options.onSent({ status: 0, tier: '' });
    return undefined;
  }
}

/** The assistant's words in a whole or a streamed answer; undefined where they cannot be read. */
export function answerIn(text: string, stream: boolean): string | undefined {
  if (!stream) return contentOf(text, 'message');
  const parts = text
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => contentOf(line.slice('data: '.length), 'delta') ?? '');
  return parts.join('');
}

function contentOf(json: string, member: 'message' | 'delta'): string | undefined {
  const body: unknown = JSON.parse(json);
  const choices = isObject(body) ? body['choices'] : undefined;
  const first: unknown = Array.isArray(choices) ? choices[0] : undefined;
  const part = isObject(first) ? first[member] : undefined;
  const content = isObject(part) ? part['content'] : undefined;
  return typeof content === 'string' ? content : undefined;
}

/** In random order. */
function shuffle<T>(list: readonly T[], random: () => number): readonly T[] {
  const drawn = list.map((item) => ({ item, at: random() }));
  return drawn.toSorted((one, other) => one.at - other.at).map(({ item }) => item);
}
