/** `/admin/*`: the read routes of the dashboard and the admin key. */
import type { Context } from 'hono';
import { GatewayError } from '../../core/errors.ts';
import type { UsageRecord } from '../../core/record.ts';
import { explainRecord } from '../../engine/explain-record.ts';
import { requireViewer } from '../callers/auth.ts';
import type { Env, Handler, HttpParts } from '../parts.ts';
import { namesIn } from '../admin/query.ts';

/** `GET /admin/requests/{id}`: the record; for a stream it has figures that its headers could not. */
export const getRequest =
  (parts: HttpParts): Handler =>
  async (context) => {
    await requireViewer(context.env.incoming, parts);
    const record = await recordOf(context.req.param('id') ?? '', parts);
    return context.json({ ...record, feedback: await parts.ledger.feedbackOn(record.id) });
  };

/** `GET /admin/requests/{id}/why`: the decision, its reasons, and what would have changed it. */
export const explainRequest =
  (parts: HttpParts): Handler =>
  async (context) => {
    await requireViewer(context.env.incoming, parts);
    const record = await recordOf(context.req.param('id') ?? '', parts);
    const { decision } = record;
    if (decision !== undefined) {
      const policy = await parts.policyOf(decision.policy.version);
      return context.json(explainRecord({ ...record, decision }, policy));
    }
    throw new GatewayError(
      'caller_not_found',
      `Request '${record.id}' failed before it was decided (${record.errorCode ?? record.outcome}); GET /admin/requests/${record.id} has its record.`,
    );
  };

async function recordOf(id: string, { ledger }: HttpParts): Promise<UsageRecord> {
  const record = await ledger.get(id);
  if (record !== undefined) return record;
  throw new GatewayError(
    'caller_not_found',
    `No record of request '${id.slice(0, 80)}'. It may be younger than a few milliseconds, or past retention.`,
  );
}

export async function listRecords(
  context: Context<Env>,
  { ledger, epochMs }: HttpParts,
): Promise<Response> {
  namesIn(new URL(context.req.url).searchParams, ['since', 'limit', 'cursor', 'view']);
  const { since, limit, cursor } = context.req.query();
  const page = await ledger.list({
    sinceMs: sinceOf(since, 0, epochMs()),
    limit: Math.min(numberOf('limit', limit, 100), 1000),
    ...(cursor === undefined ? {} : { cursor }),
  });
  return context.json(page);
}

/** The default period of `smallfirst report`. */
const REPORT_MS = 30 * 86_400_000;

/** `GET /admin/report?since=<epoch ms>`: what `smallfirst report --json` prints, shadows' costs included. */
export const getReport =
  (parts: HttpParts): Handler =>
  async (context) => {
    await requireViewer(context.env.incoming, parts);
    namesIn(new URL(context.req.url).searchParams, ['since']);
    const { since } = context.req.query();
    const nowMs = parts.epochMs();
    return context.json(await parts.report(sinceOf(since, nowMs - REPORT_MS, nowMs)));
  };

const WANTED = {
  since: 'a time in milliseconds since the epoch, such as 1767225600000',
  limit: 'a number of 0 or more',
} as const;

/** Nothing is known of times to come: an empty answer would mean that nothing happened. */
function sinceOf(given: string | undefined, fallback: number, nowMs: number): number {
  const sinceMs = numberOf('since', given, fallback);
  if (sinceMs <= nowMs) return sinceMs;
  throw new GatewayError(
    'caller_invalid',
    `'since' is ${sinceMs}, which is after now (${nowMs}): write ${WANTED.since}.`,
    { param: 'since' },
  );
}

function numberOf(name: keyof typeof WANTED, given: string | undefined, fallback: number): number {
  if (given === undefined) return fallback;
  const value = given.trim() === '' ? Number.NaN : Number(given);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new GatewayError(
    'caller_invalid',
    `'${name}' must be ${WANTED[name]}, but is '${given.slice(0, 40)}'.`,
    { param: name },
  );
}
