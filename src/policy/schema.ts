/** The schema of a policy file. `policies/schema.json`, for editors, is generated from it. */
import { z } from '../lib/zod.ts';
import { personalKinds } from '../core/masking.ts';
import { unreadKinds } from '../core/unread.ts';
import { isZone } from '../lib/calendar.ts';
import { MS_BY_UNIT } from '../lib/units.ts';
import { audits, collect, learned, verify } from './answer-schema.ts';
import { condition, share, when } from './schema-parts.ts';

/** Names are used in metrics and headers, so length and characters are limited. */
const name = z
  .string()
  .max(64)
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'must be made of small letters, digits and `-`');

const tier = z.enum(['small', 'large']);
/** Where a policy names none. */
export const USUAL_UPSTREAMS = { small: 'local', large: 'cloud' } as const;

const locality = z.enum(['local', 'cloud']);

const SHARED = /^(canary|shadow): ?(0(\.\d+)?|1(\.0+)?)$/;

const MODES =
  'must be `off`, `observe`, `shadow`, `on` or `canary: 0.1` (a share from 0 to 1; `shadow: 0.1` likewise)';

const mode = z
  .union(
    [
      z.enum(['off', 'observe', 'shadow', 'on']),
      z.strictObject({ canary: share }),
      z.strictObject({ shadow: share }),
      z.string().regex(SHARED, MODES),
    ],
    { error: MODES },
  )
  .meta({
    description:
      'off: everything goes to large. observe: decide and record, send to large. shadow: as observe, and also ask the other tier in the background for this share of conversations (default 0.1). canary: act on this share of conversations. on: act.',
  });

const keyMode = z.strictObject({
  when: condition.meta({
    description: 'A condition in CEL that uses the key only: key.name, key.labels.',
    examples: ['key.labels.team == "support"'],
  }),
  mode,
});

const guards = z
  .strictObject({
    errorRate: z.exactOptional(share).meta({ description: 'Share of requests that fail.' }),
    ttftMs: z
      .exactOptional(z.number().gt(0))
      .meta({ description: 'Milliseconds to the first token, met by 95 of 100 requests.' }),
    largeShare: z
      .exactOptional(share)
      .meta({ description: 'Share of requests that the large tier answers.' }),
    costUsdPerHour: z.exactOptional(z.number().gt(0)),
    windowMinutes: z.number().gt(0).max(1440).default(10),
    minRequests: z
      .int()
      .min(1)
      .default(50)
      .meta({ description: 'With fewer requests in the window no guard is evaluated.' }),
  })
  .meta({
    description:
      'Bounds for the requests that the policy acts on. When one is broken, the gateway rolls back to the previously active version.',
  });

const objective = z
  .union(
    [
      z.strictObject({ quality: z.number().gt(0).max(1) }),
      z.strictObject({ largeShare: share }),
      z.strictObject({ complexityBelow: share }),
      z.strictObject({
        worseThanLarge: z.number().gt(0).lt(1),
        confidence: z.number().min(0.5).lt(1).default(0.95),
      }),
    ],
    {
      error:
        'must have exactly one of `quality`, `largeShare`, `complexityBelow`, `worseThanLarge`, each from 0 to 1: `{ quality: 0.95 }`',
    },
  )
  .meta({ description: 'Decides when no rule and no domain did.' });

const target = z.strictObject({
  upstream: z.string().min(1).meta({ description: 'The name of a configured upstream.' }),
  model: z
    .exactOptional(z.string().min(1))
    .meta({ description: "Replaces the upstream's own model." }),
});

const domain = z.strictObject({
  name,
  examples: z
    .array(z.string().trim().min(1))
    .min(1)
    .max(500)
    .meta({ description: 'Example messages of this kind, in any language: a few are enough.' }),
  use: tier.meta({ description: 'The tier that answers such messages.' }),
});

const redact = z
  .union([z.literal('all'), z.array(z.enum(personalKinds)).min(1)], {
    error: `must be \`all\` or a list of ${personalKinds.join(', ')}: \`[email, phone]\``,
  })
  .meta({
    description:
      'Instead of `require`: while the condition holds or cannot be evaluated, the cloud receives the request with these kinds masked. A request that cannot be masked stays local.',
  });

