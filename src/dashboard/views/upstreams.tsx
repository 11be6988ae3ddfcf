/** What answers: how each upstream stands, in words, and what it is known to be able to do. */
import { useState } from 'preact/hooks';
import type { Check } from '../../core/check.ts';
import type { RecentFailure, ShownCard, ShownUpstream } from '../../core/shown-upstream.ts';
import { get, send } from '../api.ts';
import { count, duration, known, moment, plain } from '../format.ts';
import { t } from '../i18n/index.ts';
import { Facts, type Fact } from '../parts/facts.tsx';
import { Link } from '../parts/link.tsx';
import { Name } from '../parts/marks.tsx';
import { Failure, Loading } from '../parts/notices.tsx';
import { Said } from '../parts/said.tsx';
import { pathTo } from '../router.ts';
import { useAction } from '../use-action.ts';
import { useResource } from '../use-resource.ts';

interface Listed {
  readonly upstreams: readonly ShownUpstream[];
}

const REFRESH_MS = 5000;

export function UpstreamsView() {
  const { data, error, isLoading, reload } = useResource<Listed>(
    'upstreams',
    (signal) => get('/admin/upstreams', signal),
    REFRESH_MS,
  );
  return (
    <>
      <Failure error={error} />
      <Loading isLoading={isLoading && data === undefined} />
      <div class="columns">
        {data?.upstreams.map((upstream) => (
          <Card key={upstream.name} upstream={upstream} onChange={reload} />
        ))}
      </div>
    </>
  );
}

interface CardProps {
  readonly upstream: ShownUpstream;
  readonly onChange: () => void;
}

function Card({ upstream, onChange }: CardProps) {
  const words = t.value.upstreams;
  const { name, isUp, words: state, recent } = upstream;
  const { error, isBusy, isBlocked, run } = useAction();
  const [found, setFound] = useState<readonly Check[]>([]);
  const check = async (): Promise<void> => {
    const path = `/admin/upstreams/${encodeURIComponent(name)}/check`;
    const { checks } = await send<{ readonly checks: readonly Check[] }>('POST', path, {});
    setFound(checks);
    onChange();
  };
  return (
    <section class="panel" aria-label={name}>
      <div class="row spread">
        <h2>
          <Name>{name}</Name>
        </h2>
        <button
          type="button"
          class="button button-small"
          disabled={isBlocked}
          aria-label={words.checkNamed(name)}
          onClick={() => void run(check)}
        >
          {isBusy ? words.checking : words.check}
        </button>
      </div>
      <p class={isUp ? 'mark mark-answered' : 'upstream-down'}>
        <span aria-hidden="true">{isUp ? '✓' : '✕'}</span> <Said>{state}</Said>
      </p>
      <Failure error={error} />
      <div aria-live="polite">
        {found.length === 0 ? null : <Checks checks={found} name={name} />}
      </div>
      <Facts facts={factsOf(upstream)} />
      {recent.failures.length === 0 ? null : <Failures failures={recent.failures} />}
      <p class="row">
        <Link to={pathTo('requests', undefined, { upstream: name })}>{words.requests}</Link>
        <Link to={pathTo('requests', undefined, { upstream: name, outcome: 'failed' })}>
          {words.failures}
        </Link>
      </p>
    </section>
  );
}

const MARKS = { ok: '✓', warn: '!', fail: '✕' } as const;

/** What was found just now; the words are the gateway's. */
function Checks({ checks, name }: { readonly checks: readonly Check[]; readonly name: string }) {
  const words = t.value.upstreams;
  return (
    <ul class="checks" aria-label={words.found(name)}>
      {checks.map(({ verdict, words: said }) => (
        <li key={said} class={`check-${verdict}`}>
          <span aria-hidden="true">{MARKS[verdict]}</span>{' '}
          <span class="visually-hidden">{words.verdicts[verdict]}: </span>
          <Said>{said}</Said>
        </li>
      ))}
    </ul>
  );
}

function Failures({ failures }: { readonly failures: readonly RecentFailure[] }) {
  const words = t.value.upstreams;
  return (
    <>
      <h3>{words.lastFailures}</h3>
      <ul class="list">
        {failures.map(({ requestId, atMs, model, cause, status }) => (
          <li key={`${requestId} ${atMs}`}>
            <Link to={pathTo('requests', requestId)}>{moment(atMs)}</Link> <Name>{model}</Name>:{' '}
            <span lang="en">{cause}</span>
            {status === undefined ? '' : ` (${status})`}
          </li>
        ))}
      </ul>
    </>
  );
}

/** In the gateway's own words. */
const said = (given: string | undefined) =>
  given === undefined ? t.value.common.unknown : <Said>{given}</Said>;

function cardText(card: ShownCard | null): string {
  const words = t.value.upstreams;
  if (card === null) return words.noCard;
  const { right, items, measuredAt, judges } = card;
  const says = words.cardSays(count(right), count(items), moment(Date.parse(measuredAt)));
  return says + (judges.length === 0 ? words.cardAbstains : words.cardJudges(judges.join(', ')));
}

function factsOf(upstream: ShownUpstream): readonly Fact[] {
  const words = t.value.upstreams;
  const { kind, locality, model, contextTokens, capabilities, queueDepth, ttftMs, recent } =
    upstream;
  const { modelDigest, modelFile, card } = upstream;
  return [
    [words.kind, `${kind}, ${words.localities[locality]}`],
    [words.model, <Name>{model}</Name>],
    [words.window, known(contextTokens, (tokens) => words.tokens(count(tokens)))],
    [words.underWay, count(queueDepth)],
    [words.firstToken, known(ttftMs, duration)],
    [words.speed, known(recent.tokensPerSecond, (speed) => words.tokensPerSecond(plain(speed)))],
    ...(modelFile === undefined ? [] : [[words.file, <Name>{modelFile}</Name>] as const]),
    [words.digest, <span class="mono">{modelDigest ?? t.value.common.unknown}</span>],
    [words.capabilities, capabilities.join(', ')],
    ...(card === undefined ? [] : [[words.card, cardText(card)] as const]),
    [words.costSource, said(recent.costSource)],
    [words.energySource, said(recent.energySource)],
  ];
}
