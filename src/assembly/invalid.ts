/** What is said of a wrong member in a command or an admin call. */
import type { ZodError } from 'zod';
import { GatewayError } from '../core/errors.ts';

export const invalid = (param: string, message: string): GatewayError =>
  new GatewayError('caller_invalid', message, { param, wireCode: 'invalid_value' });

/** @param whole what to call the value itself, such as `The key` */
export function firstProblem({ issues: [issue] }: ZodError, whole: string): GatewayError {
  const at = issue === undefined ? '' : issue.path.join('.');
  return invalid(at, `${at === '' ? whole : `'${at}'`}: ${issue?.message ?? 'is wrong'}.`);
}
