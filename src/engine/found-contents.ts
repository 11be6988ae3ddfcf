/** What a request was found to hold, for the objects at the cloud that it makes or puts more into. */
import { personalKinds } from '../core/masking.ts';
import type { ObjectContents } from '../core/object-contents.ts';
import type { Routing } from './routing.ts';

/** Undefined where it was not judged: the policy does not ask for personal data, or the signal failed. */
export function foundContents({
  features: { facts },
  readings: { pii },
  decision,
}: Routing): ObjectContents | undefined {
  if (pii === undefined || (pii.kind === 'abstain' && pii.cause !== 'unread')) return undefined;
  const { unread = [], remotePersonal = [] } = facts;
  const isMasked = decision.kind === 'route' && decision.redact !== undefined;
  // What is masked arrives without it. A reason names kinds, and nothing else of a text.
  const own = isMasked ? [] : personalKinds.filter((kind) => names(pii.reason, kind));
  return { unread, personal: [...remotePersonal, ...own] };
}

const names = (reason: string, kind: string): boolean => reason.split(/[ ,]/).includes(kind);
