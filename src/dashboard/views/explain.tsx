/** Where a message would go and why; no model is asked. */
import { useState } from 'preact/hooks';
import type { Explanation } from '../../engine/explain.ts';
import { send } from '../api.ts';
import { t } from '../i18n/index.ts';
import { Composer } from '../parts/composer.tsx';
import { CopyAs } from '../parts/copy-as.tsx';
import { Name, TierMark } from '../parts/marks.tsx';
import { Failure } from '../parts/notices.tsx';
import { PlaygroundOptions } from '../parts/playground-options.tsx';
import { Said } from '../parts/said.tsx';
import { Signals } from '../parts/signals.tsx';
import { bearer, type ChatBody } from '../chat-client.ts';
import { bodyOf, options } from '../playground.ts';
import { problemOf } from './playground.tsx';
import { Excluded, Otherwise } from './request-why.tsx';

interface Explained {
  readonly body: ChatBody;
  readonly explanation: Explanation;
}

export function ExplainView() {
  const words = t.value.playground;
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error | undefined>(undefined);
  const [explained, setExplained] = useState<Explained | undefined>(undefined);
  const submit = async (text: string): Promise<boolean> => {
    setProblem(undefined);
    setError(undefined);
    const body = problemOf(setProblem, () => bodyOf(text, [], { ...options.value, stream: false }));
    if (body === undefined) return false;
    setBusy(true);
    try {
      setExplained({ body, explanation: await asked(body) });
    } catch (reason) {
      setError(reason instanceof Error ? reason : new Error(String(reason)));
    }
    setBusy(false);
    return true;
  };
  return (
    <>
      <p class="quiet">{words.aboutExplain}</p>
      <PlaygroundOptions hasModel hasStream={false} />
      <Composer
        label={words.message}
        action={words.explain}
        problem={problem}
        isBusy={isBusy}
        onSubmit={submit}
        isKept
      />
      <Failure error={error} />
      {explained === undefined ? null : <Destination {...explained} />}
    </>
  );
}

const asked = async (body: ChatBody): Promise<Explanation> =>
  await send('POST', '/v1/route', body, bearer(options.peek().key));

function Destination({ explanation: found, body }: Explained) {
  const words = t.value.request;
  return (
    <section class="panel" aria-live="polite" aria-labelledby="destination">
      <h2 id="destination">{t.value.playground.destination}</h2>
      <p class="row">
        {found.upstream === null ? (
          <span class="mark mark-refused">⊘ {t.value.outcomes.refused}</span>
        ) : (
          <>
            <TierMark tier={found.tier} />
            <Name>{`${found.upstream}/${found.model ?? ''}`}</Name>
          </>
        )}
      </p>
      <p>
        {words.byRule(found.rule)} <Said>{found.refusal?.message ?? found.reason}</Said>
      </p>
      {found.degraded === null ? null : <p>{words.degraded(found.degraded)}</p>}
      {found.condition === null ? null : (
        <details>
          <summary>{words.condition}</summary>
          <pre class="text">
            <code>{found.condition}</code>
          </pre>
        </details>
      )}
      <Signals
        readings={found.readings}
        complexity={found.complexity}
        threshold={found.threshold.value}
      />
      <Excluded why={found} />
      <Otherwise why={found} />
      <CopyAs body={body} />
    </section>
  );
}
