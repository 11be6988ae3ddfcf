/** What a view has asked for: the last answer stays while the next is on its way, but not in place of one that failed. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { signIns } from './api.ts';

export interface Resource<T> {
  readonly data: T | undefined;
  readonly error: Error | undefined;
  readonly isLoading: boolean;
  /** The answer to this question is not there yet: `data`, if any, answers an earlier one. */
  readonly isOld: boolean;
  readonly reload: () => void;
}

interface Held<T> {
  readonly data: T | undefined;
  /** The question that is answered. */
  readonly key: string;
  readonly error: Error | undefined;
  readonly isLoading: boolean;
}

/**
 * Asks when `key` changes, and every `everyMs` milliseconds where that is given. An answer to an
 * older question is dropped.
 */
export function useResource<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  everyMs?: number,
): Resource<T> {
  const [held, setHeld] = useState<Held<T>>({
    data: undefined,
    key,
    error: undefined,
    isLoading: true,
  });
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const signedIn = signIns.value;
  useEffect(() => {
    const ended = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      const now = await settled(latest.current(ended.signal));
      if (ended.signal.aborted) return;
      setHeld((before) => ({
        data: now.data ?? (before.key === key ? before.data : undefined),
        key,
        error: now.error,
        isLoading: false,
      }));
      if (everyMs !== undefined) timer = setTimeout(() => void ask(), everyMs);
    };
    setHeld((before) => ({ ...before, isLoading: true }));
    void ask();
    return () => {
      ended.abort();
      clearTimeout(timer);
    };
  }, [key, turn, everyMs, signedIn]);
  const { data, error, isLoading } = held;
  const isOld = held.key !== key;
  return { data, error, isLoading, isOld, reload: () => setTurn((before) => before + 1) };
}

type Settled<T> = Pick<Held<T>, 'data' | 'error'>;

async function settled<T>(promise: Promise<T>): Promise<Settled<T>> {
  try {
    return { data: await promise, error: undefined };
  } catch (error) {
    return { data: undefined, error: error instanceof Error ? error : new Error(String(error)) };
  }
}
