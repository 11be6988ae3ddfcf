/** The thread that writes what is collected: no request waits for its disk. */
import { parentPort, workerData } from 'node:worker_threads';
import { openCollected, type CollectedFile } from './file.ts';
import type { CollectedQuestion } from './collected.ts';
import { OPENED, type ThreadQuestion } from '../../lib/supervised-thread.ts';
import type { Reply } from '../sqlite/messages.ts';

function answerTo(question: CollectedQuestion, file: CollectedFile): readonly string[] {
  switch (question.kind) {
    case 'add':
      file.add(question.exchanges);
      return [];
    case 'expire':
      return [String(file.expire(question.nowMs))];
    case 'counts':
      return file.counts().map((count) => JSON.stringify(count));
    case 'conversation':
      return [file.conversationOf(question.requestId)].filter((found) => found !== undefined);
    case 'delete':
      return [String(file.delete(question.filter))];
  }
}

const port = parentPort;
if (port !== null) {
  const reply = (message: Reply): void => port.postMessage(message);
  const path = String(workerData);
  const failure = (error: unknown): string =>
    `${path}: ${error instanceof Error ? error.message : String(error)}`;
  try {
    const file = openCollected(path);
    port.on('message', ({ seq, question }: ThreadQuestion<CollectedQuestion>) => {
      try {
        reply({ seq, found: answerTo(question, file) });
      } catch (error) {
        reply({ seq, failure: failure(error) });
      }
    });
    reply({ seq: OPENED, found: [] });
  } catch (error) {
    reply({ seq: OPENED, failure: failure(error) });
  }
}
