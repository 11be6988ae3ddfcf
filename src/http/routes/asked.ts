/** Asks the upstreams that were decided on. */
import { GatewayError } from '../../core/errors.ts';
import type { KeptContents } from '../../core/object-contents.ts';
import type { Routed } from '../../engine/gateway.ts';
import type { ExecutionResult } from '../../engine/outcome.ts';
import { closeIterator } from '../../lib/iterators.ts';
import type { Held } from '../carried/ownership.ts';

interface Asking {
  /** Absent where everything is the caller's. */
  readonly held: Held | undefined;
  readonly abort: AbortSignal;
  /** False for a route that is answered here where the cloud has none. */
  readonly isKnown: boolean;
}

/** @throws GatewayError if nobody answers */
export function asked(routed: Routed, { held, abort, isKnown }: Asking): Promise<ExecutionResult> {
  const asking = held === undefined ? routed.answer(abort) : answerHeld(routed, held, abort);
  return isKnown ? asking : ifKnownThere(asking);
}

/** Where what it puts into an object cannot be kept, it ends before it is sent, and leaves its record. */
async function answerHeld(
  routed: Routed,
  held: Held,
  abort: AbortSignal,
): Promise<ExecutionResult> {
  let contents: KeptContents | undefined;
  try {
    const isSent = routed.decision.kind === 'route';
    contents = isSent ? await held.putIn(routed.contents()) : undefined;
  } catch (error) {
    return await routed.answer(AbortSignal.abort(error));
  }
  const done = await routed.answer(abort);
  return { ...done, answer: held.keep(done.answer, done.target.upstream, contents) };
}

/** Many clouds have less than OpenAI's. */
const isMissing = ({ answer: given }: ExecutionResult): boolean =>
  given.kind === 'raw' && (given.status === 404 || given.status === 405 || given.status === 501);

/** @throws GatewayError where the cloud has no such route */
async function ifKnownThere(asking: Promise<ExecutionResult>): Promise<ExecutionResult> {
  const done = await asking;
  if (!isMissing(done)) return done;
  if (done.answer.kind === 'raw') await closeIterator(done.answer.chunks);
  throw new GatewayError('caller_unknown_route', `'${done.target.upstream}' has no such route.`);
}
