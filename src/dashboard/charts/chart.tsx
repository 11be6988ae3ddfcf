/** A chart with its legend, a readout under the pointer, and the same figures as a table. */
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { t } from '../i18n/index.ts';
import { ErrorWords } from '../parts/notices.tsx';
import { language, zone } from '../settings.ts';
import { isEmpty, type ChartData, type ChartProps } from './chart-data.ts';
import { cellOf, ChartTable } from './chart-table.tsx';
import { schemes } from './colours.ts';
import { plotData, plotOptions, stepName } from './plot-options.ts';

export function Chart(props: ChartProps) {
  const { title, note, data } = props;
  const [place, setPlace] = useState<number | null>(null);
  if (props.isOptional === true && (data === undefined || isEmpty(data))) return null;
  const hasData = data !== undefined && !isEmpty(data);
  return (
    <section class="panel chart" aria-label={title}>
      <div class="chart-head">
        <h2>{title}</h2>
        {note === undefined ? null : <p class="hint">{note}</p>}
      </div>
      {hasData ? (
        <>
          <Legend data={data} />
          <Plot {...props} data={data} onHover={setPlace} />
          <Readout data={data} place={place} format={props.format} />
          <ChartTable {...props} data={data} />
        </>
      ) : (
        <p class="quiet chart-empty">
          <WhyEmpty {...props} />
        </p>
      )}
    </section>
  );
}

/** What is on its way, what failed and what is none are told apart. */
function WhyEmpty({ data, error }: Pick<ChartProps, 'data' | 'error'>) {
  if (data !== undefined) return <>{t.value.overview.nothing}</>;
  return error === undefined ? <>{t.value.common.loading}</> : <ErrorWords error={error} />;
}

type Drawn = ChartProps & { readonly data: ChartData };

function Plot(props: Drawn & { readonly onHover: (place: number | null) => void }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const { data } = props;
  // What the drawing itself depends on; new figures alone are only handed to it.
  const shape = [
    schemes.value,
    language.value,
    zone.value,
    data.isStacked,
    ...data.lines.map(({ name, colour }) => `${name} ${colour}`),
    ...data.bands.map(({ name }) => name),
  ].join('|');

  useEffect(() => {
    const parent = place.current;
    if (parent === null) return;
    const made = draw(parent, latest);
    plot.current = made;
    const resized = new ResizeObserver(() =>
      made.setSize({ width: parent.clientWidth, height: made.height }),
    );
    resized.observe(parent);
    return () => {
      resized.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [shape]);

  useEffect(() => {
    plot.current?.setData(plotData(data));
  }, [data]);
  return <div class="plot" ref={place} aria-hidden="true" />;
}

/** Reads the properties when something happens: the drawing outlives them. */
function draw(
  parent: HTMLElement,
  latest: { readonly current: Drawn & { readonly onHover: (place: number | null) => void } },
): uPlot {
  const { data, format, max, isWhole = false } = latest.current;
  const options = plotOptions({
    data,
    format,
    width: parent.clientWidth,
    isWhole,
    ...(max === undefined ? {} : { max }),
    current: () => latest.current.data,
    onZoom: (from, to) => latest.current.onZoom(from, to),
    onHover: (at) => latest.current.onHover(at),
  });
  const made = new uPlot(options, plotData(data), parent);
  made.over.addEventListener('click', () => {
    const at = made.cursor.idx;
    if (at === null || at === undefined) return;
    const { times, endMs } = latest.current.data;
    latest.current.onPick(times[at] ?? 0, times[at + 1] ?? endMs);
  });
  return made;
}

function Legend({ data: { lines, bands } }: { readonly data: ChartData }) {
  return (
    <ul class="legend">
      {[...lines, ...bands].map((one) => (
        <li key={one.name}>
          <span
            class={`swatch ${'dash' in one ? swatchOf(one.dash) : ''}`}
            style={{ color: `var(--${one.colour})` }}
            aria-hidden="true"
          />
          <bdi>{one.name}</bdi>
        </li>
      ))}
    </ul>
  );
}

/** Short strokes are dots. */
function swatchOf(dash: readonly number[] | undefined): string {
  if (dash === undefined) return '';
  return (dash[0] ?? 0) < 4 ? 'swatch-dotted' : 'swatch-dashed';
}

interface ReadoutProps {
  readonly data: ChartData;
  readonly place: number | null;
  readonly format: (value: number) => string;
}

/** For the pointer alone: the table has the same for everybody. */
function Readout({ data: { times, lines, bands }, place, format }: ReadoutProps) {
  const words = t.value;
  const at = place === null ? undefined : times[place];
  if (place === null || at === undefined) {
    return (
      <p class="readout" aria-hidden="true">
        {words.overview.chartHint}
      </p>
    );
  }
  const said = [
    ...lines.map(({ name, values }) => [name, cellOf(values[place], format)]),
    ...bands.map(({ name, low, high }) => [
      name,
      `${cellOf(low[place], format)} – ${cellOf(high[place], format)}`,
    ]),
  ];
  return (
    <p class="readout" aria-hidden="true">
      <b>{stepName(at)}</b> {said.map(([name, value]) => `${name} ${value}`).join(' · ')}
    </p>
  );
}
