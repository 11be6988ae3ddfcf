/** The figures of a period, each with how it is known and what it leaves out. */
import type { Summary } from '../../core/admin-figures.ts';
import { bytes, count, duration, energy, known, money, moneyRange, percent } from '../format.ts';
import { t } from '../i18n/index.ts';
import { FigureText, Tile } from '../parts/figure.tsx';

interface TilesProps {
  readonly summary: Summary;
}

/** Nothing is said of what never was. */
const some = (value: number, said: (count: string) => string): string =>
  value === 0 ? '' : said(count(value));

export function OverviewTiles({ summary }: TilesProps) {
  const { requests, spending, more, egress } = summary;
  const { total, outcomes, small, large, smallShare, pinned, shadows, degraded } = requests;
  const words = t.value.overview;
  return (
    <dl class="tiles">
      <Tile
        name={words.requests}
        notes={[
          some(total - outcomes.answered, words.notAnswered) || words.allAnswered,
          some(shadows, words.shadows),
        ]}
      >
        {count(total)}
      </Tile>
      <Tile
        name={words.small}
        notes={[words.smallOf(count(small), count(small + large)), some(pinned, words.pinned)]}
      >
        {known(smallShare, percent)}
      </Tile>
      <Tile
        name={words.cost}
        notes={[words.costSource, some(spending.total.unpriced, words.unpriced)]}
      >
        <FigureText figure={money(spending.total.nanoUsd)} />
      </Tile>
      <Saved summary={summary} />
      <FirstToken summary={summary} />
      <Energies summary={summary} />
      <Tile
        name={words.trouble}
        notes={[some(degraded, words.degraded), some(more.escalated, words.escalated)]}
      >
        {count(more.fallbacks)}
      </Tile>
      <Quality summary={summary} />
      <Tile name={words.left} notes={[words.leftLocal(bytes(egress.localBytes))]}>
        {bytes(egress.cloudBytes)}
      </Tile>
    </dl>
  );
}

/** Net: shadows, drafts, audits, idle power and hardware are taken off. */
function Saved({ summary: { savings } }: TilesProps) {
  const { money: compared, moneyAfterMachine } = savings;
  const words = t.value.overview;
  const isKnown = compared.requests > 0;
  return (
    <Tile
      name={words.saved}
      notes={
        isKnown
          ? [
              words.savedAgainst(moneyRange(compared.baseline).text),
              words.savedLess,
              compared.unknown === 0 ? '' : words.notCompared(count(compared.unknown)),
            ]
          : [words.notCompared(count(compared.unknown))]
      }
    >
      <FigureText figure={isKnown ? moneyRange(moneyAfterMachine) : undefined} />
    </Tile>
  );
}

function FirstToken({ summary: { firstToken } }: TilesProps) {
  const words = t.value.overview;
  const tiers = Object.entries(firstToken).filter(([, { count: seen }]) => seen > 0);
  const names: Readonly<Record<string, string>> = t.value.tiers;
  return (
    <Tile name={words.firstToken} notes={tiers.length === 0 ? [] : [words.median, words.histogram]}>
      {tiers.length === 0
        ? '–'
        : tiers.map(([tier, { p50, p95 }]) => (
            <div key={tier} class={`tile-line tier-${tier}`}>
              {known(p50, duration)}
              <small>
                {' '}
                {names[tier] ?? tier}, p95 {known(p95, duration)}
              </small>
            </div>
          ))}
    </Tile>
  );
}

/** By audits: how many small answers are no worse than the large model's. Left out where nothing is audited. */
function Quality({ summary: { quality } }: TilesProps) {
  if (quality === null) return null;
  const words = t.value.overview;
  const { audits, kept, objective } = quality;
  return (
    <Tile
      name={words.quality}
      notes={[
        kept === null ? '' : words.keptRange(percent(kept.low), percent(kept.high)),
        words.audits(count(audits)),
        objective === null ? '' : words.keptAim(percent(objective)),
      ]}
    >
      {known(kept, ({ estimate }) => percent(estimate))}
    </Tile>
  );
}

/** A line for each method: they are never added up. */
function Energies({ summary: { spending } }: TilesProps) {
  const words = t.value.overview;
  const { unmetered } = spending.total;
  const methods = Object.entries(spending.methods).filter(([, { attempts }]) => attempts > 0);
  const names: Readonly<Record<string, string>> = t.value.request.methods;
  return (
    <Tile name={words.energy} notes={[unmetered === 0 ? '' : words.unmetered(count(unmetered))]}>
      {methods.length === 0
        ? t.value.common.unknown
        : methods.map(([method, range]) => (
            <div key={method} class="tile-line">
              <FigureText figure={energy(range)} />
              <small> {names[method] ?? method}</small>
            </div>
          ))}
    </Tile>
  );
}
