/** The filters of the list of requests; each stands in the address. */
import { useEffect, useRef } from 'preact/hooks';
import type { Summary } from '../../core/admin-figures.ts';
import { get } from '../api.ts';
import { moment } from '../format.ts';
import { t } from '../i18n/index.ts';
import { FILTERS, type Filter } from '../request-filters.ts';
import { setQuery, type Query } from '../router.ts';
import { useResource } from '../use-resource.ts';

const NANO = 1e9;
const MONTH_MS = 30 * 86_400_000;

const set = (name: Filter, value: string): void => setQuery({ [name]: value });

export function Filters({ query }: { readonly query: Query }) {
  const words = t.value.requests;
  const { data } = useResource<Summary>('names', (signal) =>
    get(`/admin/summary?from=${Date.now() - MONTH_MS}&to=${Date.now()}`, signal),
  );
  const namesOf: NamesOf = (dimension) =>
    (data?.by[dimension] ?? []).map(({ name }) => [name, name]);
  const isFiltered = FILTERS.some((name) => (query[name] ?? '') !== '');
  return (
    <form
      class="panel filters"
      aria-label={words.filters}
      onSubmit={(event) => event.preventDefault()}
    >
      <div class="form form-narrow">
        <Search value={query['text'] ?? ''} />
        <Select
          name="tier"
          label={words.tier}
          query={query}
          choices={Object.entries(t.value.tiers)}
        />
        <Select name="outcome" label={words.outcome} query={query} choices={outcomes()} />
        <Select name="model" label={words.model} query={query} choices={namesOf('model')} />
        <Select name="sort" label={words.sort} query={query} choices={sorts()} isOrder />
      </div>
      <MoreFilters query={query} namesOf={namesOf} />
      {isFiltered ? (
        <div class="row">
          <Period query={query} />
          <button
            type="button"
            class="button button-small"
            onClick={() => setQuery(Object.fromEntries(FILTERS.map((name) => [name, ''])))}
          >
            {words.clear}
          </button>
        </div>
      ) : null}
    </form>
  );
}

type NamesOf = (dimension: 'upstream' | 'model' | 'key' | 'rule') => Choices;

interface MoreFiltersProps {
  readonly query: Query;
  readonly namesOf: NamesOf;
}

function MoreFilters({ query, namesOf }: MoreFiltersProps) {
  const words = t.value.requests;
  return (
    <details open={isMore(query)}>
      <summary>{words.more}</summary>
      <div class="form form-narrow form-more">
        <Select
          name="upstream"
          label={words.upstream}
          query={query}
          choices={namesOf('upstream')}
        />
        <Select name="key" label={words.key} query={query} choices={namesOf('key')} />
        <Select name="rule" label={words.rule} query={query} choices={namesOf('rule')} />
        <Select
          name="kind"
          label={words.kind}
          query={query}
          choices={Object.entries(words.kinds)}
        />
        <Bound name="minNanoUsd" label={words.minCost} query={query} scale={NANO} step="any" />
        <Bound name="minLatencyMs" label={words.minLatency} query={query} scale={1} step="1" />
        <Flag name="degraded" label={words.degraded} query={query} />
        <Flag name="escalated" label={words.escalated} query={query} />
      </div>
    </details>
  );
}

const HIDDEN: readonly Filter[] = [
  'upstream',
  'key',
  'rule',
  'kind',
  'minNanoUsd',
  'minLatencyMs',
  'degraded',
  'escalated',
];

const isMore = (query: Query): boolean => HIDDEN.some((name) => (query[name] ?? '') !== '');

type Choices = readonly (readonly [value: string, label: string])[];

const outcomes = (): Choices => {
  const { second: _, ...plain } = t.value.outcomes;
  return Object.entries(plain);
};

const sorts = (): Choices => Object.entries(t.value.requests.sorts);

/** Typed text is kept here: an update of the list never overwrites it. */
function Search({ value }: { readonly value: string }) {
  const words = t.value.requests;
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const box = input.current;
    if (box !== null && box.value !== value && document.activeElement !== box) box.value = value;
  }, [value]);
  return (
    <label class="field field-wide">
      <span>{words.search}</span>
      <input
        ref={input}
        type="search"
        defaultValue={value}
        placeholder={words.searchHint}
        maxLength={512}
        autocomplete="off"
        spellcheck={false}
        onInput={({ currentTarget }) => set('text', currentTarget.value.trim())}
      />
    </label>
  );
}

interface FieldProps {
  readonly name: Filter;
  readonly label: string;
  readonly query: Query;
}

interface SelectProps extends FieldProps {
  readonly choices: Choices;
  /** One of them always holds: there is no "any". */
  readonly isOrder?: boolean;
}

function Select({ name, label, query, choices, isOrder = false }: SelectProps) {
  const value = query[name] ?? '';
  const isKnown = value === '' || choices.some(([each]) => each === value);
  const [first] = choices;
  return (
    <label class="field">
      <span>{label}</span>
      <select
        value={value === '' && isOrder ? first?.[0] : value}
        onChange={({ currentTarget }) => set(name, currentTarget.value)}
      >
        {isOrder ? null : <option value="">{t.value.requests.any}</option>}
        {isKnown ? null : <option value={value}>{value}</option>}
        {choices.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

interface BoundProps extends FieldProps {
  /** The gateway's unit, in those that are typed. */
  readonly scale: number;
  readonly step: string;
}

function Bound({ name, label, query, scale, step }: BoundProps) {
  const value = query[name] ?? '';
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="number"
        min="0"
        step={step}
        defaultValue={value === '' ? '' : String(Number(value) / scale)}
        onInput={({ currentTarget: { value: typed } }) =>
          set(name, typed === '' ? '' : String(Math.round(Number(typed) * scale)))
        }
      />
    </label>
  );
}

function Flag({ name, label, query }: FieldProps) {
  return (
    <label class="field field-check">
      <input
        type="checkbox"
        checked={query[name] === 'true'}
        onChange={({ currentTarget }) => set(name, currentTarget.checked ? 'true' : '')}
      />
      <span>{label}</span>
    </label>
  );
}

/** Where the list was opened from a chart: the window that it shows. */
function Period({ query }: { readonly query: Query }) {
  const { from = '', to = '' } = query;
  const words = t.value.requests;
  if (from === '' && to === '') return null;
  const said = [
    from === '' ? '' : `${words.from} ${moment(Number(from))}`,
    to === '' ? '' : `${words.to} ${moment(Number(to))}`,
  ].filter((text) => text !== '');
  return <p class="quiet">{said.join(' · ')}</p>;
}
