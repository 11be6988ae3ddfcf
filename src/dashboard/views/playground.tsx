/** A chat with the gateway; beside each answer stands what the gateway knows of it. */
import { useRef, useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { AnswerCard } from '../parts/answer-card.tsx';
import { Composer } from '../parts/composer.tsx';
import { PlaygroundOptions } from '../parts/playground-options.tsx';
import { ask, bodyOf, exchanges, options, textOf, withExchange, change } from '../playground.ts';

export function PlaygroundView() {
  const words = t.value.playground;
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);
  const ended = useRef<AbortController | undefined>(undefined);
  const submit = async (text: string): Promise<boolean> => {
    setProblem(undefined);
    const body = problemOf(setProblem, () => bodyOf(text, exchanges.value, options.value));
    if (body === undefined) return false;
    change({ picture: '' });
    ended.current = new AbortController();
    setBusy(true);
    const done = ask(
      body,
      (one) => {
        exchanges.value = withExchange(exchanges.value, one);
      },
      ended.current.signal,
    );
    void done.then(() => setBusy(false));
    return true;
  };
  return (
    <>
      <p class="quiet">{words.about}</p>
      <PlaygroundOptions hasModel hasStream />
      {exchanges.value.map((exchange) => (
        <section key={exchange.id} class="panel" aria-label={words.exchange}>
          <p class="question">{textOf(exchange.asked)}</p>
          <AnswerCard exchange={exchange} />
        </section>
      ))}
      <Composer
        label={words.message}
        action={words.send}
        problem={problem}
        isBusy={isBusy}
        onSubmit={submit}
        onStop={() => ended.current?.abort()}
      />
      {exchanges.value.length === 0 ? null : (
        <button
          type="button"
          class="button start"
          onClick={() => {
            exchanges.value = [];
          }}
        >
          {words.startAnew}
        </button>
      )}
    </>
  );
}

/** Undefined, and the problem told, where tools or schema are no JSON. */
export function problemOf<T>(tell: (problem: string) => void, make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    tell(t.value.playground.notJson(error instanceof Error ? error.message : String(error)));
    return undefined;
  }
}
