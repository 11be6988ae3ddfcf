/**
 * Questions and news between a worker and its primary, over the channel that a child process has to its parent. Every question
 * has a deadline: whoever asks has an answer of its own for the case that none comes.
 */

/** What one side can be asked: the names, what each takes, and what it answers. */
export type Calls<T> = { readonly [K in keyof T]: (body: never) => unknown };

type Asked<T, K extends keyof T> = T[K] extends (body: infer Body) => unknown ? Body : never;
type Answered<T, K extends keyof T> = T[K] extends (body: never) => infer Answer
  ? Awaited<Answer>
  : never;

export interface Line<Theirs extends Calls<Theirs>> {
  /** Never waits, and never throws: where nobody is there any more, it is lost. */
  tell<K extends keyof Theirs & string>(what: K, body: Asked<Theirs, K>): void;
  /** Rejects after `ms` milliseconds, and where the other side is gone. */
  ask<K extends keyof Theirs & string>(
    what: K,
    body: Asked<Theirs, K>,
    ms: number,
  ): Promise<Answered<Theirs, K>>;
  /** Takes a message of the other side. False: it is none of ours. */
  receive(message: unknown): boolean;
  /** The other side is gone: rejects what waits. */
  close(): void;
}

interface Told {
  readonly what: string;
  readonly body: unknown;
  /** Of a question. */
  readonly id?: number;
}

interface Reply {
  readonly reply: number;
  readonly body?: unknown;
  readonly failed?: string;
}

export type Message = Told | Reply;

const GONE = 'the other process is gone';

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** @param mine what this side can be asked; what it throws reaches the other side as words */
export function openLine<Mine extends Calls<Mine>, Theirs extends Calls<Theirs>>(
  send: (message: Message) => void,
  mine: Mine,
): Line<Theirs> {
  const waiting = new Map<number, Waiting>();
  let last = 0;
  let isClosed = false;
  const answer = async ({ what, body, id }: Told): Promise<void> => {
    const call = handlerOf(mine, what);
    try {
      const given = await call?.(body);
      if (id !== undefined) send({ reply: id, body: given });
    } catch (error) {
      if (id !== undefined) send({ reply: id, failed: wordsOf(error) });
    }
  };
  const settle = ({ reply, body, failed }: Reply): void => {
    const asked = waiting.get(reply);
    waiting.delete(reply);
    if (failed === undefined) asked?.resolve(body);
    else asked?.reject(new Error(failed));
  };
  return {
    tell: (what, body) => send({ what, body }),
    ask: (what, body, ms) =>
      new Promise((resolve, reject) => {
        if (isClosed) throw new Error(GONE);
        const id = (last += 1);
        const late = setTimeout(() => settle({ reply: id, failed: `no answer to ${what}` }), ms);
        waiting.set(id, {
          resolve: (given) => {
            clearTimeout(late);
            // What the other side answers is what `Theirs` says: both are this program.
            // oxlint-disable-next-line typescript/no-unsafe-type-assertion
            resolve(given as never);
          },
          reject: (error) => {
            clearTimeout(late);
            reject(error);
          },
        });
        send({ what, body, id });
      }),
    receive: (message) => {
      if (isReply(message)) settle(message);
      else if (isTold(message)) void answer(message);
      else return false;
      return true;
    },
    close: () => {
      isClosed = true;
      for (const { reject } of waiting.values()) reject(new Error(GONE));
      waiting.clear();
    },
  };
}

const isReply = (message: unknown): message is Reply =>
  typeof message === 'object' && message !== null && 'reply' in message;

const isTold = (message: unknown): message is Told =>
  typeof message === 'object' && message !== null && 'what' in message;

function handlerOf(mine: object, what: string): ((body: unknown) => unknown) | undefined {
  if (!Object.hasOwn(mine, what)) return undefined;
  const call: unknown = Reflect.get(mine, what);
  // Names and bodies belong together on both sides.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return typeof call === 'function' ? (call as (body: unknown) => unknown) : undefined;
}

const wordsOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
