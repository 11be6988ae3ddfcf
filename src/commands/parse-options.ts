/** Parses durations and shares of command line options. */
import { MS_BY_UNIT } from '../lib/units.ts';

/** `30d` → milliseconds. @throws Error naming the option */
export function duration(option: string, text: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)([mhdw])$/.exec(text) ?? [];
  const unitMs = MS_BY_UNIT.get(unit ?? '');
  if (count !== undefined && unitMs !== undefined) return Number(count) * unitMs;
  throw new Error(`--${option} is "${text}"; write a number with m, h, d or w, such as 30d.`);
}

/** `5%`, `+5%`, `0.05` → 0.05; undefined stays so. @throws Error naming the option */
export function share(
  option: string,
  text: string | undefined,
  { signed = false } = {},
): number | undefined {
  if (text === undefined) return undefined;
  const [, number, percent] = /^([+-]?\d+(?:\.\d+)?)(%?)$/.exec(text.trim()) ?? [];
  const value = Number(number) / (percent === '%' ? 100 : 1);
  if (number !== undefined && (signed || (value >= 0 && value <= 1))) return value;
  const like = signed ? '+5% or -0.1' : '0.5 or 50%';
  throw new Error(`--${option} is "${text}"; write a share, such as ${like}.`);
}

/** `400` → 400. @throws Error naming the option */
export function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new Error(`--${option} is "${text}"; write a whole number, such as 400.`);
}

/** @returns 0 to 65535; 0 is any free one. @throws Error naming the option */
export function portNumber(option: string, text: string): number {
  const value = Number(text);
  if (/^\d{1,5}$/.test(text) && value <= 65_535) return value;
  throw new Error(`--${option} is "${text}"; write a port from 0 to 65535, such as 4100.`);
}
