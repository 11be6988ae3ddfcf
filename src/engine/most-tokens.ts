/** What an attempt can use at the most. */
import type { MostTokens } from '../core/accounting.ts';
import type { Target } from '../core/decision.ts';
import { outputLimit } from '../core/output-limit.ts';
import type { Upstreams } from './egress.ts';

/** The most tokens it can use: input by the model's context window, if it is known; output by the limit of the model's maker. */
export function mostOf({ upstream, model }: Target, upstreams: Upstreams): MostTokens {
  const facts = upstreams.get(upstream)?.facts();
  const window = facts?.model === model ? facts.contextTokens : undefined;
  const output = outputLimit(model) ?? window;
  return { input: window, output };
}
