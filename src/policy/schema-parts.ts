/** What several parts of a policy's schema share. */
import { z } from 'zod';
import { vocabulary } from './vocabulary.ts';

export const share = z.number().min(0).max(1);

/** `<name>` stands for the names that are configured. */
const NAMES = vocabulary({ signals: ['<name>'], upstreams: ['<name>'] }).map(({ path }) =>
  path.join('.'),
);

/** Characters. To check one takes time by the square of its length: 20 ms for so many comparisons as fit. */
export const LONGEST_CONDITION = 10_000;

/** A condition in CEL. */
export const condition = z.string().min(1).max(LONGEST_CONDITION);

export const when = condition.meta({
  description: `A condition in CEL: true or false for a request. Names: ${NAMES.join(', ')}. See policies/README.md.`,
  examples: ['signals.pii >= 0.5', 'request.tools > 0 && signals.complexity >= 0.3'],
});
