/** Tokens, money, energy and bytes of one request, attempt by attempt, each with how it is known. */
import type { Attempt, Energy, UsageRecord } from '../../core/record.ts';
import { bytes, carbon, count, energy, exactMoney, known, water } from '../format.ts';
import { t } from '../i18n/index.ts';
import { said } from '../i18n/said/index.ts';
import { Facts, type Fact } from '../parts/facts.tsx';
import { FigureText } from '../parts/figure.tsx';
import { Name } from '../parts/marks.tsx';
import { Said } from '../parts/said.tsx';

interface RecordProps {
  readonly record: UsageRecord;
}

/** A part for each attempt; its name only where there are several. */
function Each({
  record,
  of,
}: RecordProps & { readonly of: (attempt: Attempt) => readonly Fact[] }) {
  return (
    <>
      {record.attempts.map((attempt) => (
        <div key={attempt.startedMs} class="part">
          {record.attempts.length === 1 ? null : (
            <h3>
              <Name>{`${attempt.upstream}/${attempt.model}`}</Name>
            </h3>
          )}
          <Facts facts={of(attempt)} />
        </div>
      ))}
    </>
  );
}

export function Tokens({ record }: RecordProps) {
  const words = t.value.request;
  return (
    <section class="panel" aria-labelledby="tokens">
      <h2 id="tokens">{words.tokens}</h2>
      <Each record={record} of={tokensOf} />
    </section>
  );
}

const partOf = (name: string, tokens: number): readonly Fact[] =>
  tokens === 0 ? [] : [[name, count(tokens)]];

function tokensOf({ usage }: Attempt): readonly Fact[] {
  const { tokenKinds, sources, tokens } = t.value.request;
  if (usage === undefined) return [[tokens, t.value.common.none]];
  return [
    [tokenKinds.input, `${count(usage.inputTokens)}, ${sources[usage.source]}`],
    ...partOf(tokenKinds.cached, usage.cachedInputTokens),
    [tokenKinds.output, `${count(usage.outputTokens)}, ${sources[usage.source]}`],
    ...partOf(tokenKinds.reasoning, usage.reasoningTokens),
  ];
}

export function Cost({ record }: RecordProps) {
  const words = t.value.request;
  const { baselineNanoUsd } = record;
  return (
    <section class="panel" aria-labelledby="cost">
      <h2 id="cost">{words.cost}</h2>
      <Each record={record} of={costOf} />
      <div class="part">
        <Facts facts={[[words.baseline, known(baselineNanoUsd, exactMoney)]]} />
        {baselineNanoUsd === null ? null : <p class="hint">{words.baselineKnown}</p>}
      </div>
    </section>
  );
}

function costOf({ cost }: Attempt): readonly Fact[] {
  const words = t.value.request;
  const names: Readonly<Record<string, string>> = words.costKinds;
  if (cost === null) return [[words.costTotal, t.value.common.unknown]];
  return [
    ...Object.entries(cost.kinds).map(([kind, nanoUsd]): Fact => [
      names[kind] ?? kind,
      exactMoney(nanoUsd),
    ]),
    [words.costTotal, <b>{exactMoney(cost.totalNanoUsd)}</b>],
    ['', <span class="hint">{words.costSource(said(cost.source).text)}</span>],
  ];
}

export function EnergyUse({ record }: RecordProps) {
  const words = t.value.request;
  const { baselineEnergy } = record;
  return (
    <section class="panel" aria-labelledby="energy">
      <h2 id="energy">{words.energy}</h2>
      <Each record={record} of={energyOf} />
      {baselineEnergy === undefined ? null : (
        <div class="part">
          <Facts facts={[[words.baselineEnergy, <EnergyText used={baselineEnergy} />]]} />
        </div>
      )}
    </section>
  );
}

function energyOf({ energy: used, carbon: emitted, water: evaporated }: Attempt): readonly Fact[] {
  const words = t.value.request;
  const { unknown } = t.value.common;
  const facts: Fact[] = [[words.energyUsed, used === null ? unknown : <EnergyText used={used} />]];
  if (emitted !== undefined) {
    const { operational, embodied, method, source } = emitted;
    const range = { low: operational.lowG, high: operational.highG };
    facts.push([words.operational, <Known text={carbon(range)} method={method} source={source} />]);
    const made = known(embodied, ({ lowG, highG }) => carbon({ low: lowG, high: highG }));
    facts.push([words.embodied, made]);
  }
  if (evaporated !== undefined) {
    const { lowMl, highMl, method, source } = evaporated;
    const text = water({ low: lowMl, high: highMl });
    facts.push([words.water, <Known text={text} method={method} source={source} />]);
  }
  return facts;
}

function EnergyText({ used: { lowJ, highJ, method, source } }: { readonly used: Energy }) {
  return (
    <>
      <FigureText figure={energy({ low: lowJ, high: highJ })} />
      <span class="hint">
        {' '}
        {t.value.request.methods[method]}: <Said>{source}</Said>
      </span>
    </>
  );
}

interface KnownProps {
  readonly text: string;
  readonly method: Energy['method'];
  readonly source: string;
}

function Known({ text, method, source }: KnownProps) {
  return (
    <>
      <span class="figure">{text}</span>
      <span class="hint">
        {' '}
        {t.value.request.methods[method]}: <Said>{source}</Said>
      </span>
    </>
  );
}

export function Egress({ record: { egress } }: RecordProps) {
  const words = t.value.request;
  return (
    <section class="panel" aria-labelledby="egress">
      <h2 id="egress">{words.egress}</h2>
      <Facts
        facts={[
          [words.cloudBytes, known(egress?.cloudBytes, bytes)],
          [words.localBytes, known(egress?.localBytes, bytes)],
        ]}
      />
    </section>
  );
}
