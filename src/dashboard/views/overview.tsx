/** What came, what it cost and saved, how long it took, what it drew: figures of a period, counted by the gateway. */
import type { ComponentChildren } from 'preact';
import { Empty, Failure, Loading } from '../parts/notices.tsx';
import { Snippet } from '../parts/copy.tsx';
import type { Summary } from '../../core/admin-figures.ts';
import { get } from '../api.ts';
import { dayAndTime, moment, zoneName } from '../format.ts';
import { firstRequest } from '../first-request.ts';
import { t } from '../i18n/index.ts';
import { isLive, periodOf, rangeNames, windowOf, type Period } from '../period.ts';
import { address, go, pathTo, type Query } from '../router.ts';
import { useResource } from '../use-resource.ts';
import { OverviewBudgets } from './overview-budgets.tsx';
import { OverviewCharts } from './overview-charts.tsx';
import { OverviewTiles } from './overview-tiles.tsx';

const REFRESH_MS = 5000;

export function OverviewView() {
  const period = periodOf(address.value.query);
  const key = JSON.stringify(period);
  const { data, error, isLoading, isOld } = useResource<Summary>(
    key,
    (signal) => {
      const { fromMs, toMs } = windowOf(period, Date.now());
      return get(`/admin/summary?from=${fromMs}&to=${toMs}`, signal);
    },
    isLive(period) ? REFRESH_MS : undefined,
  );
  const words = t.value.overview;
  const isEmpty = data?.requests.total === 0;
  return (
    <>
      <PeriodBar period={period} />
      <Failure error={error} />
      {data === undefined ? <Loading isLoading={isLoading} /> : null}
      {data?.countedFromMs ? (
        <p class="notice notice-warn">{words.counting(moment(data.countedFromMs))}</p>
      ) : null}
      {isEmpty ? (
        <section class="panel">
          <Empty title={words.empty}>
            <Snippet text={firstRequest()} />
          </Empty>
        </section>
      ) : null}
      {data === undefined || isEmpty ? null : (
        <Figures isOld={isOld}>
          <OverviewTiles summary={data} />
        </Figures>
      )}
      <OverviewBudgets />
      {isEmpty ? null : (
        <Figures isOld={isOld}>
          <OverviewCharts period={period} />
        </Figures>
      )}
    </>
  );
}

interface FiguresProps {
  readonly isOld: boolean;
  readonly children: ComponentChildren;
}

/** Those of the period before are pale until the chosen one's are there. */
const Figures = ({ isOld, children }: FiguresProps) => (
  <div class={isOld ? 'is-stale' : ''} aria-busy={isOld}>
    {children}
  </div>
);

const show = (query: Query): void => go(pathTo('overview', undefined, query));

function PeriodBar({ period }: { readonly period: Period }) {
  const words = t.value.overview;
  return (
    <div class="row">
      <div class="segments" role="group" aria-label={words.range}>
        {rangeNames.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={period.kind === 'last' && period.name === name}
            onClick={() => show({ range: name })}
          >
            {words.ranges[name]}
          </button>
        ))}
      </div>
      <p class="quiet">
        {period.kind === 'between'
          ? words.chosen(dayAndTime(period.fromMs), dayAndTime(period.toMs))
          : ''}{' '}
        {t.value.requests.times(zoneName(Date.now()))}
      </p>
    </div>
  );
}
