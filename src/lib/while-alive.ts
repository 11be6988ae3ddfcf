/** Timers that end with what they work for. None is started where that has ended already. */

/** Calls `work` every `everyMs`, the first time after `everyMs`. Does not keep the process running; `work` must not throw. */
export function repeatWhileAlive(work: () => void, everyMs: number, life: AbortSignal): void {
  if (life.aborted) return;
  const timer = setInterval(work, everyMs).unref();
  life.addEventListener('abort', () => clearInterval(timer), { once: true });
}

/** Calls `work` once, after `delayMs`; until then the process is kept running. `work` must not throw. */
export function onceIfAlive(work: () => void, delayMs: number, life: AbortSignal): void {
  if (life.aborted) return;
  const timer = setTimeout(work, delayMs);
  life.addEventListener('abort', () => clearTimeout(timer), { once: true });
}
