/** What answers: how each upstream stands, in words, and what it is known to be able to do. */
import type { ShownUpstream } from '../../core/shown-upstream.ts';
import { get, send } from '../api.ts';
import { count, duration, known } from '../format.ts';
import { t } from '../i18n/index.ts';
import { Facts, type Fact } from '../parts/facts.tsx';
import { Link } from '../parts/link.tsx';
import { Name } from '../parts/marks.tsx';
import { Failure, Loading } from '../parts/notices.tsx';
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
  const { name, isUp, words: state } = upstream;
  const { error, isBusy, isBlocked, run } = useAction();
  const check = async (): Promise<void> => {
    await send('POST', `/admin/upstreams/${encodeURIComponent(name)}/check`, {});
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
        <span aria-hidden="true">{isUp ? '✓' : '✕'}</span> <span lang="en">{state}</span>
      </p>
      <Failure error={error} />
      <Facts facts={factsOf(upstream)} />
      <p class="row">
        <Link to={pathTo('requests', undefined, { upstream: name })}>{words.requests}</Link>
        <Link to={pathTo('requests', undefined, { upstream: name, outcome: 'failed' })}>
          {words.failures}
        </Link>
      </p>
    </section>
  );
}

function factsOf(upstream: ShownUpstream): readonly Fact[] {
  const words = t.value.upstreams;
  const { kind, locality, model, contextTokens, capabilities, queueDepth, ttftMs, modelDigest } =
    upstream;
  return [
    [words.kind, `${kind}, ${words.localities[locality]}`],
    [words.model, <Name>{model}</Name>],
    [words.window, known(contextTokens, (tokens) => words.tokens(count(tokens)))],
    [words.underWay, count(queueDepth)],
    [words.firstToken, known(ttftMs, duration)],
    [words.digest, <span class="mono">{modelDigest ?? t.value.common.unknown}</span>],
    [words.capabilities, capabilities.join(', ')],
  ];
}
