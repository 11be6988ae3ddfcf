/** Every member that a JSON schema has, each with a request that has a value of one's own there and else the least that is asked for. */
import type { Json, JsonObject } from '../../src/lib/json.ts';

/** What is read of a JSON schema here. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly Json[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

export interface Schemas {
  readonly $id?: string;
  readonly $comment: string;
  readonly $defs: Readonly<Record<string, Schema>>;
}

export interface SchemaMember {
  /** Where the schemas have it: `CreateResponse/allOf/2/properties/input`. */
  readonly pointer: string;
  /** A whole request with this value there. */
  with(value: Json): Json;
}

/** A part of the schemas on the way to its members. */
interface Visit {
  readonly schema: Schema;
  readonly pointer: string;
  /** The request around what stands here. */
  readonly around: (value: Json) => Json;
  /** What stands beside members of this object: the rest of an `allOf`. */
  readonly beside?: JsonObject;
}

/** Of what `root` reaches; a definition that is reached in several ways is entered by the shortest. */
export function membersIn({ $defs }: Schemas, root: string): readonly SchemaMember[] {
  const found: SchemaMember[] = [];
  const entered = new Set<string>();
  const queue: Visit[] = [];
  const least = leastOf($defs);
  const visit = (node: Visit): void => {
    if (node.schema.$ref !== undefined)
      return enter(node.schema.$ref, node.around, node.beside ?? {});
    // Other branches of a union are other requests, other parts of an intersection the same one.
    const { anyOf, ...whole } = node.schema;
    const own = { ...node.beside, ...objectOf(least(whole)) };
    branch('anyOf', anyOf ?? [], node, own);
    branch('allOf', whole.allOf ?? [], node, own);
    enterMembers(node, own);
    if (Object.keys(node.schema).length === 0)
      found.push({
        pointer: `${node.pointer}/inside`,
        with: (value) => node.around({ any: [value] }),
      });
  };
  const branch = (
    kind: string,
    branches: readonly Schema[],
    { pointer, around }: Visit,
    beside: JsonObject,
  ): void => {
    for (const [at, schema] of branches.entries())
      queue.push({ schema, pointer: `${pointer}/${kind}/${at}`, around, beside });
  };
  const enterMembers = ({ schema, pointer, around }: Visit, own: JsonObject): void => {
    const { properties = {}, items, additionalProperties: rest } = schema;
    for (const [name, member] of Object.entries(properties))
      add(member, `${pointer}/properties/${name}`, (value) => around({ ...own, [name]: value }));
    if (items !== undefined) add(items, `${pointer}/items`, (value) => around([value]));
    if (rest === undefined || rest === false) return;
    const values = rest === true ? {} : rest;
    add(values, `${pointer}/additionalProperties`, (value) => around({ ...own, any: value }));
    found.push({
      pointer: `${pointer}/propertyNames`,
      with: (value) => around({ ...own, [textOf(value)]: 'x' }),
    });
  };
  const add = (schema: Schema, pointer: string, around: (value: Json) => Json): void => {
    found.push({ pointer, with: around });
    queue.push({ schema, pointer, around });
  };
  const enter = ($ref: string, around: Visit['around'], beside: JsonObject): void => {
    const name = nameIn($ref);
    // Members of a part of an `allOf` are other requests than those of the definition alone.
    if (entered.has(name)) return;
    entered.add(name);
    queue.push({ schema: $defs[name] ?? {}, pointer: name, around, beside });
  };
  enter(`#/$defs/${root}`, (value) => value, {});
  // The queue grows while it is read.
  for (const next of queue) visit(next);
  return found;
}

export const nameIn = ($ref: string): string => $ref.replace('#/$defs/', '');

/** As it would stand in a text. */
export const textOf = (value: Json): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

const objectOf = (value: Json): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

/** The least value that a schema takes. */
function leastOf($defs: Schemas['$defs']): (schema: Schema) => Json {
  const under = new Set<string>();
  const least = (schema: Schema): Json => {
    const { $ref, allOf, anyOf, enum: listed } = schema;
    if ($ref !== undefined) return leastNamed(nameIn($ref));
    if (listed !== undefined) return listed[0] ?? null;
    if (allOf !== undefined) return Object.assign({}, ...allOf.map(least)) as JsonObject;
    if (anyOf !== undefined) return least(anyOf.find((one) => one.type !== 'null') ?? {});
    return LEAST.get(schema.type)?.(schema) ?? leastObject(schema);
  };
  const leastList = ({ items = {}, minItems = 0 }: Schema): Json =>
    minItems === 0 ? [] : [least(items)];
  const LEAST = new Map<string | undefined, (schema: Schema) => Json>([
    ['string', () => 'x'],
    ['boolean', () => false],
    ['integer', ({ minimum }) => minimum ?? 1],
    ['number', ({ minimum }) => minimum ?? 1],
    ['array', leastList],
  ]);
  const leastObject = ({ properties = {}, required = [] }: Schema): JsonObject =>
    Object.fromEntries(required.map((name) => [name, least(properties[name] ?? {})]));
  const leastNamed = (name: string): Json => {
    if (under.has(name)) return {};
    under.add(name);
    const value = least($defs[name] ?? {});
    under.delete(name);
    return value;
  };
  return least;
}

/** The same members told by another reader: every `properties` of every definition that a text search reaches from `root`. */
export function pointersIn({ $defs }: Schemas, root: string): readonly string[] {
  const reached = [root];
  for (const name of reached)
    for (const [, other = ''] of JSON.stringify($defs[name] ?? {}).matchAll(/#\/\$defs\/([^"]+)/g))
      if (!reached.includes(other)) reached.push(other);
  return reached.flatMap((name) => propertiesBelow($defs[name] ?? {}, name));
}

function propertiesBelow(node: unknown, pointer: string, isMap = false): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, below]) => {
    const at = `${pointer}/${name}`;
    const inner = propertiesBelow(below, at, !isMap && name === 'properties');
    return isMap ? [at].concat(inner) : inner;
  });
}
