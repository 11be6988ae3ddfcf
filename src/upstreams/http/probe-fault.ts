/** The wiring fault that a failed probe shows. */
import { UpstreamError } from '../../core/errors.ts';
import type { ProbeResult } from '../../core/upstream.ts';
import { unreachableWords } from './exchange-errors.ts';

/** Never throws. */
export function failedProbe(error: unknown): ProbeResult {
  const detail = error instanceof Error ? error.message : String(error);
  return { ok: false, detail, ...faultOf(error) };
}

/** Only a plain 401: a key may well be good for chat and not for the list of models. */
function faultOf(error: unknown): Pick<ProbeResult, 'fault'> {
  if (!(error instanceof UpstreamError)) return {};
  if (error.attemptCause === 'unreachable')
    return { fault: { cause: 'unreachable', words: unreachableWords(error) } };
  if (error.attemptCause !== 'auth' || error.upstreamStatus !== 401) return {};
  return { fault: { cause: 'auth', words: "it refuses the gateway's key (401)" } };
}

/** What a probe says of a server's list. */
export const modelsListed = (count: number): string =>
  count === 1 ? '1 model' : `${count} models`;
