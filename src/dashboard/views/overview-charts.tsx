/** The charts of a period. Each is asked for by itself: a slow one holds up no other. */
import type { Metric, Series } from '../../core/admin-figures.ts';
import type { Dimension } from '../../core/dimensions.ts';
import { get } from '../api.ts';
import {
  bands,
  withoutNothing,
  plain,
  stacked,
  together,
  type ChartData,
  type ChartLine,
  type ChartProps,
} from '../charts/chart-data.ts';
import { Chart } from '../charts/chart.tsx';
import type { Colour } from '../charts/colours.ts';
import { axisMoney, count, duration, grams, joules, percent } from '../format.ts';
import { t } from '../i18n/index.ts';
import { isLive, windowOf, type Period } from '../period.ts';
import { go, pathTo } from '../router.ts';
import { zone } from '../settings.ts';
import { useResource } from '../use-resource.ts';

const REFRESH_MS = 5000;
/** The gateway's name for what no model answered. */
const NONE = 'none';

interface Wanted {
  readonly metric: Metric;
  readonly by?: Dimension;
}

interface PeriodProps {
  readonly period: Period;
}

type Handlers = Pick<ChartProps, 'onZoom' | 'onPick' | 'addressOf'>;

const atMs = (ms: number): string => String(Math.round(ms));

const handlers: Handlers = {
  onZoom: (from, to) => go(pathTo('overview', undefined, { from: atMs(from), to: atMs(to) })),
  onPick: (from, to) => go(handlers.addressOf(from, to)),
  addressOf: (from, to) => pathTo('requests', undefined, { from: atMs(from), to: atMs(to) }),
};

export function OverviewCharts({ period }: PeriodProps) {
  return (
    <div class="columns">
      <ByModel period={period} />
      <CostChart period={period} />
      <Quantiles period={period} metric="firstToken" title={t.value.overview.firstTokenChart} />
      <Quantiles period={period} metric="latency" title={t.value.overview.latencyChart} />
      <Bands period={period} metric="energy" title={t.value.overview.energyChart} format={joules} />
      <Bands period={period} metric="carbon" title={t.value.overview.carbonChart} format={grams} />
      <Share period={period} />
      <Trouble period={period} />
      <Verdicts period={period} />
    </div>
  );
}

interface Held {
  /** Undefined until all are known. */
  readonly series: readonly Series[] | undefined;
  readonly error: Error | undefined;
}

/** Several series of the same window. */
function useSeries(period: Period, wanted: readonly Wanted[]): Held {
  const key = JSON.stringify([period, wanted, zone.value]);
  const { data, error } = useResource<readonly Series[]>(
    key,
    async (signal) => {
      const { fromMs, toMs } = windowOf(period, Date.now());
      return await Promise.all(
        wanted.map(({ metric, by }) => {
          const asked = new URLSearchParams({ metric, zone: zone.value });
          asked.set('from', atMs(fromMs));
          asked.set('to', atMs(toMs));
          if (by !== undefined) asked.set('by', by);
          return get<Series>(`/admin/series?${asked}`, signal);
        }),
      );
    },
    isLive(period) ? REFRESH_MS : undefined,
  );
  return { series: data, error };
}

const first = (
  all: readonly Series[] | undefined,
  draw: (series: Series) => ChartData,
): ChartData | undefined => (all?.[0] === undefined ? undefined : draw(all[0]));

const modelName = (name: string): string => (name === NONE ? t.value.common.none : name);

function ByModel({ period }: PeriodProps) {
  const words = t.value.overview;
  const { series, error } = useSeries(period, [{ metric: 'requests', by: 'model' }]);
  const data = first(series, (one) => stacked(one, modelName, words.others));
  return (
    <Chart title={words.byModel} data={data} error={error} format={count} isWhole {...handlers} />
  );
}

