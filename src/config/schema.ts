/** The shape of `smallfirst.yaml`. Texts are already substituted; secrets are still texts or files. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { dialectNames } from '../core/dialect-names.ts';
import { capabilities } from '../core/signal.ts';

const optional = z.exactOptional;

/** Ends up in metrics and in `<upstream>/<model>`, so it is plain and has no slash. */
const RESERVED_NAMES = new Set(['auto', 'small', 'large', 'constructor', 'prototype', '__proto__']);
const upstreamName = z
  .string()
  .max(64)
  .regex(/^\w[\w.-]*$/, 'must be made of letters, digits, `-`, `_` and `.`, such as `local`')
  .refine(
    (name) => !RESERVED_NAMES.has(name),
    'is a word of the gateway itself; choose another name',
  );

export const HTTP_URL = 'must be an http:// or https:// address, such as http://127.0.0.1:11434/v1';

export function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

/** Browsers send an origin without a path: one written with a slash at its end would never match. */
const isOrigin = (text: string): boolean =>
  text === '*' || (URL.canParse(text) && new URL(text).origin === text);

const isHost = (text: string): boolean =>
  isIP(text.replace(/^\[(.*)\]$/, '$1')) > 0 || /^[\w-]+(\.[\w-]+)*\.?$/.test(text);

const httpUrl = z
  .string()
  .refine((text) => !URL.canParse(text) || new URL(text).password === '', {
    message: 'must not hold a password: put it in `apiKey`',
    abort: true,
  })
  .refine(isHttpUrl, HTTP_URL);

/** In place, `${VAR}`, or `{ file: path }`. `load.ts` refuses one that is written out in the file. */
const secretText = z.union([z.string(), z.strictObject({ file: z.string().min(1) })], {
  error: 'must be `${VARIABLE}` or `{ file: path }`',
});

const capability = z.enum(capabilities);

const usdPerMillion = z.number().min(0);
const joules = z.number().min(0);

/** What every kind of upstream may say about itself, in place of what is looked up or probed. */
const overrides = {
  contextTokens: optional(z.int().min(1)),
  capabilities: optional(z.array(capability)),
  price: optional(
    z.strictObject({
      inputUsdPerMillion: usdPerMillion,
      cachedInputUsdPerMillion: optional(usdPerMillion),
      outputUsdPerMillion: usdPerMillion,
    }),
  ),
  energy: optional(
    z.strictObject({ inputJPerToken: joules, outputJPerToken: joules, requestJ: optional(joules) }),
  ),
};

const milliseconds = z.int().min(1);

const openai = z.strictObject({
  name: upstreamName,
  kind: z.literal('openai'),
  locality: z.enum(['local', 'cloud']),
  url: httpUrl,
  model: z.string().min(1),
  models: optional(z.array(z.string().min(1))),
  apiKey: optional(secretText),
  server: optional(z.enum(dialectNames)),
  timeouts: optional(
    z.strictObject({
      connectMs: optional(milliseconds),
      firstByteMs: optional(milliseconds),
      idleMs: optional(milliseconds),
      wholeMs: optional(milliseconds),
    }),
  ),
  ...overrides,
});

const llamaCpp = z.strictObject({
  name: upstreamName,
  kind: z.literal('llama-cpp'),
  locality: z.literal('local').default('local'),
  model: z.string().min(1),
  threads: optional(z.int().min(1).max(1024)),
  gpuLayers: optional(z.int().min(0)),
  ...overrides,
});

const apiKey = z.strictObject({
  name: z
    .string()
    .max(64)
    .regex(/^[\w.-]+$/, 'must be made of letters, digits, `-`, `_` and `.`'),
  key: secretText,
  labels: z.record(z.string(), z.string()).default({}),
  mayOverride: z.boolean().default(true),
});

const auth = z
  .discriminatedUnion(
    'mode',
    [
      z.strictObject({ mode: z.literal('open') }),
      z.strictObject({
        mode: z.literal('keys'),
        adminKey: optional(secretText),
        keys: z.array(apiKey).min(1),
      }),
    ],
    { error: 'must be `open` or `keys`' },
  )
  .default({ mode: 'open' });

const STATE = '.smallfirst/state.db';

const store = z
  .discriminatedUnion(
    'kind',
    [
      z.strictObject({ kind: z.literal('sqlite'), path: z.string().min(1).default(STATE) }),
      z.strictObject({ kind: z.literal('postgres'), url: secretText }),
      z.strictObject({ kind: z.literal('memory') }),
    ],
    { error: 'must be `sqlite`, `postgres` or `memory`' },
  )
  .prefault({ kind: 'sqlite' });

const MIB = 1024 * 1024;

/** The kinds that `meters/choose.ts` knows. */
const METERS = [
  'auto',
  'prometheus',
  'rapl',
  'nvidia',
  'amd',
  'apple',
  'battery',
  'fixed',
  'modelled',
] as const;
const watts = z.number().min(0).max(1_000_000);

export const configSchema = z.strictObject({
  server: z
    .strictObject({
      host: z
        .string()
        .refine(isHost, 'must be an address or a host name without a port, such as `127.0.0.1`')
        .default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(4100),
      cors: z
        .array(
          z
            .string()
            .refine(isOrigin, 'must be `*` or an origin, such as `https://app.example.org`'),
        )
        .default([]),
    })
    .prefault({}),
  auth,
  upstreams: optional(
    z
      .array(
        z.discriminatedUnion('kind', [openai, llamaCpp], {
          error: 'must be `openai` (any server that speaks its API) or `llama-cpp`',
        }),
      )
      .min(1),
  ),
  policy: z.string().min(1).default('default'),
  interceptModels: optional(z.array(z.string().min(1))),
  store,
  shared: z.strictObject({ redis: optional(secretText) }).prefault({}),
  energy: z
    .strictObject({
      zone: z
        .string()
        .regex(
          /^[A-Z]{2,5}(-[A-Z0-9]{1,4}){0,2}$/,
          'must be a zone code in capitals, such as `USA`, `DEU` or `US-CAL-CISO`',
        )
        .default('USA'),
      liveGridUrl: optional(httpUrl),
      meter: z.enum(METERS).default('auto'),
      prometheus: optional(z.strictObject({ url: httpUrl, query: z.string().min(1) })),
      fixedWatts: optional(watts),
      idleWatts: optional(watts),
      tdpWatts: optional(watts),
      upstreams: optional(z.array(upstreamName)),
      embodiedKg: optional(z.number().min(0)),
      hardwareUsd: optional(z.number().min(0)),
      lifetimeYears: z.number().min(0.1).max(50).default(3),
      priceUsdPerKwh: z.number().min(0).default(0.15),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
      prompts: z.literal('never').default('never'),
    })
    .prefault({}),
  limits: z
    .strictObject({
      maxBodyBytes: z
        .int()
        .min(1024)
        .default(32 * MIB),
      maxDepth: z.int().min(8).max(10_000).default(128),
      maxInFlight: z.int().min(1).default(1024),
      drainMs: z.int().min(0).default(30_000),
    })
    .prefault({}),
});

export type RawConfig = z.output<typeof configSchema>;

export const configJsonSchema = () => z.toJSONSchema(configSchema, { io: 'input' });
