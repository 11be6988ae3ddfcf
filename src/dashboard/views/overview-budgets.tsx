/** Budgets on the overview: how much is gone, and whether it lasts. Nothing where there are none. */
import type { ShownBudget } from '../../core/budget-settings.ts';
import { get } from '../api.ts';
import { t } from '../i18n/index.ts';
import { Burn } from '../parts/burn.tsx';
import { Link } from '../parts/link.tsx';
import { Name } from '../parts/marks.tsx';
import { pathTo } from '../router.ts';
import { useResource } from '../use-resource.ts';

const REFRESH_MS = 15_000;

export function OverviewBudgets() {
  const words = t.value.keys;
  const { data } = useResource<{ readonly budgets: readonly ShownBudget[] }>(
    'overview budgets',
    (signal) => get('/admin/budgets', signal),
    REFRESH_MS,
  );
  if (data === undefined || data.budgets.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="overview-budgets">
      <div class="row spread">
        <h2 id="overview-budgets">{words.budgets}</h2>
        <Link to={pathTo('keys')}>{t.value.shell.views.keys}</Link>
      </div>
      <div class="columns">
        {data.budgets.map((budget) => (
          <div key={budget.name}>
            <h3>
              <Name>{budget.name}</Name>
            </h3>
            <Burn budget={budget} />
          </div>
        ))}
      </div>
    </section>
  );
}
