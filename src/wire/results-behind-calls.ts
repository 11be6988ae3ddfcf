/** Chat wants the results of a turn's calls right behind it, with nothing between. */
import { objectsIn, textIn, type JsonObject } from '../lib/json.ts';

/** Where the user breaks in, or a client puts the picture of one result before the next result, they are moved there. Linear; the very same list where all stand so. */
export function resultsBehindCalls<T extends JsonObject>(messages: readonly T[]): readonly T[] {
  if (!messages.some(isApart)) return messages;
  const runs: T[][] = [];
  const callers = new Map<string, T[]>();
  for (const message of messages) {
    const caller = isResult(message) ? callers.get(textIn(message['tool_call_id'])) : undefined;
    let run = isResult(message) ? (caller ?? runs.at(-1)) : undefined;
    if (run === undefined) runs.push((run = []));
    run.push(message);
    for (const { id } of objectsIn(message['tool_calls'])) callers.set(textIn(id), run);
  }
  return runs.flat();
}

const isResult = ({ role }: JsonObject): boolean => role === 'tool';

/** A result behind anything but a result or an assistant's turn. */
function isApart(message: JsonObject, at: number, all: readonly JsonObject[]): boolean {
  if (!isResult(message)) return false;
  const before = all[at - 1]?.['role'];
  return before !== 'tool' && before !== 'assistant';
}
