/** The facts of an upstream that a decorator makes able to do more. */
import type { UpstreamFacts } from './decision.ts';
import type { Capability } from './signal.ts';

/**
 * The same facts with more capabilities. The set is rebuilt only when the facts change.
 * @param gained what these facts lack and the decorator adds; empty where it adds nothing
 */
export function withGained(
  facts: () => UpstreamFacts,
  gained: (now: UpstreamFacts) => readonly Capability[],
): () => UpstreamFacts {
  let known: UpstreamFacts | undefined;
  let wide: UpstreamFacts | undefined;
  return () => {
    const now = facts();
    if (now === known && wide !== undefined) return wide;
    known = now;
    const more = gained(now);
    wide =
      more.length === 0 ? now : { ...now, capabilities: new Set([...now.capabilities, ...more]) };
    return wide;
  };
}
