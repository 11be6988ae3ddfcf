/** The thread that reads large bodies. */
import { constants, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { serve } from './serve.ts';

if (parentPort !== null) {
  // Who sends less must not wait for it: on Linux a priority is a thread's own.
  if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  serve(parentPort);
}
