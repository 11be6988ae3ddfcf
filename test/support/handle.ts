import type { Call } from '../../src/core/call.ts';
import type { ExecutionResult } from '../../src/engine/outcome.ts';
import type { Gateway } from '../../src/engine/gateway.ts';

const never = new AbortController().signal;

/** Routes and answers a call that is never aborted. */
export async function handle(gateway: Gateway, call: Call): Promise<ExecutionResult> {
  const routed = await gateway.route(call);
  return await routed.answer(never);
}
