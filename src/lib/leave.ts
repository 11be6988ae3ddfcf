/** Tells an iterator that nobody reads on; one that cannot be told is simply over. */
export const leave = async <T>(inner: AsyncIterator<T>): Promise<IteratorResult<T>> =>
  (await inner.return?.()) ?? { done: true, value: undefined };
