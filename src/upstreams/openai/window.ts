/**
 * The effective window. Some servers truncate a long prompt and answer normally; the only trace is a prompt token count far below
 * the estimate.
 */
import { UpstreamError } from '../../core/errors.ts';

/**
 * A model's own tokenizer needs 0.8 to 1.4 times the tokens of the one that the estimate is fitted to: a report below 0.6 of the
 * estimate means a truncated prompt: no prose, code or script that was measured is that low.
 */
const CREDIBLE_SHARE = 0.6;
/** The same share for a prompt above a known window, reported at or below it. */
const SURELY_ABOVE = 0.85;
/** Smaller differences are ignored: templates and estimates are off by as much. */
const SLACK_TOKENS = 256;
/**
 * No server is started with less. Truncation may leave only the last message, far below the window.
 */
const LEAST_WINDOW = 2048;

/**
 * The window that the reported prompt tokens reveal: the next power of two, as windows are, or the known one. Undefined if the
 * report is credible, or missing (0).
 */
export function windowFromTruncation(
  reported: number,
  estimate: number,
  known: number | undefined,
): number | undefined {
  if (reported <= 0) return undefined;
  const isFarBelow = estimate * CREDIBLE_SHARE > reported + SLACK_TOKENS;
  const isAtLimit =
    known !== undefined && reported <= known && estimate * SURELY_ABOVE > known + SLACK_TOKENS;
  if (!isFarBelow && !isAtLimit) return undefined;
  const window = Math.max(LEAST_WINDOW, 2 ** Math.ceil(Math.log2(reported)));
  return Math.min(window, known ?? window);
}

export const truncatedPrompt = (
  upstream: string,
  reported: number,
  estimate: number,
): UpstreamError =>
  new UpstreamError(
    'context_overflow',
    `'${upstream}' read only ${reported} of about ${estimate} prompt tokens: its context window is smaller. ` +
      'Shorten the prompt, or give the server a larger window (for Ollama: OLLAMA_CONTEXT_LENGTH, or num_ctx in the Modelfile).',
  );
