/** What measures energy here, how wide its range is, and which setting narrows it. */
import { get } from '../api.ts';
import { energy, plain } from '../format.ts';
import { t } from '../i18n/index.ts';
import { Facts } from '../parts/facts.tsx';
import { FigureText } from '../parts/figure.tsx';
import { Failure, Loading } from '../parts/notices.tsx';
import { Said, WithCode } from '../parts/said.tsx';
import { StackedRow, StackedTable } from '../parts/stacked-table.tsx';
import { useResource } from '../use-resource.ts';

/** As `GET /admin/meters` answers. */
interface Meters {
  readonly energy: {
    readonly method: 'measured' | 'attributed' | 'modelled';
    readonly source: string;
    readonly tried: readonly {
      readonly kind: string;
      readonly used: boolean;
      readonly why: string;
    }[];
    readonly chargedJ: readonly [low: number, high: number];
    readonly idleWatts: number;
    readonly busyWatts: readonly [low: number, high: number] | null;
  };
  readonly grid: { readonly gramsPerKwh?: number; readonly source: string };
}

export function EnergyView() {
  const { data, error, isLoading } = useResource<Meters>('meters', (signal) =>
    get('/admin/meters', signal),
  );
  return (
    <>
      <Failure error={error} />
      <Loading isLoading={isLoading && data === undefined} />
      {data === undefined ? null : <Metering meters={data} />}
    </>
  );
}

function Metering({ meters: { energy: used, grid } }: { readonly meters: Meters }) {
  const words = t.value.energy;
  const [low, high] = used.chargedJ;
  return (
    <>
      <section class="panel" aria-labelledby="now">
        <h2 id="now">{words.now}</h2>
        <Facts
          facts={[
            [words.method, t.value.request.methods[used.method]],
            [words.source, <Said>{used.source}</Said>],
            [words.charged, <FigureText figure={energy({ low, high })} />],
            [
              words.width,
              low > 0
                ? words.times(plain(Number((high / low).toPrecision(2))))
                : t.value.common.unknown,
            ],
            [words.idle, `${plain(used.idleWatts)} W`],
            [words.grid, <Grid grid={grid} />],
          ]}
        />
        <p>
          <WithCode>{used.method === 'modelled' ? words.narrow : words.measured}</WithCode>
        </p>
      </section>
      <section class="panel" aria-labelledby="tried">
        <h2 id="tried">{words.tried}</h2>
        <StackedTable heads={[words.meter, words.used, words.why]} labelledBy="tried">
          {used.tried.map(({ kind, used: isUsed, why }) => (
            <StackedRow key={kind} name={kind}>
              <td role="cell">{isUsed ? t.value.common.yes : t.value.common.no}</td>
              <td role="cell">
                <Said>{why}</Said>
              </td>
            </StackedRow>
          ))}
        </StackedTable>
      </section>
    </>
  );
}

function Grid({ grid: { gramsPerKwh, source } }: { readonly grid: Meters['grid'] }) {
  return (
    <>
      {gramsPerKwh === undefined ? t.value.common.unknown : `${plain(gramsPerKwh)} g/kWh`}{' '}
      <span class="hint">
        <Said>{source}</Said>
      </span>
    </>
  );
}
