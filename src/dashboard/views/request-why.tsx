/** The decision in sentences, then what it rests on: signals against thresholds, the rule, what would have changed it. */
import type { UsageRecord } from '../../core/record.ts';
import type { RecordExplanation } from '../../engine/explain-record.ts';
import { t } from '../i18n/index.ts';
import { said } from '../i18n/said/index.ts';
import { Link } from '../parts/link.tsx';
import { Name } from '../parts/marks.tsx';
import { Said } from '../parts/said.tsx';
import { Signals } from '../parts/signals.tsx';
import { pathTo } from '../router.ts';

interface WhyProps {
  readonly record: UsageRecord;
  readonly why: RecordExplanation | undefined;
}

export function Why({ record, why }: WhyProps) {
  const words = t.value.request;
  return (
    <section class="panel" aria-labelledby="why">
      <h2 id="why">{words.why}</h2>
      {record.shadowOf === undefined ? null : (
        <p>
          {words.shadowOf} <Link to={pathTo('requests', record.shadowOf)}>{record.shadowOf}</Link>
        </p>
      )}
      {why === undefined ? <p>{words.undecided}</p> : <Decided record={record} why={why} />}
    </section>
  );
}

function Decided({
  record,
  why,
}: {
  readonly record: UsageRecord;
  readonly why: RecordExplanation;
}) {
  const words = t.value.request;
  return (
    <>
      <div class="sentences">
        {sentencesOf(record, why).map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
        <p>
          {words.byRule(why.rule)} <Said>{why.reason}</Said>
        </p>
        {why.refusal === null ? null : (
          <p>
            {words.refused} <Said>{why.refusal.message}</Said> ({why.refusal.code})
          </p>
        )}
      </div>
      {why.condition === null ? null : (
        <details>
          <summary>{words.condition}</summary>
          <pre class="text">
            <code>{why.condition}</code>
          </pre>
        </details>
      )}
      <Signals
        readings={why.readings}
        complexity={why.complexity}
        threshold={why.threshold.value}
      />
      <Excluded why={why} />
      <Otherwise why={why} />
    </>
  );
}

function sentencesOf(record: UsageRecord, why: RecordExplanation): readonly string[] {
  const words = t.value.request;
  const tiers: Readonly<Record<string, string>> = t.value.tiers;
  const answer = record.attempts.find(
    ({ outcome, kind }) => outcome === 'ok' && (kind === undefined || kind === 'repair'),
  );
  const wanted = tiers[why.wanted] ?? why.wanted;
  const sentences = [
    answer === undefined
      ? words.nobody
      : words.answeredBy(`${answer.upstream}/${answer.model}`, tiers[answer.tier] ?? answer.tier),
    why.onlyWatches ? words.watched(wanted) : '',
    !why.onlyWatches && answer !== undefined && answer.tier !== why.wanted
      ? words.wantedOther(wanted)
      : '',
    record.degraded === undefined ? '' : words.degraded(record.degraded),
    why.shadow === null ? '' : words.shadow(`${why.shadow.upstream}/${why.shadow.model}`),
    why.redact.length === 0 ? '' : words.masked(why.redact.join(', ')),
  ];
  return sentences.filter((sentence) => sentence !== '');
}

type ExplainedProps = {
  readonly why: Pick<RecordExplanation, 'excluded' | 'otherwise'> & {
    readonly unrepeatable?: string | null;
  };
};

export function Excluded({ why: { excluded } }: ExplainedProps) {
  if (excluded.length === 0) return null;
  return (
    <div>
      <h3>{t.value.request.excluded}</h3>
      <ul class="list">
        {excluded.map(({ target, by, name, reason }) => (
          <li key={`${target.upstream} ${target.model} ${by} ${name}`}>
            <Name>{`${target.upstream}/${target.model || target.tier}`}</Name>:{' '}
            <Said>{reason}</Said>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function Otherwise({ why: { otherwise, unrepeatable = null } }: ExplainedProps) {
  const words = t.value.request;
  return (
    <div>
      <h3>{words.otherwise}</h3>
      {unrepeatable === null ? null : (
        <p class="quiet">{words.unrepeatable(said(unrepeatable).text)}</p>
      )}
      {unrepeatable === null && otherwise.length === 0 ? (
        <p class="quiet">{words.noOtherwise}</p>
      ) : null}
      <ul class="list">
        {otherwise.map(({ change, to }) => (
          <li key={change}>
            <Said>{change}</Said>: <Said>{to}</Said>
          </li>
        ))}
      </ul>
    </div>
  );
}
