/** Gives custom tools, `allowed_tools` and the old `functions` to an upstream that knows tools of functions only. */
import type { Call } from '../core/call.ts';
import type { UpstreamFacts } from '../core/decision.ts';
import { withGained } from '../core/gained-capabilities.ts';
import { foundOf } from '../core/large-body.ts';
import type { Upstream } from '../core/upstream.ts';
import { sendAsFunctions } from '../wire/send-as-functions.ts';
import { FOR_FUNCTIONS } from './dialects.ts';

/**
 * The same upstream, able to answer chats with custom tools: as functions of one text, whose calls are turned back. One that has them
 * itself, has no tools at all, or speaks `/responses` to its own state gets what came.
 */
export function customToolsByFunctions(inner: Upstream): Upstream {
  return {
    name: inner.name,
    kind: inner.kind,
    locality: inner.locality,
    ...(inner.masks === true ? { masks: true } : {}),
    facts: withGained(
      () => inner.facts(),
      (now) => (lacksCustom(now) ? ['custom_tools'] : []),
    ),
    send: (request, abort) => {
      const isOwn = isPlain(request.call) || inner.facts().capabilities.has('custom_tools');
      return isOwn ? inner.send(request, abort) : sendAsFunctions(inner, request, abort);
    },
    probe: (abort) => inner.probe(abort),
    close: () => inner.close(),
  };
}

/** A large body was looked through where it was read. */
function isPlain(call: Call): boolean {
  if (call.operation !== 'chat') return true;
  const found = foundOf(call);
  return found !== undefined && !found.rewrites.has(FOR_FUNCTIONS);
}

const lacksCustom = ({ capabilities }: UpstreamFacts): boolean =>
  capabilities.has('chat') &&
  capabilities.has('tools') &&
  !capabilities.has('custom_tools') &&
  !(capabilities.has('responses') && capabilities.has('stored_state'));
