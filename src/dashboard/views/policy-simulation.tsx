/** What is written, tried on the requests in the ledger. */
import { useState } from 'preact/hooks';
import type { SimulationAnswer } from '../../core/admin-simulation.ts';
import { send } from '../api.ts';
import {
  count,
  dayAndTime,
  energy,
  known,
  moment,
  money,
  percent,
  type Figure,
} from '../format.ts';
import { t } from '../i18n/index.ts';
import { FigureText } from '../parts/figure.tsx';
import { Link } from '../parts/link.tsx';
import { Name } from '../parts/marks.tsx';
import { Empty, Failure } from '../parts/notices.tsx';
import { Said } from '../parts/said.tsx';
import { written } from '../policy/policy-state.ts';
import { pathTo } from '../router.ts';
import { useAction } from '../use-action.ts';

const DAY_MS = 86_400_000;
const PERIODS = [1, 7, 30, 90] as const;

export function PolicySimulation() {
  const words = t.value.simulation;
  const [days, setDays] = useState<number>(7);
  const [result, setResult] = useState<SimulationAnswer | undefined>(undefined);
  // A viewer may ask: nothing is changed.
  const { error, isBusy, run } = useAction();
  const simulate = async (): Promise<void> => {
    const ask = { text: written.value ?? '', since: Date.now() - days * DAY_MS };
    setResult(await send<SimulationAnswer>('POST', '/admin/policies/simulate', ask));
  };
  return (
    <section class="panel" aria-labelledby="simulation">
      <h2 id="simulation">{words.title}</h2>
      <p class="quiet">{words.explain}</p>
      <div class="row modes">
        <label class="field">
          <span>{words.period}</span>
          <select
            value={String(days)}
            onChange={({ currentTarget: { value } }) => setDays(Number(value))}
          >
            {PERIODS.map((each) => (
              <option key={each} value={String(each)}>
                {words.days(each)}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          class="button field-end"
          disabled={isBusy}
          onClick={() => void run(simulate)}
        >
          {isBusy ? words.busy : words.run}
        </button>
      </div>
      <Failure error={error} />
      <div aria-live="polite">{result === undefined ? null : <Result result={result} />}</div>
    </section>
  );
}

function Result({ result }: { readonly result: SimulationAnswer }) {
  const words = t.value.simulation;
  const { records, flipped, isCut, moved } = result;
  const { replayed, fromMs, toMs } = records;
  if (fromMs === null || toMs === null) return <Empty title={words.nothing} />;
  return (
    <>
      <p>
        {words.replayed(count(replayed), moment(fromMs), moment(toMs))}{' '}
        {isCut ? `${words.cut} ` : ''}
        <b>{words.flipped(count(flipped.count), percent(flipped.share))}</b>
      </p>
      <Compared result={result} />
      {moved.length === 0 ? null : <Moved moved={moved} all={flipped.count} />}
    </>
  );
}

/** The tables' names stand in their captions, for who does not see the page. */
function Compared({ result }: { readonly result: SimulationAnswer }) {
  const words = t.value.simulation;
  const { before, after, spending, quality } = result;
  const { cost, energy: joules } = spending;
  const share = (name: 'small' | 'large' | 'refused' | 'masked'): Row => [
    words.shares[name],
    { text: percent(before[name]) },
    { text: percent(after[name]) },
  ];
  const rows: readonly Row[] = [
    share('small'),
    share('large'),
    share('refused'),
    ...(before.masked + after.masked === 0 ? [] : [share('masked')]),
    [words.cost, money(cost.beforeNanoUsd), money(cost.afterNanoUsd), changeOf(cost.changeShare)],
    [words.energy, energy(rangeOf(joules.before)), energy(rangeOf(joules.after))],
    [words.quality, quality && qualityOf(quality.before), quality && qualityOf(quality.after)],
  ];
  return (
    <>
      <div class="scroll" tabIndex={0} role="group" aria-label={words.compared}>
        <table class="plain">
          <caption class="visually-hidden">{words.compared}</caption>
          <thead>
            <tr>
              <td />
              <th scope="col">{words.before}</th>
              <th scope="col">{words.after}</th>
              <th scope="col">{words.change}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, was, now, change = '']) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td class="number">
                  <FigureText figure={was} />
                </td>
                <td class="number">
                  <FigureText figure={now} />
                </td>
                <td class="number">{change}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {cost.unknown === 0 ? null : <p class="quiet">{words.noCost(count(cost.unknown))}</p>}
      {joules.unknown === 0 ? null : <p class="quiet">{words.noEnergy(count(joules.unknown))}</p>}
      <p class="quiet">{words.qualityIs}</p>
    </>
  );
}

type Row = readonly [
  name: string,
  was: Figure | undefined,
  now: Figure | undefined,
  change?: string,
];

const changeOf = (share: number | null): string =>
  known(share, (value) => `${value > 0 ? '+' : ''}${percent(value)}`);

const rangeOf = ({ lowJ, highJ }: { readonly lowJ: number; readonly highJ: number }) => ({
  low: lowJ,
  high: highJ,
});

type Quality = NonNullable<SimulationAnswer['quality']>['before'];

const qualityOf = ({ estimate, low, high }: Quality): Figure => ({
  text: `${percent(estimate)} (${percent(low)} – ${percent(high)})`,
});

interface MovedProps {
  readonly moved: SimulationAnswer['moved'];
  readonly all: number;
}

function Moved({ moved, all }: MovedProps) {
  const words = t.value.simulation;
  const title = words.moved(count(moved.length), count(all));
  return (
    <details open>
      <summary>{title}</summary>
      <div class="scroll" tabIndex={0} role="group" aria-label={title}>
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">{t.value.common.time}</th>
              <th scope="col">{words.before}</th>
              <th scope="col">{words.after}</th>
              <th scope="col">{words.because}</th>
            </tr>
          </thead>
          <tbody>
            {moved.map(({ id, atMs, from, to, because }) => (
              <tr key={id}>
                <th scope="row">
                  <Link to={pathTo('requests', id)}>{dayAndTime(atMs)}</Link>
                </th>
                <td>
                  <Name>{from.to}</Name>
                </td>
                <td>
                  <Name>{to.to}</Name>
                </td>
                <td>
                  <Said>{because}</Said>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
