/** OpenAPI 3.1, made of the schemas that check what comes in. */
import { z } from 'zod';
import { remoteCookie } from '../callers/session-cookie.ts';
import type { DescribedRoute } from './described-route.ts';
import { ROUTES } from './routes.ts';

/** Paths as OpenAPI writes them: `/a/:id{[a-z]+}` is `/a/{id}`, and `*` is `{rest}`. */
const templateOf = (path: string): string =>
  path.replace(/:(\w+)(?:\{[^}]*\})?/g, '{$1}').replace('*', '{rest}');

interface OpenApiOptions {
  readonly version: string;
  /** Of the routes; empty for the root of the host. */
  readonly basePath?: string;
  readonly routes?: readonly DescribedRoute[];
}

export function openApi({ version, basePath = '', routes = ROUTES }: OpenApiOptions): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = (paths[templateOf(route.path)] ??= {});
    path[route.method] = operationOf(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Smallfirst',
      version,
      description:
        "OpenAI's and Anthropic's APIs, and this gateway's own. What is not named of theirs is passed on unread.",
    },
    servers: [{ url: basePath === '' ? '/' : basePath }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: remoteCookie(basePath) },
      },
      schemas: { Error: schemaOf(errorAnswer) },
    },
  };
}

/** OpenAI's error object. */
const errorAnswer = z.object({
  error: z.looseObject({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
});

function operationOf(route: DescribedRoute): object {
  const { summary, who, query, body, answer = z.looseObject({}), status = 200 } = route;
  const content =
    typeof answer === 'string'
      ? { [answer]: {} }
      : { 'application/json': { schema: schemaOf(answer) } };
  const isAdmin = who === 'viewer' || who === 'admin';
  return {
    summary,
    ...(who === 'anybody' ? { security: [] } : {}),
    ...(who === 'data' ? { security: [{ bearer: [] }] } : {}),
    ...(isAdmin ? { security: [{ bearer: [] }, { session: [] }], 'x-role': who } : {}),
    parameters: [...pathParameters(route.path), ...queryParameters(query)],
    ...(body === undefined
      ? {}
      : { requestBody: { content: { 'application/json': { schema: schemaOf(body, 'input') } } } }),
    responses: {
      [String(status)]: { description: 'Success', content },
      default: {
        description: 'An error',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

const pathParameters = (path: string): readonly object[] =>
  [...templateOf(path).matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));

function queryParameters(query: z.ZodObject | undefined): readonly object[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(query, 'input');
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function schemaOf(
  schema: z.ZodType,
  io: 'input' | 'output' = 'output',
): z.core.JSONSchema.BaseSchema {
  const { $schema: _, ...made } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return made;
}
