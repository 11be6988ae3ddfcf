/** A chart's drawing, in uPlot's words. */
import uPlot from 'uplot';
import { dayAndTime, monthAndDay, timeOfDayShort } from '../format.ts';
import { zone } from '../settings.ts';
import { heights, type ChartData } from './chart-data.ts';
import { colourOf } from './colours.ts';
import { loneValues } from './lone-values.ts';

export interface PlotWishes {
  readonly data: ChartData;
  /** What is drawn by then: figures change, the drawing stays. */
  readonly current: () => ChartData;
  readonly width: number;
  readonly format: (value: number) => string;
  /** The largest value of the axis, where it is known beforehand: 1 for shares. */
  readonly max?: number;
  readonly isWhole: boolean;
  readonly onZoom: (fromMs: number, toMs: number) => void;
  readonly onHover: (place: number | null) => void;
}

const HEIGHT = 200;
const DAY_S = 86_400;

/** Seconds since the epoch, as uPlot counts, and a row of values for each series. */
export function plotData({ times, lines, bands, isStacked }: ChartData): uPlot.AlignedData {
  const rows = isStacked ? heights(lines).toReversed() : lines.map(({ values }) => values);
  const edges = bands.flatMap(({ low, high }) => [high, low]);
  return [times.map((ms) => ms / 1000), ...[...rows, ...edges].map((values) => values.slice())];
}

export function plotOptions(wishes: PlotWishes): uPlot.Options {
  const { data, width, max, current } = wishes;
  return {
    width,
    height: HEIGHT,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone.value),
    legend: { show: false },
    // Room for the last label of the time.
    padding: [8, 34, 0, 0],
    cursor: { points: { show: !data.isStacked }, drag: { x: true, y: false, setScale: false } },
    scales: {
      x: { time: true, range: () => [(current().times[0] ?? 0) / 1000, current().endMs / 1000] },
      y: {
        range: (_, __, dataMax) => [0, max ?? Math.max((dataMax ?? 0) * 1.08, Number.MIN_VALUE)],
      },
    },
    axes: axesOf(wishes),
    series: [{}, ...seriesOf(data)],
    bands: data.bands.map((band, place) => {
      const first = 1 + data.lines.length + 2 * place;
      return { series: [first, first + 1], fill: colourOf(band.colour, 0.25) };
    }),
    hooks: {
      setSelect: [
        (plot) => {
          const { left, width: selected } = plot.select;
          if (selected < 4) return;
          const from = plot.posToVal(left, 'x') * 1000;
          wishes.onZoom(from, plot.posToVal(left + selected, 'x') * 1000);
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
      setCursor: [(plot) => wishes.onHover(plot.cursor.idx ?? null)],
    },
  };
}

/** Steps of an axis for whole numbers. */
const WHOLE_STEPS = Array.from({ length: 12 }, (_, digits) =>
  [1, 2, 5].map((step) => step * 10 ** digits),
).flat();

function axesOf({ format, isWhole }: PlotWishes): uPlot.Axis[] {
  const look = {
    stroke: colourOf('text-quiet'),
    grid: { stroke: colourOf('line'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
  };
  return [
    {
      ...look,
      size: 28,
      grid: { show: false },
      space: 70,
      values: (...given) => timesOf(given[1], given[4]),
    },
    {
      ...look,
      ...(isWhole ? { incrs: WHOLE_STEPS } : {}),
      size: 64,
      space: 36,
      values: (_, splits) => splits.map((value) => format(value)),
    },
  ];
}

/** `step`: seconds between two marks. */
const timesOf = (splits: readonly number[], step: number): string[] =>
  splits.map((seconds) =>
    step >= DAY_S ? monthAndDay(seconds * 1000) : timeOfDayShort(seconds * 1000),
  );

function seriesOf({ lines, bands, isStacked }: ChartData): uPlot.Series[] {
  // The whole stack first: each shorter bar is drawn over it.
  const drawn = isStacked ? lines.toReversed() : lines;
  const own = drawn.map(({ colour, dash }): uPlot.Series => {
    const stroke = colourOf(colour);
    if (isStacked) return bars(stroke);
    const line: uPlot.Series = { stroke, width: 2, spanGaps: false, points: dots(stroke) };
    if (dash !== undefined) line.dash = dash.slice();
    return line;
  });
  const edges = bands.flatMap(({ colour }): uPlot.Series[] => {
    const stroke = colourOf(colour);
    const edge = { stroke, width: 1.5, points: dots(stroke) };
    return [edge, { ...edge, points: dots(stroke) }];
  });
  return [...own, ...edges];
}

/** A line needs two values side by side: one that stands alone would not be seen. */
const dots = (fill: string): uPlot.Series.Points => ({
  show: false,
  size: 5,
  fill,
  filter: (plot, series) => loneValues(plot.data[series] ?? []),
});

function bars(fill: string): uPlot.Series {
  const paths = uPlot.paths.bars?.({ size: [0.85, 60], align: 1 });
  const look = { fill, width: 0, points: { show: false } };
  return paths === undefined ? look : { ...look, paths };
}

/** What the readout calls a step. */
export const stepName = (atMs: number): string => dayAndTime(atMs);
