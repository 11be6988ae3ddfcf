/** Which of a server's models write reasoning, and in which member: learned from its answers. */
import { isObject, textIn, type Json, type JsonObject } from '../../lib/json.ts';
import type { Dialect } from '../dialects.ts';
import { REASONING_MEMBERS, REASONING_PARTS } from '../dialects/history.ts';

export interface ReasoningSeen {
  /** Whether the model is known to write this member of a message, or content parts of this type. */
  writes(name: string, model: string, declared: Dialect['reasoning']): boolean;
  /** A whole answer, or an event of a stream, of this model. */
  observe(body: JsonObject, model: string): void;
}

/** Callers may name any model of a cloud: further ones are not remembered. */
const MAX_MODELS = 256;

export function reasoningSeen(): ReasoningSeen {
  const members = new Map<string, Set<string>>();

  const learn = (name: string, model: string): void => {
    const known = members.get(model);
    if (known !== undefined) known.add(name);
    else if (members.size < MAX_MODELS) members.set(model, new Set([name]));
  };

  return {
    writes: (name, model, declared) =>
      members.get(model)?.has(name) === true ||
      (declared?.member === name && declared.models.test(model)),
    observe: (body, model) => eachReasoning(body, (name) => learn(name, model)),
  };
}

/** No generator: it is asked of each event of a stream. */
function eachReasoning({ choices }: JsonObject, found: (name: string) => void): void {
  if (!Array.isArray(choices)) return;
  for (const choice of choices as readonly Json[]) {
    const said = isObject(choice) ? (choice['message'] ?? choice['delta']) : undefined;
    if (!isObject(said)) continue;
    for (const name of REASONING_MEMBERS) if (said[name] != null) found(name);
    const { content } = said;
    if (!Array.isArray(content)) continue;
    for (const part of content as readonly Json[]) {
      if (isObject(part) && REASONING_PARTS.has(textIn(part['type']))) found(textIn(part['type']));
    }
  }
}