function CostChart({ period }: PeriodProps) {
  const words = t.value.overview;
  const { series, error } = useSeries(period, [{ metric: 'cost' }, { metric: 'baseline' }]);
  const looks: readonly Omit<ChartLine, 'values'>[] = [
    { name: words.costLine, colour: 'chart-1' },
    { name: words.baselineLine, colour: 'chart-2', dash: [6, 4] },
  ];
  const data =
    series === undefined
      ? undefined
      : together(series.map((one, place) => plain(one, () => looks[place]!)));
  return (
    <Chart
      title={words.costChart}
      note={words.baselineNote}
      data={data}
      error={error}
      format={axisMoney}
      {...handlers}
    />
  );
}

const TIER_COLOURS: Readonly<Record<string, Colour>> = { small: 'small', large: 'large' };
const PART_DASHES: Readonly<Record<string, readonly number[]>> = { p95: [6, 4], p99: [2, 3] };

interface QuantilesProps extends PeriodProps {
  readonly metric: 'latency' | 'firstToken';
  readonly title: string;
}

function Quantiles({ period, metric, title }: QuantilesProps) {
  const names: Readonly<Record<string, string>> = t.value.tiers;
  const { series, error } = useSeries(period, [{ metric, by: 'tier' }]);
  const data = first(series, (one) =>
    plain(one, ({ name, part }) => {
      const dash = PART_DASHES[part];
      return {
        name: `${names[name] ?? name} ${part}`,
        colour: TIER_COLOURS[name] ?? 'pinned',
        ...(dash === undefined ? {} : { dash }),
      };
    }),
  );
  return (
    <Chart
      title={title}
      note={t.value.overview.histogram}
      data={data}
      error={error}
      format={duration}
      {...handlers}
    />
  );
}

interface BandsProps extends PeriodProps {
  readonly metric: 'energy' | 'carbon';
  readonly title: string;
  readonly format: (value: number) => string;
}

function Bands({ period, metric, title, format }: BandsProps) {
  const { series, error } = useSeries(period, [{ metric }]);
  const names: Readonly<Record<string, string>> = t.value.request.methods;
  const data = first(series, (one) => bands(one, (method) => names[method] ?? method));
  return (
    <Chart
      title={title}
      note={t.value.overview.bandNote}
      data={data}
      error={error}
      format={format}
      {...handlers}
    />
  );
}

function Share({ period }: PeriodProps) {
  const words = t.value.overview;
  const { series, error } = useSeries(period, [{ metric: 'smallShare' }]);
  const data = first(series, (one) =>
    plain(one, () => ({ name: words.shareLine, colour: 'small' })),
  );
  return (
    <Chart
      title={words.shareChart}
      data={data}
      error={error}
      format={percent}
      max={1}
      {...handlers}
    />
  );
}

function Trouble({ period }: PeriodProps) {
  const words = t.value.overview;
  const { series, error } = useSeries(period, [
    { metric: 'failed' },
    { metric: 'refused' },
    { metric: 'fallbacks' },
    { metric: 'degraded' },
    { metric: 'escalated' },
  ]);
  const looks: readonly Omit<ChartLine, 'values'>[] = [
    { name: words.failed, colour: 'bad' },
    { name: words.refused, colour: 'chart-6', dash: [2, 3] },
    { name: words.fallbacks, colour: 'chart-4' },
    { name: words.degradedLine, colour: 'warn', dash: [6, 4] },
    { name: words.escalatedLine, colour: 'chart-2', dash: [8, 3, 2, 3] },
  ];
  const data =
    series === undefined
      ? undefined
      : withoutNothing(together(series.map((one, place) => plain(one, () => looks[place]!))));
  return (
    <Chart
      title={words.troubleChart}
      data={data}
      error={error}
      format={count}
      isWhole
      {...handlers}
    />
  );
}

function Verdicts({ period }: PeriodProps) {
  const { series, error } = useSeries(period, [{ metric: 'verdicts' }]);
  const names: Readonly<Record<string, string>> = t.value.request.verdicts;
  const data = first(series, (one) => {
    const named = { ...one, lines: one.lines.map((line) => ({ ...line, name: line.part })) };
    return stacked(named, (name) => names[name] ?? name, t.value.overview.others);
  });
  return (
    <Chart
      title={t.value.overview.verdictChart}
      data={data}
      error={error}
      format={count}
      isWhole
      isOptional
      {...handlers}
    />
  );
}
