/**
 * Writes `test/fixtures/messages-schemas.json`: what `/v1/messages` takes, as JSON schemas made of the types of Anthropic's
 * TypeScript SDK (MIT licence), which states no others. Run `npm run messages-schemas` after that SDK was updated in `test/clients`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import type { Schema, Schemas } from './schema-members.ts';

const ROOT = join(import.meta.dirname, '../..');
const TYPES = join(
  ROOT,
  'test/clients/node_modules/@anthropic-ai/sdk/resources/messages/messages.d.ts',
);
const OUTPUT = join(ROOT, 'test/fixtures/messages-schemas.json');

const program = ts.createProgram([TYPES], { strict: true, skipLibCheck: true });
const checker = program.getTypeChecker();
const defs: Record<string, Schema> = {};

function schemaOf(type: ts.Type): Schema {
  if (type.isUnion()) return unionOf(type.types);
  if (type.isStringLiteral()) return { type: 'string', enum: [type.value] };
  if ((type.flags & ts.TypeFlags.StringLike) !== 0) return { type: 'string' };
  if ((type.flags & ts.TypeFlags.NumberLike) !== 0) return { type: 'number' };
  if ((type.flags & ts.TypeFlags.BooleanLike) !== 0) return { type: 'boolean' };
  if ((type.flags & ts.TypeFlags.Null) !== 0) return { type: 'null' };
  if (checker.isArrayType(type)) {
    const [item] = checker.getTypeArguments(type as ts.TypeReference);
    return { type: 'array', items: item === undefined ? {} : schemaOf(item) };
  }
  return (type.flags & ts.TypeFlags.Object) === 0 ? {} : objectOf(type);
}

function unionOf(types: readonly ts.Type[]): Schema {
  const kept = types.filter((type) => (type.flags & ts.TypeFlags.Undefined) === 0);
  const words = kept.flatMap((type) => (type.isStringLiteral() ? [type.value] : []));
  const others = kept.filter((type) => !type.isStringLiteral()).map(schemaOf);
  const isOpen = others.some(({ type, enum: listed }) => type === 'string' && listed === undefined);
  const choices = [
    ...(words.length === 0 || isOpen ? [] : [{ type: 'string', enum: words }]),
    ...unique(others),
  ];
  return choices.length === 1 ? (choices[0] ?? {}) : { anyOf: choices };
}

const unique = (schemas: readonly Schema[]): readonly Schema[] => [
  ...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values(),
];

/** Named types are kept once; what has no name of its own stands where it is used. */
function objectOf(type: ts.Type): Schema {
  const name = nameOf(type);
  if (name === undefined) return membersOf(type);
  if (defs[name] === undefined) {
    // Before its members are read: types refer to themselves.
    defs[name] = {};
    defs[name] = membersOf(type);
  }
  return { $ref: `#/$defs/${name}` };
}

function nameOf(type: ts.Type): string | undefined {
  const symbol = type.aliasSymbol ?? type.symbol;
  const name = checker.getFullyQualifiedName(symbol).replace(/^".*"\.?/, '');
  return name === '' || name.includes('__') || name === 'Record' ? undefined : name;
}

function membersOf(type: ts.Type): Schema {
  const rest = type.getStringIndexType();
  const members = checker.getPropertiesOfType(type).map((member): [string, Schema] => {
    const declared = member.valueDeclaration ?? member.declarations?.[0];
    if (declared === undefined) throw new Error(`${member.name} is declared nowhere`);
    return [member.name, schemaOf(checker.getTypeOfSymbolAtLocation(member, declared))];
  });
  const required = checker
    .getPropertiesOfType(type)
    .filter(({ flags }) => (flags & ts.SymbolFlags.Optional) === 0)
    .map(({ name }) => name);
  return {
    type: 'object',
    ...(members.length === 0 ? {} : { properties: Object.fromEntries(members) }),
    ...(required.length === 0 ? {} : { required }),
    ...(rest === undefined ? {} : { additionalProperties: schemaOf(rest) }),
  };
}

const source = program.getSourceFile(TYPES);
const declared = source?.statements.find(
  (one) => ts.isInterfaceDeclaration(one) && one.name.text === 'MessageCreateParamsBase',
);
if (declared === undefined) throw new Error('The SDK in test/clients declares no request.');
schemaOf(checker.getTypeAtLocation(declared));
const made: Schemas = {
  $comment: 'Made of the types of @anthropic-ai/sdk (MIT) by test/support/make-messages-schemas.ts',
  $defs: defs,
};
writeFileSync(OUTPUT, `${JSON.stringify(made)}\n`);
