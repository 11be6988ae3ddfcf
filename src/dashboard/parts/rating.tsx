/** Whether an answer was good: kept beside its request, and sent nowhere else. */
import { useState } from 'preact/hooks';
import { send } from '../api.ts';
import { bearer } from '../chat-client.ts';
import { t } from '../i18n/index.ts';
import { mayChange } from '../session.ts';
import { useAction } from '../use-action.ts';
import { Failure } from './notices.tsx';

interface RatingProps {
  readonly requestId: string;
  /** The caller's whose request it is; empty: who is signed in. */
  readonly caller?: string;
  readonly onGiven?: () => void;
}

const SCORES = { good: 1, bad: -1 } as const;

export function Rating({ requestId, caller = '', onGiven }: RatingProps) {
  const words = t.value.request.rating;
  const [given, setGiven] = useState<keyof typeof SCORES | undefined>(undefined);
  const { error, isBusy, run } = useAction();
  const isRefused = caller === '' && !mayChange.value;
  const give = async (name: keyof typeof SCORES): Promise<void> => {
    const body = { request_id: requestId, score: SCORES[name] };
    await send('POST', '/v1/feedback', body, bearer(caller));
    setGiven(name);
    onGiven?.();
  };
  return (
    <>
      <div class="row" role="group" aria-label={words.title}>
        {(['good', 'bad'] as const).map((name) => (
          <button
            key={name}
            type="button"
            class="button button-small"
            aria-pressed={given === name}
            disabled={isBusy || isRefused}
            onClick={() => void run(() => give(name))}
          >
            {words[name]}
          </button>
        ))}
        <span class="quiet" role="status">
          {given === undefined ? '' : words.noted}
        </span>
      </div>
      <Failure error={error} />
    </>
  );
}
