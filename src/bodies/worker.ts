/** The thread that reads large bodies. */
import { parentPort } from 'node:worker_threads';
import { lowerPriority } from '../lib/low-priority.ts';
import { serve } from './serve.ts';

if (parentPort !== null) {
  // Who sends less must not wait for it.
  lowerPriority();
  serve(parentPort);
}
