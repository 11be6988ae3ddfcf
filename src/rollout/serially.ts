/** Tasks of which one runs at a time. */

/** Runs tasks serially. A failure is reported and does not stop later tasks. */
export function serialRunner(
  onFailure: (error: unknown) => void,
): (task: () => Promise<void>) => Promise<void> {
  let last = Promise.resolve();
  return (task) => {
    last = last.then(task).catch(onFailure);
    return last;
  };
}

/** A task that was asked for and has not begun serves whoever asks for it until then. */
export function joined(
  serially: (task: () => Promise<void>) => Promise<void>,
  task: () => Promise<void>,
): () => Promise<void> {
  let waiting: Promise<void> | undefined;
  const begin = (): Promise<void> => {
    waiting = undefined;
    return task();
  };
  return () => (waiting ??= serially(begin));
}
