import { useState } from 'preact/hooks';
import type { ChatBody } from '../chat-client.ts';
import { copyAs, programs, type Program } from '../copy-as.ts';
import { t } from '../i18n/index.ts';
import { Snippet } from './copy.tsx';

/** The request as a program: shown when one is chosen, so that it can be read before it is copied. */
export function CopyAs({ body }: { readonly body: ChatBody }) {
  const [shown, setShown] = useState<Program | undefined>(undefined);
  return (
    <div class="copy-as">
      <div class="segments" role="group" aria-label={t.value.common.copyAs}>
        {programs.map((program) => (
          <button
            key={program}
            type="button"
            aria-pressed={shown === program}
            onClick={() => setShown(shown === program ? undefined : program)}
          >
            {program}
          </button>
        ))}
      </div>
      {shown === undefined ? null : <Snippet text={copyAs(shown, body)} />}
    </div>
  );
}
