/** Configuration members that kinds of upstream share: time limits, and overrides of what is looked up or probed. */
import { z } from 'zod';
import { rateLimits } from '../core/keys.ts';
import { capabilities } from '../core/signal.ts';
import { isHttpUrl } from '../core/config-texts.ts';

const optional = z.exactOptional;
const usdPerMillion = z.number().min(0);
const joules = z.number().min(0);

const milliseconds = z.int().min(1);
const path = z.string().min(1);

/** Limits of an upstream that is reached over HTTP; those left out have defaults (`http/timeouts.ts`). */
export const timeouts = optional(
  z.strictObject({
    connectMs: optional(milliseconds),
    firstByteMs: optional(milliseconds),
    idleMs: optional(milliseconds),
    wholeMs: optional(milliseconds),
  }),
);

/** Written for `proxy`: no proxy, whatever the environment says. */
export const DIRECT = 'none';

/** The proxy of an upstream that is reached over HTTP. */
export const proxy = optional(
  z
    .string()
    .refine((text) => !URL.canParse(text) || new URL(text).password === '', {
      message: 'must not hold a password: a proxy that asks for one is named by HTTPS_PROXY',
      abort: true,
    })
    .refine(
      (text) => text === DIRECT || isHttpUrl(text),
      `must be the address of a proxy, such as http://proxy.corp:3128, or \`${DIRECT}\``,
    ),
);

/** TLS to an upstream, and where it may lead. Paths count from the configuration's folder. */
export const connection = {
  tls: optional(
    z.strictObject({
      ca: optional(path),
      cert: optional(path),
      key: optional(path),
      serverName: optional(z.string().min(1)),
      minVersion: optional(z.enum(['TLSv1.2', 'TLSv1.3'])),
    }),
  ),
  allowLinkLocal: optional(z.boolean()),
} as const;

const ROUTE = /^(\/(\{\}|[\w.-]+))+$/;

/** US dollars a call, by carried route. */
const fees = optional(
  z.record(
    z.string().regex(ROUTE, 'must be a route below `/v1`, such as `/images/generations`'),
    z
      .number()
      .min(0)
      .max(1_000_000)
      .refine((usd) => Number(usd.toFixed(9)) === usd, 'must have at most 9 decimals'),
  ),
);

/** The members for a kind's schema. */
export const overrides = {
  // Far above any model's; with twice as much llama.cpp ends the process instead of failing.
  contextTokens: optional(z.int().min(1).max(1_000_000_000)),
  capabilities: optional(z.array(z.enum(capabilities))),
  languages: optional(
    z.union([z.literal('all'), z.array(z.string().regex(/^[a-z]{2}$/)).min(1)], {
      error: 'must be `all`, or a list of two-letter codes (ISO 639-1): `[en, es]`',
    }),
  ),
  price: optional(
    z.strictObject({
      inputUsdPerMillion: usdPerMillion,
      cachedInputUsdPerMillion: optional(usdPerMillion),
      outputUsdPerMillion: usdPerMillion,
    }),
  ),
  fees,
  limits: optional(rateLimits),
  energy: optional(
    z.strictObject({ inputJPerToken: joules, outputJPerToken: joules, requestJ: optional(joules) }),
  ),
};
