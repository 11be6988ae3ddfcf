/** What a thread that `supervisedThread` starts does: it answers questions, one after the other, and lets others go first. */
import { parentPort } from 'node:worker_threads';
import { lowerPriority } from './low-priority.ts';
import { OPENED, type ThreadQuestion, type ThreadReply } from './supervised-thread.ts';

/** @param answer - what it throws is told in its own words to who asked */
export function answerQuestions(answer: (question: never) => unknown): void {
  const port = parentPort;
  if (port === null) return;
  lowerPriority();
  const reply = (message: ThreadReply<unknown>): void => port.postMessage(message);
  port.on('message', ({ seq, question }: ThreadQuestion<never>) => {
    try {
      reply({ seq, found: answer(question) });
    } catch (error) {
      reply({ seq, failure: error instanceof Error ? error.message : String(error) });
    }
  });
  reply({ seq: OPENED, found: undefined });
}
