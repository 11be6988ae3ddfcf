import { promiseHooks } from 'node:v8';

/** How many promises a synchronous piece of work makes. */
export function promisesMadeBy(work: () => unknown): number {
  let made = 0;
  const stop: unknown = promiseHooks.onInit(() => {
    made += 1;
  });
  try {
    work();
  } finally {
    if (typeof stop === 'function') stop();
  }
  return made;
}
