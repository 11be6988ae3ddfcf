/** The figures of a chart as a table; each step leads to its requests, also by keyboard. */
import { useState } from 'preact/hooks';
import { dayAndTime } from '../format.ts';
import { t } from '../i18n/index.ts';
import { Link } from '../parts/link.tsx';
import type { ChartData, ChartProps, Values } from './chart-data.ts';

/** Drawn only while it is open: a long window has a thousand lines. */
export function ChartTable(props: ChartProps & { readonly data: ChartData }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{t.value.common.asTable}</summary>
      {isOpen ? <Table {...props} /> : null}
    </details>
  );
}

function Table({ title, data, format, addressOf }: ChartProps & { readonly data: ChartData }) {
  const { times, endMs, lines, bands } = data;
  const columns: readonly (readonly [string, Values])[] = [
    ...lines.map(({ name, values }) => [name, values] as const),
    ...bands.flatMap(({ name, low, high }) => [
      [`${name}, ${t.value.overview.low}`, low] as const,
      [`${name}, ${t.value.overview.high}`, high] as const,
    ]),
  ];
  const rows = times
    .map((atMs, place) => ({ atMs, place }))
    .filter(({ place }) =>
      columns.some(([, values]) => typeof values[place] === 'number' && values[place] !== 0),
    );
  return (
    <div class="scroll chart-table" tabIndex={0} role="group" aria-label={title}>
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">{t.value.common.time}</th>
            {columns.map(([name]) => (
              <th key={name} scope="col" class="end">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ atMs, place }) => (
            <tr key={atMs}>
              <th scope="row">
                <Link to={addressOf(atMs, times[place + 1] ?? endMs)}>{dayAndTime(atMs)}</Link>
              </th>
              {columns.map(([name, values]) => (
                <td key={name} class="number end">
                  {cellOf(values[place], format)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A figure, or a dash where nothing is known. */
export const cellOf = (
  value: number | null | undefined,
  format: (value: number) => string,
): string => (value === null || value === undefined ? '–' : format(value));
