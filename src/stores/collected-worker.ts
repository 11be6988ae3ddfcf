/** The thread that writes what is collected: no request waits for its disk. */
import { parentPort, workerData } from 'node:worker_threads';
import { openCollected } from './collected-file.ts';
import type { CollectedQuestion } from './collected.ts';
import { OPENED, type Asked, type Reply } from './sqlite-messages.ts';

const port = parentPort;
if (port !== null) {
  const reply = (message: Reply): void => port.postMessage(message);
  const path = String(workerData);
  const failure = (error: unknown): string =>
    `${path}: ${error instanceof Error ? error.message : String(error)}`;
  try {
    const file = openCollected(path);
    port.on('message', ({ seq, question }: Asked<CollectedQuestion>) => {
      try {
        if (question.kind === 'add') file.add(question.exchanges);
        else file.expire(question.nowMs);
        reply({ seq, rows: [] });
      } catch (error) {
        reply({ seq, failure: failure(error) });
      }
    });
    reply({ seq: OPENED, rows: [] });
  } catch (error) {
    reply({ seq: OPENED, failure: failure(error) });
  }
}
