/** A user's own golden set: JSONL, one item a line. */
import { z } from 'zod';
import type { GoldenItem } from './golden-set.ts';
import { isRight } from './grade.ts';

const text = z.string().max(20_000);
const words = z.array(text.min(1)).min(1);

const line = z.strictObject({
  id: z.exactOptional(z.string().min(1).max(100)),
  kind: z.string().min(1).max(40).default('own'),
  language: z.string().min(2).max(20).default('en'),
  messages: z
    .array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: text }))
    .min(1),
  accept: z.strictObject({
    anyOf: z.exactOptional(words),
    noneOf: z.exactOptional(words),
    patterns: z.exactOptional(z.array(z.string().min(1).max(500).refine(isPattern)).min(1)),
    least: z.exactOptional(z.int().min(1)),
    number: z.exactOptional(z.number()),
    mostWords: z.exactOptional(z.int().min(1)),
    json: z.exactOptional(z.record(z.string(), z.json())),
  }),
});

function isPattern(source: string): boolean {
  try {
    return new RegExp(source, 'iu').source !== '';
  } catch {
    return false;
  }
}

/** @throws Error that names every bad line */
export function readGolden(source: string): readonly GoldenItem[] {
  const problems: string[] = [];
  const items: GoldenItem[] = [];
  const asked = new Map<string, number>();
  for (const [at, one] of source.split('\n').entries()) {
    if (one.trim() === '') continue;
    const read = readLine(one, at + 1);
    const problem = typeof read === 'string' ? read : problemOf(read, at + 1, asked);
    if (problem !== undefined) problems.push(`line ${at + 1}: ${problem}`);
    else if (typeof read !== 'string') items.push(read);
  }
  if (problems.length > 0) throw new Error(`The golden set has mistakes:\n${problems.join('\n')}`);
  if (items.length === 0) throw new Error('The golden set is empty: one JSON item a line.');
  return items;
}

function readLine(source: string, number: number): GoldenItem | string {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    return 'not JSON';
  }
  const { success, data, error } = line.safeParse(value);
  if (success) return { id: `line-${number}`, ...data };
  const [issue] = error.issues;
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not an item'}`;
}

function problemOf(
  { messages, accept, id }: GoldenItem,
  number: number,
  asked: Map<string, number>,
): string | undefined {
  if (isRight('', accept)) return '`accept` accepts the empty answer: say what must stand in it';
  if (messages.at(-1)?.role !== 'user') return 'the last message must be of the user';
  for (const key of [`id ${id}`, JSON.stringify(messages)]) {
    const before = asked.get(key);
    if (before !== undefined) return `repeats line ${before}`;
    asked.set(key, number);
  }
  return undefined;
}
