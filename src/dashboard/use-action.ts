/** Something that changes the gateway: under way, done, or refused in its own words. */
import { useState } from 'preact/hooks';
import { mayChange } from './session.ts';

export interface Action {
  readonly isBusy: boolean;
  /** Under way already, or the key that signed in changes nothing. */
  readonly isBlocked: boolean;
  readonly error: Error | undefined;
  /** @returns whether it was done */
  readonly run: (act: () => Promise<void>) => Promise<boolean>;
}

export function useAction(): Action {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error | undefined>(undefined);
  const run = async (act: () => Promise<void>): Promise<boolean> => {
    setBusy(true);
    setError(undefined);
    try {
      await act();
      return true;
    } catch (reason) {
      setError(reason instanceof Error ? reason : new Error(String(reason)));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, isBlocked: isBusy || !mayChange.value, error, run };
}
