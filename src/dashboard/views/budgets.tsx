/** Budgets with their burn-down to the period's end. */
import { useState } from 'preact/hooks';
import type { ShownBudget } from '../../core/budget-settings.ts';
import { get, send } from '../api.ts';
import { moment } from '../format.ts';
import { t } from '../i18n/index.ts';
import { Burn, usdFigure } from '../parts/burn.tsx';
import { TextField } from '../parts/fields.tsx';
import { FigureText } from '../parts/figure.tsx';
import { Name } from '../parts/marks.tsx';
import { Failure, Loading } from '../parts/notices.tsx';
import { useAction } from '../use-action.ts';
import { useResource } from '../use-resource.ts';

interface Listed {
  readonly budgets: readonly ShownBudget[];
}

const REFRESH_MS = 5000;

export function BudgetsPanel() {
  const words = t.value.keys;
  const { data, error, isLoading, reload } = useResource<Listed>(
    'budgets',
    (signal) => get('/admin/budgets', signal),
    REFRESH_MS,
  );
  return (
    <section class="panel" aria-labelledby="budgets">
      <h2 id="budgets">{words.budgets}</h2>
      <Failure error={error} />
      <Loading isLoading={isLoading && data === undefined} />
      {data?.budgets.length === 0 ? <p class="quiet">{words.noBudgets}</p> : null}
      <div class="columns">
        {data?.budgets.map((budget) => (
          <BudgetCard key={budget.name} budget={budget} onChange={reload} />
        ))}
      </div>
      {data === undefined ? null : <NewBudget onChange={reload} />}
    </section>
  );
}

function scopeOf({ scope }: ShownBudget): string {
  const words = t.value.keys;
  if (scope === 'gateway') return words.everybody;
  return 'team' in scope ? words.ofTeam(scope.team) : words.ofKey(scope.key);
}

interface CardProps {
  readonly budget: ShownBudget;
  readonly onChange: () => void;
}

function BudgetCard({ budget, onChange }: CardProps) {
  const words = t.value.keys;
  const { error, isBlocked, run } = useAction();
  const { name, usd: limit, spentUsd, reservedUsd, leftUsd, per, from, resetsMs } = budget;
  const remove = async (): Promise<void> => {
    await send('DELETE', `/admin/budgets/${encodeURIComponent(name)}`);
    onChange();
  };
  return (
    <article class="budget">
      <div class="row spread">
        <h3>
          <Name>{name}</Name> <span class="quiet">{scopeOf(budget)}</span>
        </h3>
        {from === 'store' ? (
          <button
            type="button"
            class="button button-small"
            disabled={isBlocked}
            aria-label={words.removeNamed(name)}
            onClick={() => void run(remove)}
          >
            {words.remove}
          </button>
        ) : null}
      </div>
      <Burn budget={budget} />
      <dl class="facts">
        <dt>{words.spent}</dt>
        <dd>
          <FigureText figure={usdFigure(spentUsd)} />
        </dd>
        <dt>{words.reserved}</dt>
        <dd>
          <FigureText figure={usdFigure(reservedUsd)} />
        </dd>
        <dt>{words.left}</dt>
        <dd>
          <FigureText figure={usdFigure(leftUsd)} />
        </dd>
        <dt>{words.limit}</dt>
        <dd>
          <FigureText figure={usdFigure(limit)} /> · {words.per} {words.periods[per]}
        </dd>
        <dt>{words.resets}</dt>
        <dd>{resetsMs === undefined ? words.never : moment(resetsMs)}</dd>
      </dl>
      <Failure error={error} />
    </article>
  );
}

function NewBudget({ onChange }: Pick<CardProps, 'onChange'>) {
  const words = t.value.keys;
  const [name, setName] = useState('');
  const [limit, setLimit] = useState('');
  const [per, setPer] = useState('month');
  const { error, isBlocked, run } = useAction();
  const set = async (): Promise<void> => {
    await send('POST', '/admin/budgets', { name, usd: Number(limit), per });
    onChange();
    setName('');
    setLimit('');
  };
  return (
    <details>
      <summary>{words.setBudget}</summary>
      <form
        class="form options"
        onSubmit={(event) => {
          event.preventDefault();
          void run(set);
        }}
      >
        <TextField label={words.name} value={name} onInput={setName} isNeeded />
        <TextField label={words.limitUsd} value={limit} onInput={setLimit} isNumber isNeeded />
        <label class="field">
          <span>{words.per}</span>
          <select value={per} onChange={({ currentTarget }) => setPer(currentTarget.value)}>
            {Object.entries(words.periods).map(([each, text]) => (
              <option key={each} value={each}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <div class="field-end">
          <button type="submit" class="button button-main" disabled={isBlocked}>
            {words.set}
          </button>
        </div>
      </form>
      <Failure error={error} />
    </details>
  );
}
