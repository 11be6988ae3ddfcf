/** The schema of what a policy does with answers: checks, audits, collecting. */
import { z } from 'zod';
import { checkNames } from '../core/verify.ts';
import { share, when } from './schema-parts.ts';

export const verify = z
  .strictObject({
    when: z.exactOptional(when),
    checks: z
      .array(z.enum(checkNames))
      .min(1)
      .default([...checkNames])
      .meta({ description: 'Which checks are made; all if not given.' }),
    wrongAbove: share.default(0.5).meta({
      description:
        'The check `confidence` fails an answer whose probability of being wrong is so high, or higher.',
    }),
    hold: z
      .strictObject({
        tokens: z.int().min(1).max(256).default(12),
        ms: z.int().min(0).max(10_000).default(1500),
      })
      .prefault({})
      .meta({
        description:
          'Streams: the caller sees nothing before so many tokens were checked, or so many milliseconds after the first one.',
      }),
    onFail: z.enum(['escalate', 'record']).default('record').meta({
      description:
        'escalate: the large model answers instead. record: the caller gets the answer, and the record says what was found.',
    }),
    onUndecided: z.enum(['release', 'escalate']).default('release').meta({
      description:
        'Where nothing failed and too little came in time, or confidence cannot say: passed on, or answered by the large model.',
    }),
    onKept: z.enum(['give', 'refuse']).default('give').meta({
      description:
        'Where an answer fails and constraints leave no large model: it is given, or the request refused.',
    }),
    afterRelease: z.enum(['record', 'withdraw']).default('record').meta({
      description:
        'What is found after a stream’s beginning was passed on: recorded, or the stream ends with an error event.',
    }),
    maxShare: share.default(0.3).meta({
      description:
        'Above this share of replaced answers, in ten minutes and by domain, none is replaced.',
    }),
    waitUsdPerHour: z.number().min(0).default(1).meta({
      description:
        'What an hour is worth that callers wait for small answers which are replaced. Kinds of request that lose more than they save go to the large model at once.',
    }),
  })
  .meta({ description: 'Checks the small model’s answers before the caller sees them.' });

/** A weight beyond turns every answer round. */
const MOST_WEIGHT = 50;
const weight = z.number().min(-MOST_WEIGHT).max(MOST_WEIGHT);

export const learned = z
  .strictObject({
    judge: z
      .string()
      .regex(/^[0-9a-f]{12}$/, 'must be 12 hex digits')
      .meta({ description: 'The version of the weights that it was learned for.' }),
    bias: weight,
    weights: z.array(weight).min(1).max(256).meta({
      description: 'One for each number that the judge sees of a request.',
    }),
  })
  .meta({
    description:
      'What `smallfirst learn` found in this installation’s own requests: added to the complexity, in the logarithm of the odds. Not written by hand.',
  });

export const audits = z
  .strictObject({
    share: share.default(0.02).meta({ description: 'Of the accepted small answers.' }),
    usdPerDay: z.number().min(0).default(1).meta({ description: 'By days of UTC.' }),
    judge: z.literal('large').default('large').meta({
      description: 'The model that compares: the large one, measured with `calibrate --judge`.',
    }),
  })
  .meta({
    description:
      "Compares a share of the small answers with the large model's, off the path. Not given: none.",
  });

export const collect = z
  .strictObject({
    when: z.exactOptional(when),
    answers: z.literal('large').default('large').meta({ description: 'Whose answers.' }),
    retentionDays: z
      .int()
      .min(1)
      .max(3650)
      .default(30)
      .meta({ description: 'After so many days what was collected is deleted.' }),
  })
  .meta({
    description:
      'Keeps conversations and the large model’s answers, masked, for distillation (`smallfirst export --distillation`): of keys with the label `consent: distillation`, and never what must stay local. Not given: nothing is kept.',
  });
