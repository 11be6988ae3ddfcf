/** `POST /v1/feedback`: a caller's score of an answer. It is stored in the ledger and sent nowhere else. */
import { GatewayError, invalid } from '../../core/errors.ts';
import { isObject } from '../../lib/json.ts';
import type { Feedback } from '../../core/store.ts';
import { callerOf } from '../callers/auth.ts';
import { readBody } from '../body/body.ts';
import type { Handler, HttpParts } from '../parts.ts';

const MAX_BYTES = 16_384;
const MAX_COMMENT = 2000;

export const giveFeedback =
  (parts: HttpParts): Handler =>
  async (context) => {
    const { incoming } = context.env;
    const caller = await callerOf(incoming, parts.stateDeadline(), parts);
    const body = parse(await readBody(incoming, MAX_BYTES));
    const feedback: Feedback = { ...body, atMs: parts.epochMs(), caller: caller.name };
    const record = await parts.ledger.get(feedback.requestId);
    // Another caller's request is treated as unknown.
    if (record === undefined || (record.caller !== caller.name && caller.operator !== true)) {
      throw new GatewayError(
        'caller_not_found',
        `No request '${feedback.requestId.slice(0, 80)}' of yours. Send the x-request-id of an answer as request_id.`,
        { param: 'request_id' },
      );
    }
    await parts.ledger.addFeedback(feedback);
    return context.json({ status: 'accepted' }, 202);
  };

function parse(payload: Buffer): Pick<Feedback, 'requestId' | 'score' | 'comment'> {
  const body = parseJson(payload);
  if (!isObject(body)) throw invalid(null, 'The body must be a JSON object.');
  const { request_id: requestId, score, comment } = body;
  if (typeof requestId !== 'string' || requestId === '') {
    throw invalid('request_id', "'request_id' must be the x-request-id of an answer.");
  }
  if (typeof score !== 'number' || !(score >= -1 && score <= 1)) {
    throw invalid('score', "'score' must be a number from -1 to 1.");
  }
  if (comment === undefined || comment === null) return { requestId, score };
  if (typeof comment !== 'string' || comment.length > MAX_COMMENT) {
    throw invalid('comment', `'comment' must be a text of at most ${MAX_COMMENT} characters.`);
  }
  return { requestId, score, comment };
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch (cause) {
    throw new GatewayError('caller_bad_json', 'The body is not valid JSON.', { cause });
  }
}
