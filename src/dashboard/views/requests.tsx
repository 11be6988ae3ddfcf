/** The list of requests, with its filters and the details of one. */
import { useRef, useState } from 'preact/hooks';
import { zoneName } from '../format.ts';
import { t } from '../i18n/index.ts';
import { Empty, Failure, Loading } from '../parts/notices.tsx';
import { RequestTable } from '../parts/request-table.tsx';
import { Snippet } from '../parts/copy.tsx';
import { FILTERS, queryOf } from '../request-filters.ts';
import { address } from '../router.ts';
import { urlOf } from '../api.ts';
import { useRequestList } from '../use-request-list.ts';
import { firstRequest } from '../first-request.ts';
import { Filters } from './request-filters.tsx';

/** Above this the list counts as scrolled: new rows would push away what is read. */
const SCROLLED_PX = 40;

export function RequestsView() {
  const words = t.value.requests;
  const { query } = address.value;
  const [isPaused, setPaused] = useState(false);
  const table = useRef<HTMLDivElement>(null);
  const isHeld = (): boolean => isPaused || isBeingRead(table.current);
  const { rows, waiting, error, isLoading, showWaiting, loadMore } = useRequestList(query, isHeld);
  const isKnown = !isLoading && error === undefined;
  const isFiltered = FILTERS.some((name) => (query[name] ?? '') !== '');
  return (
    <>
      <Filters query={query} />
      <div class="row spread">
        <p class="quiet">
          {rows.length > 0 || isKnown ? `${words.listed(rows.length)}. ` : ''}
          {words.times(zoneName(Date.now()))}. {isPaused ? words.paused : ''}
        </p>
        <div class="row">
          <button
            type="button"
            class="button button-small"
            aria-pressed={isPaused}
            onClick={() => {
              if (isPaused) showWaiting();
              setPaused(!isPaused);
            }}
          >
            {isPaused ? words.resume : words.pause}
          </button>
          <a
            class="button button-small"
            href={urlOf(`/admin/requests.csv?${queryOf(query)}`)}
            download
          >
            {words.export}
          </a>
        </div>
      </div>
      <Failure error={error} />
      <Fresh waiting={waiting} show={showWaiting} />
      <div ref={table}>
        {rows.length > 0 ? (
          <RequestTable rows={rows} />
        ) : (
          <NoRequests isLoading={isLoading} isKnown={isKnown} isFiltered={isFiltered} />
        )}
      </div>
      {loadMore === undefined ? null : (
        <button type="button" class="button" onClick={loadMore}>
          {words.loadMore}
        </button>
      )}
    </>
  );
}

interface FreshProps {
  readonly waiting: number;
  readonly show: () => void;
}

/** How many wait; always there, so that a screen reader hears of it. */
function Fresh({ waiting, show }: FreshProps) {
  return (
    <div class="fresh" aria-live="polite">
      {waiting === 0 ? null : (
        <button
          type="button"
          class="button button-main button-small"
          onClick={() => {
            show();
            scrollTo(0, 0);
          }}
        >
          ↑ {t.value.requests.fresh(waiting)}
        </button>
      )}
    </div>
  );
}

interface NoRequestsProps {
  readonly isLoading: boolean;
  /** That there are none; not where the question failed. */
  readonly isKnown: boolean;
  readonly isFiltered: boolean;
}

function NoRequests({ isLoading, isKnown, isFiltered }: NoRequestsProps) {
  if (!isKnown) return <Loading isLoading={isLoading} />;
  if (isFiltered) return <Empty title={t.value.requests.none} />;
  return (
    <Empty title={t.value.requests.empty}>
      <Snippet text={firstRequest()} />
    </Empty>
  );
}

/** Scrolled down, or a row has the keyboard: it must not move. */
function isBeingRead(table: HTMLElement | null): boolean {
  return scrollY > SCROLLED_PX || (table?.contains(document.activeElement) ?? false);
}
