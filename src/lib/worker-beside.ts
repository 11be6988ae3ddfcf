/** Threads that are started from a file of their own. */
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts the thread whose file lies beside a module: TypeScript in the source tree, JavaScript where it was built.
 * @param module - the `import.meta.url` of who asks
 * @param name - of the file, without its ending
 */
export function workerBeside(module: string, name: string, options: WorkerOptions): Worker {
  const extension = module.endsWith('.ts') ? 'ts' : 'js';
  return new Worker(new URL(`./${name}.${extension}`, module), options);
}
