/** What is said of a wrong member in a command or an admin call. */
import { z } from 'zod';
import { invalid, type GatewayError } from '../core/errors.ts';
import { zodProblems } from '../lib/zod-problems.ts';

/**
 * What was given, as the schema has it.
 * @throws GatewayError that names the first wrong member and says what it must be, in the words that the configuration gets
 */
export function checkedBy<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
): z.output<Schema> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const source = {
    value: given,
    problem: told,
    keyProblem: (path: Path, message: string) => told(path.slice(0, -1), message),
  };
  const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  // A mistyped name is also missing under its right one: what was written comes first.
  const [issue] = result.error.issues.toSorted((a, b) => weight(a) - weight(b));
  throw zodProblems(issue === undefined ? [] : [issue], source, shape)[0] ?? result.error;
}

const weight = ({ code }: z.core.$ZodIssue): number => (code === 'unrecognized_keys' ? 0 : 1);

type Path = readonly PropertyKey[];

const told = (path: Path, message: string): GatewayError =>
  invalid(path.join('.'), message.endsWith('?') ? message : `${message}.`);
