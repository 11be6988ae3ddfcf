/** The description of the routes against the routes. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { createApp, isRefusal } from '../../src/http/app.ts';
import { openApi } from '../../src/http/openapi/document.ts';
import { ROUTES } from '../../src/http/openapi/routes.ts';
import { version } from '../../src/version.ts';
import type { HttpParts } from '../../src/http/parts.ts';
import { startTestGateway } from '../support/gateway-fixture.ts';

/** Mounting asks nothing of its parts. */
const parts = new Proxy(
  { corsOrigins: [] },
  { get: (known, name) => Reflect.get(known, name) ?? (() => {}) },
);

test('every route that is mounted is described, and none else', () => {
  const all = ['get', 'post', 'put', 'patch', 'delete'];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const mounted = createApp(parts as unknown as HttpParts)
    .routes.filter(({ handler }) => !isRefusal(handler))
    .flatMap(({ method, path }) =>
      (method === 'ALL' ? all : [method.toLowerCase()]).map((each) => `${each} ${path}`),
    );
  expect(new Set(ROUTES.map(({ method, path }) => `${method} ${path}`))).toEqual(new Set(mounted));
});

test('the description is served, and its schemas are valid', async () => {
  const whole = await startTestGateway();
  const answer = await fetch(`${whole.gateway.url}/openapi.json`);
  const served = (await answer.json()) as { openapi: string; paths: object };
  expect(served).toEqual(JSON.parse(JSON.stringify(openApi({ version }))));
  expect(served.openapi).toBe('3.1.0');
  const ajv = new Ajv2020({ strict: false });
  const schemas = JSON.stringify(served.paths);
  for (const [, schema] of Object.entries(schemasIn(JSON.parse(schemas)))) {
    if (!('$ref' in schema)) expect(ajv.validateSchema(schema)).toBe(true);
  }
  await whole.close();
});

function schemasIn(value: unknown): readonly object[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'schema' in value && typeof value.schema === 'object' ? [value.schema!] : [];
  return [...own, ...Object.values(value).flatMap(schemasIn)];
}
