/** From the gateway's series to what a chart draws. */
import type { Series } from '../../core/admin-figures.ts';
import { colourAt, type Colour } from './colours.ts';

export type Values = readonly (number | null)[];

export interface ChartLine {
  readonly name: string;
  readonly values: Values;
  readonly colour: Colour;
  /** Lengths of strokes and gaps: lines differ by more than their colour. */
  readonly dash?: readonly number[];
}

/** What lies between two lines of one name. */
interface ChartBand {
  readonly name: string;
  readonly low: Values;
  readonly high: Values;
  readonly colour: Colour;
}

export interface ChartData {
  /** When each step begins, in milliseconds since the epoch, and where the last one ends. */
  readonly times: readonly number[];
  readonly endMs: number;
  readonly lines: readonly ChartLine[];
  readonly bands: readonly ChartBand[];
  /** Bars that stand on each other, in place of lines. */
  readonly isStacked: boolean;
}

export interface ChartProps {
  readonly title: string;
  /** How the figures are known, or what they leave out. */
  readonly note?: string | undefined;
  readonly data: ChartData | undefined;
  /** Why there are no data. */
  readonly error: Error | undefined;
  readonly format: (value: number) => string;
  readonly max?: number;
  /** Nothing is counted in halves. */
  readonly isWhole?: boolean;
  /** Left out where there is nothing, such as for checks that no policy asks for. */
  readonly isOptional?: boolean;
  /** A window was chosen in the chart. */
  readonly onZoom: (fromMs: number, toMs: number) => void;
  /** A point was clicked: the address of its requests. */
  readonly onPick: (fromMs: number, toMs: number) => void;
  readonly addressOf: (fromMs: number, toMs: number) => string;
}

/** More lines are put together as "others". */
const MOST_STACKED = 6;

/** One bar a step, in parts that stand on each other: those with the most first. */
export function stacked(
  series: Series,
  names: (name: string) => string,
  others: string,
): ChartData {
  const sums = series.lines
    .map((line) => ({ ...line, sum: sumOf(line.values) }))
    .filter(({ sum }) => sum > 0)
    .toSorted((a, b) => b.sum - a.sum);
  const alone = sums.length > MOST_STACKED ? sums.slice(0, MOST_STACKED - 1) : sums;
  const rest = sums.slice(alone.length);
  const lines = alone.map(({ name, values }, place) => ({
    name: names(name),
    values,
    colour: colourAt(place),
  }));
  const remainder =
    rest.length === 0
      ? []
      : [
          {
            name: others,
            values: added(rest.map(({ values }) => values)),
            colour: 'chart-6' as const,
          },
        ];
  return { ...windowOf(series), lines: [...lines, ...remainder], bands: [], isStacked: true };
}

const sumOf = (values: Values): number =>
  values.reduce<number>((sum, value) => sum + (value ?? 0), 0);

/** Step by step; null where nothing is known of any. */
function added(all: readonly Values[]): Values {
  const [first = []] = all;
  return first.map((_, at) => {
    const known = all.map((values) => values[at]).filter((value) => typeof value === 'number');
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
  });
}

/** Sums from the first line to each, as bars are drawn. */
export function heights(lines: readonly ChartLine[]): readonly Values[] {
  return lines.map((_, place) => added(lines.slice(0, place + 1).map(({ values }) => values)));
}

/** Lines as the gateway has them, each named and coloured by its caller. */
export function plain(
  series: Series,
  look: (line: Series['lines'][number], place: number) => Omit<ChartLine, 'values'>,
): ChartData {
  const lines = series.lines.map((line, place) => ({ ...look(line, place), values: line.values }));
  return { ...windowOf(series), lines, bands: [], isStacked: false };
}

const METHOD_COLOURS = { measured: 'chart-1', attributed: 'chart-4', modelled: 'chart-3' } as const;

/** One band for each method: methods are never added up. */
export function bands(series: Series, names: (method: string) => string): ChartData {
  const methods = new Set(series.lines.map(({ method }) => method));
  const found = [...methods].flatMap((method) => {
    const part = (wanted: string): Values | undefined =>
      series.lines.find((line) => line.method === method && line.part === wanted)?.values;
    const [low, high] = [part('low'), part('high')];
    if (method === undefined || low === undefined || high === undefined) return [];
    return [{ name: names(method), low, high, colour: METHOD_COLOURS[method] }];
  });
  return { ...windowOf(series), lines: [], bands: found, isStacked: false };
}

/** Several series of the same window in one chart. */
export function together(all: readonly ChartData[]): ChartData | undefined {
  const [first] = all;
  if (first === undefined) return undefined;
  return {
    ...first,
    lines: all.flatMap(({ lines }) => lines),
    bands: all.flatMap(({ bands: each }) => each),
  };
}

/** Lines of what never was lie on each other at the bottom: the others are told better without them. */
export function withoutNothing(data: ChartData | undefined): ChartData | undefined {
  const lines = data?.lines.filter(({ values }) => sumOf(values) > 0) ?? [];
  return data === undefined || lines.length === 0 ? data : { ...data, lines };
}

const windowOf = ({ times, toMs }: Series): Pick<ChartData, 'times' | 'endMs'> => ({
  times,
  endMs: toMs,
});

/** Whether there is anything to draw. */
export const isEmpty = ({ lines, bands: all }: ChartData): boolean =>
  [...lines.map(({ values }) => values), ...all.map(({ high }) => high)].every((values) =>
    values.every((value) => value === null || value === 0),
  );
