/** Reads the query of an admin route by its schema. */
import type { z } from 'zod';
import { DIMENSIONS } from '../../core/dimensions.ts';
import { invalid, type GatewayError } from '../../core/errors.ts';
import { didYouMean } from '../../lib/suggest.ts';

/** These may be repeated: any of their values. */
const LISTS: ReadonlySet<string> = new Set(DIMENSIONS);

/** @throws GatewayError `caller_invalid` that names the parameter and lists what there is */
export function queryOf<Shape extends z.ZodRawShape>(
  { searchParams }: URL,
  schema: z.ZodObject<Shape>,
): z.output<z.ZodObject<Shape>> {
  const given: Record<string, string | string[]> = {};
  for (const name of namesIn(searchParams, Object.keys(schema.shape))) {
    const values = searchParams.getAll(name);
    if (!LISTS.has(name) && values.length > 1) throw invalid(name, `Give '${name}' once.`);
    given[name] = LISTS.has(name) ? values : values[0]!;
  }
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const name = String(issue?.path[0] ?? '');
  const shown = String(given[name] ?? '').slice(0, 40);
  throw invalid(name, `'${name}' ${demandOf(issue)}${shown === '' ? '' : `, but is '${shown}'`}.`);
}

/**
 * The names of a query's parameters, each once.
 * @throws GatewayError `caller_invalid` for one that is not among those known: an answer without it would be another one
 */
export function namesIn(
  parameters: URLSearchParams,
  known: readonly string[],
): ReadonlySet<string> {
  const names = new Set(parameters.keys());
  for (const name of names) if (!known.includes(name)) throw unknownParameter(name, known);
  return names;
}

function demandOf(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'invalid_value')
    return `must be one of ${issue.values.map(String).join(', ')}`;
  if (issue?.code === 'invalid_type')
    return issue.expected === 'number' ? 'must be a number' : 'is missing';
  if (issue?.code === 'too_small') return `must be ${String(issue.minimum)} or more`;
  if (issue?.code !== 'too_big') return 'must be true or false';
  const what = issue.origin === 'array' ? 'values' : 'characters';
  return `may have at most ${String(issue.maximum)} ${what}`;
}

function unknownParameter(given: string, known: readonly string[]): GatewayError {
  const name = given.slice(0, 40);
  const message = `There is no parameter '${name}' here.${didYouMean(name, known)} There are: ${known.join(', ')}.`;
  return invalid(name, message);
}
