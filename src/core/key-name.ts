import { z } from 'zod';

/** As records, metrics and conditions call a key, a team or a budget. */
export const keyName = z
  .string()
  .max(64)
  .regex(/^[\w.-]+$/, 'must be made of letters, digits, `-`, `_` and `.`');
