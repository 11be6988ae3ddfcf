/** A record as a row of the page's list: short, whatever names its caller chose. */
import type { RequestRow } from '../core/admin-requests.ts';
import type { Attempt, Energy, UsageRecord } from '../core/record.ts';
import { domainOf, isEscalated } from './count.ts';
import { isUnpriced } from './range.ts';

/** A row's longest JSON, in bytes of UTF-8; long names are cut, and end in `…`. */
export const MOST_ROW_BYTES = 400;

export function requestRow(record: UsageRecord): RequestRow {
  const { shadowOf, attempts, outcome, status, ttftMs, errorCode } = record;
  return shortened({
    id: record.id,
    atMs: Math.round(record.atMs),
    kind: shadowOf === undefined ? 'request' : 'shadow',
    key: record.caller,
    outcome,
    status,
    ...answererIn(record),
    ...decisionIn(record),
    ...moneyIn(attempts),
    ...energyIn(attempts),
    latencyMs: rounded(record.latencyMs, 10),
    ...(ttftMs === undefined ? {} : { ttftMs: rounded(ttftMs, 10) }),
    ...(errorCode === undefined ? {} : { error: errorCode }),
    ...(record.degraded === undefined ? {} : { degraded: true }),
    ...(isEscalated(record) ? { escalated: true } : {}),
  });
}

function answererIn({
  shadowOf,
  attempts,
}: UsageRecord): Pick<RequestRow, 'tier' | 'upstream' | 'model' | 'tokens'> {
  const last = attempts.findLast(({ shadow }) => shadowOf !== undefined || shadow !== true);
  if (last === undefined) return {};
  const { tier, upstream, model, usage } = last;
  if (usage === undefined) return { tier, upstream, model };
  return { tier, upstream, model, tokens: [usage.inputTokens, usage.outputTokens] };
}

function decisionIn(record: UsageRecord): Pick<RequestRow, 'rule' | 'domain' | 'complexity'> {
  const domain = domainOf(record);
  const { rule, complexity = null } = record.decision ?? {};
  return {
    ...(rule === undefined ? {} : { rule }),
    ...(domain === undefined ? {} : { domain }),
    ...(complexity === null ? {} : { complexity: rounded(complexity, 100) }),
  };
}

const rounded = (value: number, parts: number): number => Math.round(value * parts) / parts;

function moneyIn(attempts: readonly Attempt[]): Pick<RequestRow, 'nanoUsd' | 'unpriced'> {
  const costs = attempts.flatMap(({ cost }) => cost ?? []);
  const unpriced = attempts.some(isUnpriced) ? { unpriced: true as const } : {};
  if (costs.length === 0) return unpriced;
  return { nanoUsd: costs.reduce((sum, { totalNanoUsd }) => sum + totalNanoUsd, 0), ...unpriced };
}

function energyIn(attempts: readonly Attempt[]): Pick<RequestRow, 'energyJ' | 'method'> {
  const known = attempts.flatMap(({ energy }) => energy ?? []);
  const [first] = known;
  if (first === undefined) return {};
  const sum = (of: (energy: Energy) => number): number =>
    Number(known.reduce((total, energy) => total + of(energy), 0).toPrecision(3));
  const isOne = known.every(({ method }) => method === first.method);
  return {
    energyJ: [sum(({ lowJ }) => lowJ), sum(({ highJ }) => highJ)],
    ...(isOne ? { method: first.method } : {}),
  };
}

/** The longest names that are shown whole, in bytes of JSON; the least that any is cut to. */
const LONG_NAME = 48;
const LEAST_NAME = 8;

function shortened(row: RequestRow): RequestRow {
  for (let most = LONG_NAME; ; most -= LEAST_NAME) {
    const cut = { ...row };
    for (const name of ['id', 'key', 'upstream', 'model', 'rule', 'domain'] as const) {
      const text = row[name];
      if (text !== undefined) cut[name] = cutTo(text, name === 'id' ? 80 : most);
    }
    if (most <= LEAST_NAME || Buffer.byteLength(JSON.stringify(cut)) <= MOST_ROW_BYTES) return cut;
  }
}

/** What is left of a text, with `…` where it was cut, takes at most so many bytes in JSON. Never half a character. */
function cutTo(text: string, bytes: number): string {
  if (text.length <= bytes && bytesOf(text) <= bytes) return text;
  let [kept, size] = ['', 3];
  for (const character of text) {
    size += bytesOf(character);
    if (size > bytes) break;
    kept += character;
  }
  return `${kept}…`;
}

const bytesOf = (text: string): number => Buffer.byteLength(JSON.stringify(text)) - 2;
