/** A call with members of its body changed, in what was parsed of it and in its bytes. */
import type { Call } from '../core/call.ts';
import type { Json } from '../lib/json.ts';
import { withMembers } from '../lib/json-outline.ts';
import { spliceJson } from '../lib/json-splice.ts';

/** @param changes members to set; undefined removes one */
export function callWith(call: Call, changes: Readonly<Record<string, Json | undefined>>): Call {
  const texts = Object.entries(changes).map(([name, value]) => [
    name,
    value === undefined ? undefined : JSON.stringify(value),
  ]);
  return {
    ...call,
    body: withMembers(call.body, changes),
    payload: spliceJson(call.payload, Object.fromEntries(texts)),
  };
}
