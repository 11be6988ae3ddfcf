/** The same message to the small and the large model, side by side. */
import { useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { AnswerCard } from '../parts/answer-card.tsx';
import { Composer } from '../parts/composer.tsx';
import { PlaygroundOptions } from '../parts/playground-options.tsx';
import { ask, bodyOf, compared, options, withExchange } from '../playground.ts';
import { problemOf } from './playground.tsx';

const SIDES = ['small', 'large'] as const;

export function CompareView() {
  const words = t.value.playground;
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);
  const submit = async (text: string): Promise<boolean> => {
    setProblem(undefined);
    const bodies = problemOf(setProblem, () =>
      SIDES.map((model) => bodyOf(text, [], { ...options.value, model, stream: true })),
    );
    if (bodies === undefined) return false;
    compared.value = [];
    setBusy(true);
    const { signal } = new AbortController();
    await Promise.all(
      bodies.map((body) =>
        ask(
          body,
          (one) => {
            compared.value = withExchange(compared.value, one);
          },
          signal,
        ),
      ),
    );
    setBusy(false);
    return true;
  };
  return (
    <>
      <p class="quiet">{words.aboutCompare}</p>
      <PlaygroundOptions hasModel={false} hasStream={false} />
      <Composer
        label={words.message}
        action={words.compare}
        problem={problem}
        isBusy={isBusy}
        onSubmit={submit}
        isKept
      />
      <div class="columns">
        {compared.value.map((exchange) => (
          <section key={exchange.id} class="panel answer-column">
            <AnswerCard exchange={exchange} title={titleOf(exchange.body.model)} />
          </section>
        ))}
      </div>
    </>
  );
}

function titleOf(model: string): string {
  const names: Readonly<Record<string, string>> = t.value.tiers;
  return names[model] ?? model;
}
