/** Chat wants a result of each call of a turn right behind it, with nothing between. */
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

/** Said to the model, so that it does not take silence for success. */
const INTERRUPTED = 'The call was interrupted: it has no result.';

/**
 * The same with a result for each call that has none although the conversation went on: an agent was stopped meanwhile, and
 * its conversation would be refused for ever. The very same list where none is missing.
 */
export function missingResultsAdded(messages: readonly JsonObject[]): readonly JsonObject[] {
  let added: JsonObject[] | undefined;
  for (const [at, message] of messages.entries()) {
    added?.push(message);
    const missing = missingAt(messages, at);
    if (missing.length === 0) continue;
    added ??= messages.slice(0, at + 1);
    for (const id of missing) added.push({ role: 'tool', tool_call_id: id, content: INTERRUPTED });
  }
  return added ?? messages;
}

/** The ids of calls without a result, where this message is the last of their turn and others follow. */
function missingAt(messages: readonly JsonObject[], at: number): readonly string[] {
  const next = messages[at + 1];
  const message = messages[at];
  if (next === undefined || message === undefined || isResult(next)) return NONE;
  if (!isResult(message)) return idsIn(message);
  let first = at;
  while (first > 0 && isResult(messages[first] ?? {})) first -= 1;
  const given = new Set(
    messages.slice(first + 1, at + 1).map(({ tool_call_id: id }) => textIn(id)),
  );
  return idsIn(messages[first] ?? {}).filter((id) => !given.has(id));
}

const NONE: readonly string[] = [];

function idsIn({ tool_calls: calls }: JsonObject): readonly string[] {
  return calls === undefined
    ? NONE
    : objectsIn(calls)
        .map(({ id }) => textIn(id))
        .filter((id) => id !== '');
}