const constraint = z
  .strictObject({
    name,
    when,
    require: z.exactOptional(
      z.strictObject({ locality }).meta({
        description: 'What a target must have while the condition holds or cannot be evaluated.',
      }),
    ),
    redact: z.exactOptional(redact),
    letUnread: z.exactOptional(z.array(z.enum(unreadKinds)).min(1)).meta({
      description:
        'Kinds of content that this constraint lets go although no signal reads it. All others make it hold.',
    }),
  })
  .refine((given) => (given.require === undefined) !== (given.redact === undefined), {
    error:
      'a constraint must have exactly one of `require` and `redact`: `require: { locality: local }`',
  });

const SPAN = /^([1-9]\d*)([smhd])$/;

/** An answer that is older than this was given by another model, or of another world. */
const LONGEST_TTL_MS = 30 * 86_400_000;

/** `1h` in milliseconds; NaN for what is no span of time. */
export function spanMs(text: string): number {
  const [, count, unit = ''] = SPAN.exec(text) ?? [];
  return Number(count) * (MS_BY_UNIT.get(unit) ?? NaN);
}

const cache = z
  .strictObject({
    ttl: z
      .string()
      .refine((text) => spanMs(text) <= LONGEST_TTL_MS, {
        error: 'must be a number with `s`, `m`, `h` or `d`, up to 30 days: `1h`',
      })
      .meta({ description: 'How long an answer is given again: `90s`, `15m`, `1h`, `7d`.' }),
  })
  .meta({
    description:
      'A request that was answered before, to the byte, by the same key or team, gets that answer again and costs nothing. Never one with personal data.',
  });

const rule = z.strictObject({
  name,
  when,
  use: z.union([tier, z.array(tier).min(1).max(2)], {
    error: 'must be `small`, `large`, or a list of both in order of preference: `[large, small]`',
  }),
  cache: z.exactOptional(cache),
});

const whenUnavailable = z.strictObject({
  large: z.enum(['serve-small', 'refuse']).default('serve-small'),
  small: z.exactOptional(z.enum(['serve-large', 'refuse'])).meta({
    description:
      'Not given: `serve-large` for what the policy sends to the small tier, and `refuse` for a caller who asked for `small`.',
  }),
  credentials: z.enum(['serve-other', 'refuse']).default('refuse'),
});

export const policySchema = z.strictObject({
  name,
  extends: z.exactOptional(z.string().min(1)).meta({
    description:
      "A shipped policy's name, or a path from this file's folder. What is not written here is that policy's; rules stand before its rules, and examples are added to the domains of the same name.",
  }),
  mode: mode.default('on'),
  modes: z
    .array(keyMode)
    .max(100)
    .default([])
    .meta({ description: 'Modes for some keys: the first whose condition holds, else `mode`.' }),
  guards: z.exactOptional(guards),
  objective,
  timeZone: z
    .string()
    .refine(isZone, {
      error: 'is not a time zone; write an IANA name such as `Europe/Madrid`, or `UTC`',
    })
    .default('UTC')
    .meta({ description: 'Of `time.*` in conditions: an IANA name.' }),
  targets: z
    .strictObject({
      small: target.default({ upstream: USUAL_UPSTREAMS.small }),
      large: target.default({ upstream: USUAL_UPSTREAMS.large }),
    })
    .prefault({}),
  domains: z.array(domain).max(500).default([]).meta({
    description: 'Tasks defined by examples. Evaluated after the rules, before the objective.',
  }),
  constraints: z
    .array(constraint)
    .max(200)
    .default([])
    .meta({ description: 'Constraints only remove targets; nothing brings one back.' }),
  rules: z
    .array(rule)
    .max(200)
    .default([])
    .meta({ description: 'The first rule whose condition is true decides.' }),
  verify: z.exactOptional(verify),
  audits: z.exactOptional(audits),
  collect: z.exactOptional(collect),
  learned: z.exactOptional(learned),
  whenUnavailable: whenUnavailable.prefault({}).meta({
    description: 'Whether the other tier may answer when the preferred one cannot be reached.',
  }),
});

/** For editors, and for the loader's suggestions. */
export const policyJsonSchema = () => {
  const { required: _, ...schema } = z.toJSONSchema(policySchema, { io: 'input' });
  return {
    ...schema,
    // In `allOf`, because a suggestion for an unknown key is looked for in every branch of an `anyOf`.
    allOf: [{ anyOf: [{ required: ['name', 'objective'] }, { required: ['extends'] }] }],
    title: 'Smallfirst policy',
  };
};
