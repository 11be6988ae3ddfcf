/** Makes one exposition of those of several workers, by the rule that stands at each metric's definition. */
import { END, type Format } from './exposition.ts';
import { METRICS } from './metric-definitions.ts';
import { NANO_PER_USD } from './nano-usd.ts';
import { acrossProcesses } from './process-metrics.ts';
import type { Across } from './series.ts';

/** One metric: its two lines of head, and its samples by the text before their value, in order. */
interface Family {
  readonly head: string;
  readonly isGauge: boolean;
  readonly isMoney: boolean;
  readonly across: Across;
  readonly samples: Map<string, Sample>;
}

interface Sample {
  readonly value: number;
  /** With its mark and blank before it; empty where there is none. */
  readonly exemplar: string;
}

/** @param texts each with its end marker or without; a metric that only some have is taken from these */
export function mergeExpositions(texts: readonly string[], format: Format): string {
  const families = new Map<string, Family>();
  for (const text of texts) addTo(families, text);
  return [...families.values()].map(familyText).join('') + END[format];
}

/** What of a process's exposition still counts when it is gone: its counters and histograms. */
export function lastingPart(text: string): string {
  const families = new Map<string, Family>();
  addTo(families, text);
  return [...families.values()].flatMap((one) => (one.isGauge ? [] : familyText(one))).join('');
}

function addTo(families: Map<string, Family>, text: string): void {
  let help = '';
  let family: Family | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith('# HELP ')) help = line;
    else if (line.startsWith('# TYPE ')) family = familyOf(families, help, line);
    else if (line !== '' && !line.startsWith('#') && family !== undefined) addLine(family, line);
  }
}

function familyOf(families: Map<string, Family>, help: string, line: string): Family {
  const [, , name = '', type] = line.split(' ');
  const known = families.get(name);
  if (known !== undefined) return known;
  const isGauge = type === 'gauge';
  const family: Family = {
    head: `${help}\n${line}\n`,
    isGauge,
    isMoney: MONEY.test(name),
    across: ruleOf(name),
    samples: new Map(),
  };
  families.set(name, family);
  return family;
}

/** In OpenMetrics without `_total`. */
const MONEY = /_usd(?:_total)?$/;

const RULES: ReadonlyMap<string, Across> = new Map(
  Object.values(METRICS).map(({ name, across }) => [name, across]),
);

/** In OpenMetrics a counter's family has no `_total`. */
const ruleOf = (family: string): Across =>
  RULES.get(family) ?? RULES.get(`${family}_total`) ?? acrossProcesses(family);

/** A sample's name with its labels, whose values may hold anything in quotes; its value; its exemplar. */
const LINE = /^([^\s{]+(?:\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?) (\S+)( # .*)?$/;

function addLine({ across, samples }: Family, line: string): void {
  const [, key = '', figure = '', exemplar = ''] = LINE.exec(line) ?? [];
  const value = figure === '+Inf' ? Infinity : Number(figure);
  const known = samples.get(key);
  if (known === undefined) samples.set(key, { value, exemplar });
  else
    samples.set(key, {
      value: across === 'sum' ? known.value + value : Math.max(known.value, value),
      exemplar: timeOf(exemplar) > timeOf(known.exemplar) ? exemplar : known.exemplar,
    });
}

/** The last figure of an exemplar. */
const timeOf = (exemplar: string): number =>
  exemplar === '' ? -Infinity : Number(exemplar.slice(exemplar.lastIndexOf(' ') + 1));

const written = (value: number): string => (value === Infinity ? '+Inf' : String(value));

/** Each process's figure is a whole number of nano-USD: so is their sum. */
const nearestNano = (usd: number): number => Math.round(usd * NANO_PER_USD) / NANO_PER_USD;

function familyText({ head, isMoney, samples }: Family): string {
  let text = head;
  for (const [key, { value, exemplar }] of samples)
    text += `${key} ${written(isMoney ? nearestNano(value) : value)}${exemplar}\n`;
  return text;
}
