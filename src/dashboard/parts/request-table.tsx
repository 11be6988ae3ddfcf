/** Requests, one a line; on a narrow window one a card. Rows are keyed, so that an update moves and keeps them. */
import { memo } from 'preact/compat';
import type { RequestRow } from '../../core/admin-requests.ts';
import {
  count,
  dayAndTime,
  duration,
  energy,
  known,
  moment,
  requestMoney,
  score,
  timeOfDay,
  type Figure,
} from '../format.ts';
import { t } from '../i18n/index.ts';
import { pathTo } from '../router.ts';
import { FigureText } from './figure.tsx';
import { Link } from './link.tsx';
import { Name, OutcomeMark, TierMark } from './marks.tsx';

interface RequestTableProps {
  readonly rows: readonly RequestRow[];
}

export function RequestTable({ rows }: RequestTableProps) {
  const { columns, caption } = t.value.requests;
  return (
    <table class="requests" role="table">
      <caption class="visually-hidden">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {Object.entries(columns).map(([name, title]) => (
            <th key={name} role="columnheader" scope="col" class={`col-${name}`}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <Row key={row.id} row={row} />
        ))}
      </tbody>
    </table>
  );
}

const DAY_MS = 86_400_000;

/** A row never changes once it is told: it is drawn once. */
const Row = memo(({ row }: { readonly row: RequestRow }) => {
  const { columns } = t.value.requests;
  const time = Date.now() - row.atMs < DAY_MS ? timeOfDay(row.atMs) : dayAndTime(row.atMs);
  const [input, output] = row.tokens ?? [];
  return (
    <tr role="row" class={row.kind === 'request' ? undefined : 'is-aside'}>
      <td role="cell" class="col-time">
        <Link to={pathTo('requests', row.id)}>
          <time dateTime={new Date(row.atMs).toISOString()} title={moment(row.atMs)}>
            {time}
          </time>
        </Link>
      </td>
      <td role="cell" class="col-outcome">
        <Outcome row={row} />
      </td>
      <td role="cell" class="col-answeredBy">
        <TierMark tier={row.tier} />{' '}
        {row.model === undefined ? null : (
          <span class="quiet">
            <Name>{`${row.upstream ?? ''}/${row.model}`}</Name>
          </span>
        )}
      </td>
      <td role="cell" class="col-complexity" data-label={columns.complexity}>
        <Complexity value={row.complexity} />
      </td>
      <td role="cell" class="col-rule" data-label={columns.rule}>
        <Name>{row.rule ?? '–'}</Name>
      </td>
      <td role="cell" class="col-tokens number" data-label={columns.tokens}>
        {input === undefined || output === undefined ? '–' : `${count(input)} → ${count(output)}`}
      </td>
      <td role="cell" class="col-cost number" data-label={columns.cost}>
        <Cost row={row} />
      </td>
      <td role="cell" class="col-energy number" data-label={columns.energy}>
        <FigureText figure={energyOf(row)} />
      </td>
      <td role="cell" class="col-firstToken number" data-label={columns.firstToken}>
        {row.ttftMs === undefined ? '–' : duration(row.ttftMs)}
      </td>
      <td role="cell" class="col-latency number" data-label={columns.latency}>
        {known(row.latencyMs, duration)}
      </td>
    </tr>
  );
});

function Outcome({ row }: { readonly row: RequestRow }) {
  const { kindOf, escalatedMark } = t.value.requests;
  return (
    <>
      <OutcomeMark outcome={row.outcome} isDegraded={row.degraded ?? false} />
      {row.kind === 'request' ? null : <span class="tag">{kindOf[row.kind]}</span>}
      {row.escalated ? <span class="tag">{escalatedMark}</span> : null}
      {row.error === undefined ? null : <span class="tag">{row.error}</span>}
    </>
  );
}

/** A bar beside the figure: how far towards 1. */
function Complexity({ value }: { readonly value: number | undefined }) {
  if (value === undefined) return <span class="quiet">–</span>;
  return (
    <span class="meter number">
      {score(value)}
      <span class="meter-track" aria-hidden="true">
        <span style={{ width: `${100 * value}%` }} />
      </span>
    </span>
  );
}

function Cost({ row: { nanoUsd, unpriced } }: { readonly row: RequestRow }) {
  const figure = nanoUsd === undefined ? undefined : requestMoney(nanoUsd);
  return (
    <>
      <FigureText figure={figure} />
      {unpriced && figure !== undefined ? (
        <span title={t.value.requests.priceUnknown}> + {t.value.common.unknown}</span>
      ) : null}
    </>
  );
}

function energyOf({ energyJ, method }: RequestRow): Figure | undefined {
  if (energyJ === undefined) return undefined;
  const [low, high] = energyJ;
  const { text, exact } = energy({ low, high });
  const how = method === undefined ? '' : `, ${t.value.request.methods[method]}`;
  return { text, exact: `${exact}${how}` };
}
