/** How signals stop: the first drains, a second one cuts off what is under way, a third ends at once. */

/** Writing everything takes under a second; on a machine that is busy, or a disk that hangs, no longer than this. */
export const LAST_MS = 5_000;

/** `SIGKILL`, because an ordinary exit aborts while a model is generating. */
export const killThis = (): void => void process.kill(process.pid, 'SIGKILL');

interface Stopping {
  /** Ends what is under way and the process, when its rows are written. */
  readonly cut: () => void;
  readonly kill: () => void;
}

/** Resolves at the first signal. @param isAsked one came while it started, when nothing could be given up any more */
export async function untilStopped({ cut, kill }: Stopping, isAsked: boolean): Promise<void> {
  const end = (): void => {
    cut();
    setTimeout(kill, LAST_MS);
    process.once('SIGINT', kill).once('SIGTERM', kill);
  };
  await new Promise<void>((resolve) => {
    const drain = (): void => {
      process.stderr.write('Finishing the requests under way… (again to stop at once)\n');
      process.once('SIGINT', end).once('SIGTERM', end);
      resolve();
    };
    if (isAsked) drain();
    else process.once('SIGINT', drain).once('SIGTERM', drain);
  });
}

/** Until `over` is called, a signal aborts the start. It returns whether one came: the start's last steps heed none. */
export function stoppableStart(): { readonly signal: AbortSignal; over(): boolean } {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort(new Error('stopped before it was ready'));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  return {
    signal: stopping.signal,
    over: () => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      return stopping.signal.aborted;
    },
  };
}
