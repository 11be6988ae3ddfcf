/** Tools in namespaces, which `/v1/responses` has and chat has not: there the name of each begins with that of its namespace. */
import { objectsIn, textIn, type JsonObject } from '../lib/json.ts';

export interface Namespaced {
  readonly namespace: string;
  readonly name: string;
}

/** Of a tool's call, or of a tool: its name where there are no namespaces. */
export function flatName({ namespace, name }: JsonObject): string {
  const own = textIn(name);
  return textIn(namespace) === '' ? own : `${textIn(namespace)}__${own}`;
}

/** Those in namespaces beside the others, and no namespaces. */
export const flatTools = (tools: readonly JsonObject[]): readonly JsonObject[] =>
  tools.some(isNamespace) ? tools.flatMap(flattened) : tools;

const isNamespace = ({ type }: JsonObject): boolean => type === 'namespace';

function flattened(tool: JsonObject): JsonObject | readonly JsonObject[] {
  return isNamespace(tool) ? inside(tool).map((one) => within(tool, one)) : tool;
}

const within = ({ name: namespace }: JsonObject, tool: JsonObject): JsonObject => ({
  ...tool,
  name: flatName({ namespace, name: tool['name'] }),
});

const inside = (tool: JsonObject): readonly JsonObject[] => objectsIn(tool['tools']);

/** By its name in chat, what each tool of a namespace is called by. */
export const namespacesIn = (tools: readonly JsonObject[]): ReadonlyMap<string, Namespaced> =>
  new Map(
    tools.filter(isNamespace).flatMap((tool) =>
      inside(tool).map((one) => {
        const called = { namespace: textIn(tool['name']), name: textIn(one['name']) };
        return [flatName(called), called] as const;
      }),
    ),
  );
