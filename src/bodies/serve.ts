/** The work of the thread that reads large bodies: one after the other; the deep judge is asked meanwhile. */
import type { MessagePort } from 'node:worker_threads';
import { GatewayError } from '../core/errors.ts';
import type { KnownContents } from '../core/known-state.ts';
import type { Signal } from '../core/signal.ts';
import type { DeepAnswer, DeepQuestion } from '../signals/complexity/calibrated.ts';
import { signalsBy } from '../signals/index.ts';
import {
  bytesOf,
  type FromReader,
  type JudgeResult,
  type ReadResult,
  type SentError,
  type SentSettings,
  type ToReader,
} from './protocol.ts';
import { BodyReader } from './reader.ts';

/** Added to the deep judge's deadline, which is kept where that is: the way there and back is not its time. */
const WAY_MS = 1000;

type Send = (message: FromReader, handedOver?: readonly ArrayBuffer[]) => void;

export function serve(port: Pick<MessagePort, 'on' | 'postMessage'>): void {
  const reader = new BodyReader();
  const send: Send = (message, handedOver = []) => port.postMessage(message, [...handedOver]);
  const judges = judgesBy(send);
  const contents = contentsBy(send);
  const answer = (id: number, work: () => ReadResult | Promise<JudgeResult>): void => {
    const refuse = (error: unknown): void => send({ kind: 'refused', id, error: sentError(error) });
    try {
      const result = work();
      if (result instanceof Promise)
        void result.then((judged) => send({ kind: 'done', id, result: judged }), refuse);
      else send({ kind: 'done', id, result }, [result.payload.buffer]);
    } catch (error) {
      refuse(error);
    }
  };
  port.on('message', (message: ToReader) => {
    switch (message.kind) {
      case 'read':
        return answer(message.id, () =>
          reader.read(message.id, bytesOf(message.payload), message.head, message.options),
        );
      case 'chat':
        return answer(message.id, () => reader.chat(bytesOf(message.payload)));
      case 'judge': {
        const { id, body, head, ownsState, asksContents, judge, settings } = message;
        const asking = asksContents ? { contentsOf: contents.asked(id) } : {};
        return answer(id, () =>
          reader.judge(body, head, {
            signals: judges.signals(judge, settings),
            ownsState,
            ...asking,
          }),
        );
      }
      case 'forget':
        return reader.forget(message.body);
      case 'deep':
        return judges.answered(message.id, message.answer);
      case 'contents':
        return contents.answered(message.id, message.known);
    }
  });
}

/** Questions of this thread, by their number. */
function questions<T>() {
  const asked = new Map<number, (answer: T) => void>();
  let count = 0;
  return {
    ask: (put: (id: number) => void): Promise<T> =>
      new Promise((resolve) => {
        count += 1;
        asked.set(count, resolve);
        put(count);
      }),
    answered: (id: number, answer: T): void => {
      asked.get(id)?.(answer);
      asked.delete(id);
    },
  };
}

/** What is known of objects at upstreams, which others keep. */
function contentsBy(send: Send) {
  const { ask, answered } = questions<KnownContents>();
  return {
    /** For the call of this question. */
    asked: (of: number) => (ids: readonly string[]) =>
      ask((id) => send({ kind: 'contents', id, of, ids })),
    answered,
  };
}

/** The signals of each policy, made once; the deep judge is asked through messages. */
function judgesBy(send: Send) {
  const made = new Map<number, readonly Signal[]>();
  const { ask: put, answered } = questions<DeepAnswer | undefined>();
  const signalsOf = (judge: number, { deep, ...rest }: SentSettings): readonly Signal[] => {
    if (deep === undefined) return signalsBy(rest);
    const ask = (question: DeepQuestion) =>
      put((id) => send({ kind: 'deep', id, judge, question }));
    return signalsBy({ ...rest, deep: { ...deep, deadlineMs: deep.deadlineMs + WAY_MS, ask } });
  };
  return {
    /** @throws Error for settings that were never sent */
    signals: (judge: number, settings: SentSettings | undefined): readonly Signal[] => {
      const known = made.get(judge);
      if (known !== undefined) return known;
      if (settings === undefined) throw new Error('The settings of these signals were never sent.');
      const signals = signalsOf(judge, settings);
      made.set(judge, signals);
      return signals;
    },
    answered,
  };
}

function sentError(error: unknown): SentError {
  if (error instanceof GatewayError) {
    const { code, message, param, wireCode } = error;
    return { code, message, param, wireCode };
  }
  // Its message may quote the prompt.
  const message = error instanceof Error ? error.name : 'failed';
  return { message, param: null, wireCode: null };
}
