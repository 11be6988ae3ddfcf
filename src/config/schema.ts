/** The shape of `smallfirst.yaml`. Texts are already substituted; secrets are still texts or files. */
import { isIP } from 'node:net';
import { keyName } from '../core/key-name.ts';
import { keySettings, rateLimits } from '../core/keys.ts';
import type { UpstreamKind } from '../core/upstream-kind.ts';
import { phoneRegion } from '../core/phone-regions.ts';
import { httpUrl, secretText, upstreamName } from '../core/config-texts.ts';
import { z } from '../lib/zod.ts';
import { budgetsSchema } from './budgets.ts';
import { IN_FLIGHT } from './limits.ts';
import { upstreamSchema } from './upstream-kinds.ts';

const optional = z.exactOptional;

/** Browsers send an origin without a path: one with a trailing slash would never match. */
const isOrigin = (text: string): boolean =>
  text === '*' || APP_ORIGIN.test(text) || (URL.canParse(text) && new URL(text).origin === text);

/** Of pages in desktop apps and browser extensions, as they send it: `URL` knows no origin of such schemes. */
const APP_ORIGIN = /^(?!https?:|wss?:|ftp:|file:)[a-z][a-z0-9+.-]*:\/\/[\w.-]+$/;

const isHost = (text: string): boolean =>
  isIP(text.replace(/^\[(.*)\]$/, '$1')) > 0 || /^[\w-]+(\.[\w-]+)*\.?$/.test(text);

const apiKey = z.strictObject({ name: keyName, key: secretText, ...keySettings });

const auth = z
  .discriminatedUnion(
    'mode',
    [
      z.strictObject({ mode: z.literal('open') }),
      z.strictObject({
        mode: z.literal('keys'),
        adminKey: optional(secretText),
        viewerKey: optional(secretText),
        keys: z.array(apiKey).default([]),
        teams: z.array(z.strictObject({ name: keyName, limits: rateLimits })).default([]),
      }),
    ],
    { error: 'must be `open` or `keys`' },
  )
  .default({ mode: 'open' });

/** A route below `/v1` of another cloud than OpenAI's. */
const carried = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  path: z
    .string()
    .regex(
      /^(\/(\{\w*\}|[\w.-]+))+$/,
      'must be a path below `/v1`, with ids in braces, such as `/agents/{agent}/runs/{}`',
    ),
  makes: z.boolean().default(false),
  lists: z.boolean().default(false),
  ids: optional(z.array(z.string().min(1)).min(1)),
});

const STATE = '.smallfirst/state.db';
const OUTBOX = '.smallfirst/outbox.db';

/** Records and attempts are deleted after so many days; their sums of money stay. */
const keepDays = optional(z.int().min(1).max(36_500));

/** Records hold what the judge saw of a request, in numbers, so that `learn` may correct it. */
const features = z.boolean().default(false);

const store = z
  .discriminatedUnion(
    'kind',
    [
      z.strictObject({
        kind: z.literal('sqlite'),
        path: z.string().min(1).default(STATE),
        spill: optional(z.string().min(1)),
        keepDays,
        features,
      }),
      z.strictObject({
        kind: z.literal('postgres'),
        url: secretText,
        /** `none`: where no disk outlives the process. */
        outbox: z.string().min(1).default(OUTBOX),
        keepDays,
        features,
      }),
      z.strictObject({ kind: z.literal('memory'), features }),
    ],
    { error: 'must be `sqlite`, `postgres` or `memory`' },
  )
  .prefault({ kind: 'sqlite' });

const MIB = 1024 * 1024;
/** Beyond it Node's timers fire at once, and no body of that size is ever held. */
const LARGEST = 2 ** 31 - 1;

/** The kinds in `meters/choose.ts`. */
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

/** Each takes the memory of a gateway. */
const MOST_WORKERS = 64;

const host = z
  .string()
  .refine(isHost, 'must be an address or a host name without a port, such as `127.0.0.1`');

const server = z
  .strictObject({
    host: host.default('127.0.0.1'),
    port: z.int().min(0).max(65_535).default(4100),
    cors: z
      .array(
        z.string().refine(isOrigin, 'must be `*` or an origin, such as `https://app.example.org`'),
      )
      .default([]),
    hosts: z.array(host).default([]),
    tls: optional(
      z.strictObject({
        cert: z.string().min(1),
        key: z.string().min(1),
        clientCa: optional(z.string().min(1)),
      }),
    ),
    basePath: z
      .string()
      .regex(
        /^(\/[\w~-][\w.~-]*)*$/,
        'must begin with `/` and not end with it, such as `/smallfirst`',
      )
      .default(''),
    /** Processes that share the port. */
    workers: z
      .union([z.int().min(1).max(MOST_WORKERS), z.literal('auto')], {
        error: `must be a number from 1 to ${MOST_WORKERS}, or \`auto\`: one for each core`,
      })
      .default(1),
  })
  .prefault({});

/** A listener of its own for administration. */
const admin = z.strictObject({
  host: host.default('127.0.0.1'),
  port: z.int().min(0).max(65_535),
});

/** A national number is looked up in each: 50 µs a number and dozen. */
const MOST_REGIONS = 40;

const phoneRegionCode = z
  .string()
  .refine(
    (code) => phoneRegion(code) !== undefined,
    'must be the two capital letters of a country, such as `ES` or `GB`',
  );

/** Every setting except the upstreams. */
const settings = {
  budgets: budgetsSchema,
  policy: z.string().min(1).default('default'),
  interceptModels: optional(z.array(z.string().min(1))),
  carried: z.array(carried).default([]),
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
  pii: z
    .strictObject({ phoneRegions: optional(z.array(phoneRegionCode).max(MOST_REGIONS)) })
    .prefault({}),
  judge: z
    .strictObject({
      deep: z.enum(['auto', 'always', 'off']).default('auto'),
      deadlineMs: z.int().min(1).max(10_000).default(40),
    })
    .prefault({}),
  idempotency: z
    .strictObject({ lingerMs: z.int().min(0).max(600_000).default(10_000) })
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
        .max(LARGEST)
        .default(32 * MIB),
      maxBufferedBytes: optional(
        z
          .int()
          .min(64 * 1024)
          .max(LARGEST),
      ),
      maxDepth: z.int().min(8).max(10_000).default(128),
      maxMembers: z.int().min(100).max(LARGEST).default(100_000),
      maxItems: z.int().min(100).max(LARGEST).default(500_000),
      maxInFlight: z.int().min(1).max(LARGEST).default(IN_FLIGHT),
      maxWaitMs: z.int().min(0).max(60_000).default(2000),
      breakers: z.boolean().default(true),
      maxAttempts: z.int().min(1).max(100).default(5),
      totalMs: z.int().min(1000).max(LARGEST).default(1_800_000),
      drainMs: z.int().min(0).max(LARGEST).default(30_000),
      drainAcceptMs: z.int().min(0).max(LARGEST).default(5000),
    })
    .prefault({}),
};

/** Members are in the order in which a message lists them. */
export const configSchema = (kinds: readonly UpstreamKind[]) =>
  z.strictObject({
    server,
    admin: optional(admin),
    auth,
    upstreams: optional(z.array(upstreamSchema(kinds)).min(1)),
    ...settings,
  });

export type RawConfig = z.output<ReturnType<typeof configSchema>>;

export const configJsonSchema = (kinds: readonly UpstreamKind[]) =>
  z.toJSONSchema(configSchema(kinds), { io: 'input' });
