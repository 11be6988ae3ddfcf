/** Figures as people read them: by language and time zone, each with its unit, and unknown is never 0. */
import { language, zone } from './settings.ts';
import { t } from './i18n/index.ts';

/** A rounded figure, and the exact one behind it. */
export interface Figure {
  readonly text: string;
  readonly exact?: string;
}

export interface Range {
  readonly low: number;
  readonly high: number;
}

const NANO = 1e9;
const CENT = 0.01;
const LEAST_SHOWN = 0.00001;

const number = (value: number, options: Intl.NumberFormatOptions = {}): string =>
  new Intl.NumberFormat(language.value, options).format(value);

/** Counts: whole numbers with the language's separators. */
export const count = (value: number): string => number(value, { maximumFractionDigits: 0 });

/** @param share 0 to 1 */
export const percent = (share: number): string =>
  number(share, {
    style: 'percent',
    maximumFractionDigits: share !== 0 && Math.abs(share) < 0.1 ? 1 : 0,
  });

/** A probability or a score in 0..1. */
export const score = (value: number): string =>
  number(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

const dollars = (usd: number, digits: number, most = digits): string =>
  number(usd, {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: most,
  });

/** Money below a cent is said to be so; the exact figure, to the nano-dollar, stands behind it. */
export function money(nanoUsd: number): Figure {
  const usd = nanoUsd / NANO;
  const exact = dollars(usd, 2, 9);
  const rounded = dollars(usd, 2);
  if (usd !== 0 && Math.abs(usd) < CENT)
    return { text: usd > 0 ? `< ${dollars(CENT, 2)}` : `> ${dollars(-CENT, 2)}`, exact };
  return rounded === exact ? { text: rounded } : { text: rounded, exact };
}

/**
 * Of one request: below a cent by its first two digits, so that requests can be compared; what is less than a
 * hundred-thousandth of a dollar is said to be so.
 */
export function requestMoney(nanoUsd: number): Figure {
  const usd = nanoUsd / NANO;
  if (usd <= 0 || usd >= CENT) return money(nanoUsd);
  const exact = exactMoney(nanoUsd);
  if (usd < LEAST_SHOWN) return { text: `< ${dollars(LEAST_SHOWN, 2, 5)}`, exact };
  const text = exactMoney(Number(nanoUsd.toPrecision(2)));
  return text === exact ? { text } : { text, exact };
}

/** Every digit that is not 0: where one request's cost is looked at closely. */
export const exactMoney = (nanoUsd: number): string => dollars(nanoUsd / NANO, 2, 9);

/** Both ends carry the currency; one figure where they read the same. */
export function moneyRange({ low, high }: Range): Figure {
  const [from, to] = [money(low), money(high)];
  const exact = low === high ? exactMoney(low) : `${exactMoney(low)} – ${exactMoney(high)}`;
  return { text: from.text === to.text ? from.text : `${from.text} – ${to.text}`, exact };
}

type Scale = readonly (readonly [unit: string, size: number])[];

const JOULES: Scale = [
  ['MJ', 1e6],
  ['kJ', 1e3],
  ['J', 1],
  ['mJ', 1e-3],
];
const GRAMS: Scale = [
  ['t', 1e6],
  ['kg', 1e3],
  ['g', 1],
  ['mg', 1e-3],
];
const MILLILITRES: Scale = [
  ['m³', 1e6],
  ['l', 1e3],
  ['ml', 1],
  ['µl', 1e-3],
];
const BYTES: Scale = [
  ['GB', 1e9],
  ['MB', 1e6],
  ['kB', 1e3],
  ['B', 1],
];

function scaled(value: number, scale: Scale): string {
  const rounded = Number(value.toPrecision(2));
  const [unit, size] = scale.find((each) => Math.abs(rounded) >= each[1]) ??
    scale.at(-1) ?? ['', 1];
  if (value === 0) return `${number(0)} ${scale.find(([, each]) => each === 1)?.[0] ?? unit}`;
  return `${number(rounded / size, { maximumSignificantDigits: 2 })} ${unit}`;
}

/** Both ends carry their unit: `630 J – 1.1 kJ`. */
function scaledRange({ low, high }: Range, scale: Scale): string {
  const [from, to] = [scaled(low, scale), scaled(high, scale)];
  return from === to ? from : `${from} – ${to}`;
}

const WATT_HOUR = 3600;

/** Joules; watt-hours stand behind them. */
export const energy = ({ low, high }: Range): Figure => ({
  text: scaledRange({ low, high }, JOULES),
  exact: `${plain(low / WATT_HOUR)} – ${plain(high / WATT_HOUR)} Wh`,
});

/** Three figures. */
export const plain = (value: number): string => number(value, { maximumSignificantDigits: 3 });

/** Grams of CO2 equivalent. */
export const carbon = (range: Range): string => `${scaledRange(range, GRAMS)} CO₂e`;

/** Millilitres. */
export const water = (range: Range): string => scaledRange(range, MILLILITRES);

export const joules = (value: number): string => scaled(value, JOULES);
export const grams = (value: number): string => scaled(value, GRAMS);

export function bytes(value: number): string {
  return scaled(value, BYTES);
}

/** Money on an axis: as many digits as it needs, no `< $0.01`. */
export function axisMoney(nanoUsd: number): string {
  const usd = nanoUsd / NANO;
  if (usd === 0 || Math.abs(usd) >= CENT) return dollars(usd, 2, Math.abs(usd) < 1 ? 3 : 2);
  const digits = 2 - Math.floor(Math.log10(Math.abs(usd)));
  return dollars(usd, 0, Math.min(digits, 9));
}

/** Milliseconds as `840 ms`, `1.2 s` or `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 10) return `${number(ms, { maximumFractionDigits: 1 })} ms`;
  if (ms < 1000) return `${number(Math.round(ms))} ms`;
  if (ms < 60_000) return `${number(ms / 1000, { maximumSignificantDigits: 3 })} s`;
  const minutes = Math.floor(ms / 60_000);
  return `${number(minutes)} min ${number(Math.floor((ms % 60_000) / 1000))} s`;
}

const dates = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat(language.value, { timeZone: zone.value, ...options });

/** Date and time with the zone, as wherever a moment stands by itself. */
export const moment = (atMs: number): string =>
  dates({
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  }).format(atMs);

/** The time of the day alone, where the heading says the zone. */
export const timeOfDay = (atMs: number): string =>
  dates({ hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(atMs);

/** Day and minute, for charts and lists that span days. */
export const dayAndTime = (atMs: number): string =>
  dates({ month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' }).format(atMs);

/** As a chart's axis has it. */
export const timeOfDayShort = (atMs: number): string =>
  dates({ hour: '2-digit', minute: '2-digit' }).format(atMs);

/** As a chart's axis has it, for steps of days. */
export const monthAndDay = (atMs: number): string =>
  dates({ month: 'short', day: 'numeric' }).format(atMs);

/** The zone's short name, such as `UTC` or `GMT+2`, at that moment. */
export function zoneName(atMs: number): string {
  const parts = dates({ timeZoneName: 'short' }).formatToParts(atMs);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? zone.value;
}

/** `value` by its formatter, or the word for what is not known. */
export const known = <T>(value: T | null | undefined, format: (value: T) => string): string =>
  value === null || value === undefined ? t.value.common.unknown : format(value);
