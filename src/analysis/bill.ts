/** A provider's bill as CSV: OpenAI's export of costs, or a plain table of day, model and amount. */
import { parse } from 'csv-parse/sync';

/** What one model cost on one day of UTC. */
export interface BilledDay {
  /** `2026-11-29` */
  readonly day: string;
  readonly model: string;
  readonly nanoUsd: number;
}

type Row = Readonly<Record<string, string | undefined>>;

/** @throws Error that says which line is wrong, and what to write */
export function readBill(csv: string): readonly BilledDay[] {
  const rows: readonly Row[] = parse(csv, {
    bom: true,
    columns: (names: readonly string[]) => names.map((name) => name.trim().toLowerCase()),
    skip_empty_lines: true,
    trim: true,
    relax_column_count: true,
  });
  const [first] = rows;
  if (first === undefined) throw new Error('The bill has no lines.');
  const lineOf = 'amount_value' in first ? openAiLine : 'usd' in first ? plainLine : undefined;
  if (lineOf === undefined) {
    throw new Error(
      `The bill's columns are ${Object.keys(first).join(', ')}; there must be start_time, amount_value and line_item (OpenAI's export of costs), or day, model and usd.`,
    );
  }
  const sums = new Map<string, { readonly day: string; readonly model: string; atto: bigint }>();
  rows.forEach((row, index) => {
    const { day, model, atto } = lineOf(row, index + 2);
    const key = JSON.stringify([day, model]);
    const sum = sums.get(key) ?? { day, model, atto: 0n };
    sum.atto += atto;
    sums.set(key, sum);
  });
  return [...sums.values()].map(({ day, model, atto }) => ({ day, model, nanoUsd: toNano(atto) }));
}

interface BillLine {
  readonly day: string;
  readonly model: string;
  /** Of a USD, 10^-18: providers charge parts of a nano-USD, and a sum is rounded once. */
  readonly atto: bigint;
}

/** `line_item` is `gpt-4o-2024-08-06, input`. */
function openAiLine(row: Row, line: number): BillLine {
  const { line_item: item = '', amount_currency: currency = 'usd' } = row;
  if (currency.toLowerCase() !== 'usd')
    throw new Error(`Line ${line}: the currency is ${currency}, and must be usd.`);
  const seconds = row['start_time'];
  const at = /^\d+$/.test(seconds ?? '') ? Number(seconds) * 1000 : row['start_time_iso'];
  return {
    day: dayOf(at, line),
    model: (item.split(',')[0] ?? '').trim(),
    atto: attoOf(row['amount_value'], line),
  };
}

function plainLine(row: Row, line: number): BillLine {
  const { model = '', usd } = row;
  return { day: dayOf(row['day'] ?? row['date'], line), model, atto: attoOf(usd, line) };
}

function dayOf(at: string | number | undefined, line: number): string {
  const ms = typeof at === 'number' ? at : Date.parse(at ?? '');
  if (Number.isFinite(ms)) return new Date(ms).toISOString().slice(0, 10);
  throw new Error(`Line ${line}: there is no day in it; write it as 2026-11-29.`);
}

const DECIMALS = 18;

function attoOf(text: string | undefined, line: number): bigint {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)\$?(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text ?? '') ?? [];
  if (whole + fraction === '')
    throw new Error(`Line ${line}: the amount is "${text ?? ''}"; write US dollars, such as 0.25.`);
  const shift = DECIMALS + Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  const size = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
  return sign === '-' ? -size : size;
}

/** Rounded to the nearest. */
function toNano(atto: bigint): number {
  const half = atto < 0n ? -500_000_000n : 500_000_000n;
  return Number((atto + half) / 1_000_000_000n);
}
