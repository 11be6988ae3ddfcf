/** Sends conversations to a gateway at a limited rate, until it is stopped. */
import { setTimeout as pause } from 'node:timers/promises';
import { isObject } from '../../lib/json.ts';

export interface Conversation {
  readonly id: string;
  readonly language: 'en' | 'es';
  readonly level: 'easy' | 'hard';
  /** The customer's messages; each is sent after the answer to the previous one. */
  readonly turns: readonly string[];
}

/** The result of one request. */
export interface Sent {
  readonly status: number;
  /** `x-smallfirst-tier`: small, large or pinned; '' when the request failed. */
  readonly tier: string;
}

export interface TrafficOptions {
  /** The gateway, without `/v1`: always a loopback address. */
  readonly url: string;
  readonly conversations: readonly Conversation[];
  /** New conversations per second. */
  readonly perSecond: number;
  /** The maximum number of concurrent conversations. */
  readonly concurrency: number;
  /** Rounds through the list; undefined = until stopped. */
  readonly rounds?: number;
  readonly random: () => number;
  /** Stops new requests; those under way have `graceMs` to finish. */
  readonly signal: AbortSignal;
  readonly graceMs: number;
  readonly onSent: (sent: Sent) => void;
}

const SYSTEM = {
  en: 'You are the support assistant of an online shop. Answer briefly and politely.',
  es: 'Eres el asistente de atención al cliente de una tienda en línea. Responde con brevedad y cortesía.',
};

/** Resolves when the rounds are over or the signal fired, and no request is under way. */
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
      await abortablePause(1000 / perSecond, signal);
    }
  await Promise.all(running);
}

/** Resolves early when the signal fires. */
const abortablePause = (ms: number, signal: AbortSignal): Promise<void> =>
  pause(ms, undefined, { signal }).catch(() => undefined);

interface ConverseOptions extends TrafficOptions {
  readonly hangUp: AbortSignal;
}

interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

async function converse(
  conversation: Conversation,
  round: number,
  options: ConverseOptions,
): Promise<void> {
  const messages: Message[] = [{ role: 'system', content: SYSTEM[conversation.language] }];
  for (const turn of conversation.turns) {
    if (options.signal.aborted) return;
    messages.push({ role: 'user', content: turn });
    const answer = await sendTurn(messages, `${conversation.id}-${round}`, options);
    if (answer === undefined) return;
    messages.push({ role: 'assistant', content: answer });
  }
}

/** A third of the requests is streamed; a fifth names a large model, as an unmodified application does. */
async function sendTurn(
  messages: readonly Message[],
  conversationId: string,
  options: ConverseOptions,
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
    return response.ok ? answerIn(text, { stream }) : undefined;
  } catch {
    if (!options.hangUp.aborted) options.onSent({ status: 0, tier: '' });
    return undefined;
  }
}

/** The assistant's text in a whole or a streamed answer; undefined if there is none. */
export function answerIn(
  text: string,
  { stream }: { readonly stream: boolean },
): string | undefined {
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

function shuffle<T>(list: readonly T[], random: () => number): readonly T[] {
  const drawn = list.map((item) => ({ item, at: random() }));
  return drawn.toSorted((one, other) => one.at - other.at).map(({ item }) => item);
}
