/** One request: why it went where it did, where time and money went, and how each figure is known. */
import type { UsageRecord } from '../../core/record.ts';
import type { Feedback } from '../../core/store.ts';
import type { RecordExplanation } from '../../engine/explain-record.ts';
import { get } from '../api.ts';
import { count, moment, score } from '../format.ts';
import { t } from '../i18n/index.ts';
import { Facts, type Fact } from '../parts/facts.tsx';
import { Link } from '../parts/link.tsx';
import { Name, OutcomeMark, TierMark } from '../parts/marks.tsx';
import { Failure, Loading } from '../parts/notices.tsx';
import { Rating } from '../parts/rating.tsx';
import { pathTo } from '../router.ts';
import { useResource } from '../use-resource.ts';
import { Cost, Egress, EnergyUse, Tokens } from './request-figures.tsx';
import { Timeline } from './request-timeline.tsx';
import { Why } from './request-why.tsx';

type Recorded = UsageRecord & { readonly feedback: readonly Feedback[] };

interface Loaded {
  readonly record: Recorded;
  /** Undefined where it failed before it was decided. */
  readonly why: RecordExplanation | undefined;
}

export function RequestView({ id }: { readonly id: string }) {
  const { data, error, isLoading, reload } = useResource<Loaded>(`request ${id}`, (signal) =>
    load(id, signal),
  );
  return (
    <>
      <p>
        <Link to={pathTo('requests')}>← {t.value.request.back}</Link>
      </p>
      <Failure error={error} />
      {data === undefined ? (
        <Loading isLoading={isLoading} />
      ) : (
        <Loaded {...data} onChange={reload} />
      )}
    </>
  );
}

async function load(id: string, signal: AbortSignal): Promise<Loaded> {
  const path = `/admin/requests/${encodeURIComponent(id)}`;
  const record = await get<Recorded>(path, signal);
  const why =
    record.decision === undefined ? undefined : await get<RecordExplanation>(`${path}/why`, signal);
  return { record, why };
}

function Loaded({ record, why, onChange }: Loaded & { readonly onChange: () => void }) {
  const last = record.attempts.at(-1);
  return (
    <>
      <div class="row">
        <OutcomeMark outcome={record.outcome} isDegraded={record.degraded !== undefined} />
        <TierMark tier={last?.tier} />
        <span class="quiet mono">
          <Name>{record.id}</Name>
        </span>
      </div>
      <Why record={record} why={why} />
      <Timeline record={record} />
      <div class="columns">
        <Cost record={record} />
        <EnergyUse record={record} />
        <Tokens record={record} />
        <Egress record={record} />
        <section class="panel" aria-labelledby="facts">
          <h2 id="facts">{t.value.request.facts}</h2>
          <Facts facts={factsOf(record)} />
        </section>
        <Opinions record={record} onChange={onChange} />
      </div>
    </>
  );
}

function factsOf({ decision, facts, ...record }: UsageRecord): readonly Fact[] {
  const words = t.value.request;
  const { yes, no, none } = t.value.common;
  const policy =
    decision === undefined
      ? none
      : `${decision.policy.name}@${decision.policy.version}, ${decision.policy.mode}`;
  return [
    [words.at, moment(record.atMs)],
    [words.caller, <Name>{record.caller}</Name>],
    [words.asked, <Name>{record.requestedModel}</Name>],
    [words.operation, record.operation],
    [words.stream, record.stream ? yes : no],
    [words.turns, count(facts.turns)],
    [words.needs, facts.needs.join(', ') || none],
    [words.policy, policy],
    [words.status, String(record.status)],
    ...(record.errorCode === undefined ? [] : [[words.error, record.errorCode] as const]),
  ];
}

interface OpinionsProps {
  readonly record: Recorded;
  readonly onChange: () => void;
}

function Opinions({ record: { id, outcome, feedback }, onChange }: OpinionsProps) {
  const words = t.value.request;
  return (
    <section class="panel" aria-labelledby="feedback">
      <h2 id="feedback">{words.feedback}</h2>
      {outcome === 'answered' ? <Rating requestId={id} onGiven={onChange} /> : null}
      {feedback.length === 0 ? <p class="quiet">{words.noFeedback}</p> : null}
      <ul>
        {feedback.map((one) => (
          <li key={one.atMs}>
            <span class="number">{score(one.score)}</span> · <Name>{one.caller}</Name> ·{' '}
            {moment(one.atMs)}
            {one.comment === undefined ? null : <p>{one.comment}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}
