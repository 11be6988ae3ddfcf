/** `POST /admin/policies/simulate`: recorded requests decided again under a text that nobody uses yet. */
import { z } from 'zod';
import type { Frozen } from '../lib/frozen.ts';

export const simulationAsk = z.strictObject({
  text: z.string(),
  /** Milliseconds since the epoch; default: 30 days ago. */
  since: z.exactOptional(z.number().min(0)),
});

export type SimulationAsk = z.output<typeof simulationAsk>;

const number = z.number();
const text = z.string();
const shares = z.looseObject({ small: number, large: number, refused: number, masked: number });
const joules = z.object({ lowJ: number, highJ: number });
/** A share of the large model's quality, with a 95 % interval. */
const expected = z.object({ estimate: number, low: number, high: number });
const rulePlace = z.object({ rule: text, to: text });
const compared = { comparable: number, unknown: number, unknownMoved: number };

/** The members of `simulate --json` that the page shows; the answer has all of them. */
export const simulationAnswer = z.looseObject({
  policy: z.object({ name: text, version: text, threshold: number }),
  /** `fromMs` and `toMs` are null where nothing was replayed. */
  records: z.looseObject({ replayed: number, fromMs: number.nullable(), toMs: number.nullable() }),
  /** There are older records in the window; these are the newest. */
  isCut: z.boolean(),
  before: shares,
  after: shares,
  flipped: z.object({ count: number, share: number }),
  /** The newest that would get another target, at most 100. */
  moved: z.array(
    z.object({ id: text, atMs: number, from: rulePlace, to: rulePlace, because: text }),
  ),
  spending: z.looseObject({
    cost: z.object({
      ...compared,
      beforeNanoUsd: number,
      afterNanoUsd: number,
      changeShare: number.nullable(),
    }),
    energy: z.object({ ...compared, before: joules, after: joules }),
  }),
  /** Absent where no request has a known quality. */
  quality: z.exactOptional(z.object({ before: expected, after: expected })),
});

export type SimulationAnswer = Frozen<z.output<typeof simulationAnswer>>;
