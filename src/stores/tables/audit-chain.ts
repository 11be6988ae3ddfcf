/** The audit log's hash chain: changing, removing or inserting a row afterwards breaks it. */
import { createHash } from 'node:crypto';
import type { AuditEvent, Verified } from '../../core/policy-store.ts';

/** SHA-256, in hex, over the event and the previous event's hash. */
export function hashOf(event: Omit<AuditEvent, 'hash'>): string {
  const { seq, atMs, who, event: kind, detail, previous } = event;
  const fields = JSON.stringify([seq, atMs, who, kind, detail, previous]);
  return createHash('sha256').update(fields).digest('hex');
}

/** Recomputes the chain. `written`: the number of events ever written, which reveals rows removed from the end. */
export function verifyChain(events: readonly AuditEvent[], written: number): Verified {
  let head = '';
  let seq = 0;
  for (const event of events) {
    seq += 1;
    if (event.seq !== seq) {
      return { ok: false, seq, problem: 'the row is missing' };
    }
    if (event.previous !== head) {
      return { ok: false, seq, problem: 'it does not continue the row before' };
    }
    if (hashOf(event) !== event.hash) {
      return { ok: false, seq, problem: 'its content is not what was written' };
    }
    head = event.hash;
  }
  if (written > seq) return { ok: false, seq: seq + 1, problem: 'the row is missing' };
  return { ok: true, events: seq, head };
}
