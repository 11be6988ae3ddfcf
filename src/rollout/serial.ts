/** One task after the other. */

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
