/** Decorates an upstream with rate limits: beyond them it is not asked, as if it had refused. */
import { UpstreamError } from '../core/errors.ts';
import type { Places } from '../core/places.ts';
import type { RateBuckets, RateLimits, Taken } from '../core/rate-limits.ts';
import type { Answer, Upstream, UpstreamRequest } from '../core/upstream.ts';
import { onClose } from '../lib/iterators.ts';
import type { JsonObject } from '../lib/json.ts';
import { mapEvents } from '../wire/events.ts';
import { tokensAsked } from '../wire/tokens-asked.ts';
import { reportedUsage } from '../wire/usage.ts';

interface Limiting {
  readonly limits: RateLimits;
  readonly buckets: RateBuckets;
  readonly places: Places;
  /** Counts a request that was not sent. */
  readonly refused: () => void;
}

/** How long one is left alone to which as much is under way as may be. */
const UNDER_WAY_MS = 1000;

export function limitedUpstream(inner: Upstream, limiting: Limiting): Upstream {
  const { limits, places, refused } = limiting;
  const { concurrent } = limits;
  const place = `upstream:${inner.name}`;
  const refuse = (what: string, waitMs: number): UpstreamError => {
    refused();
    return tooMuch(inner.name, what, waitMs);
  };
  return {
    ...inner,
    facts: () => inner.facts(),
    probe: (abort) => inner.probe(abort),
    close: () => inner.close(),
    send: async (request, abort) => {
      if (concurrent !== undefined && !(await places.take(place, concurrent)))
        throw refuse(`${concurrent} requests at once`, UNDER_WAY_MS);
      let isOver = concurrent === undefined;
      const over = (): void => {
        if (!isOver) places.leave(place);
        isOver = true;
      };
      try {
        const reserved = await take(inner.name, request, { ...limiting, refuse });
        return untilOver(await inner.send(request, abort), reserved, over);
      } catch (error) {
        over();
        throw error;
      }
    },
  };
}

interface Taking extends Limiting {
  readonly refuse: (what: string, waitMs: number) => UpstreamError;
}

/** Takes the tokens that were used beyond what was reserved, or gives back; absent where they are not limited. */
type Settle = ((used: number) => void) | undefined;

/** @throws UpstreamError `rate_limited` */
async function take(
  name: string,
  { call }: UpstreamRequest,
  { limits, buckets, refuse }: Taking,
): Promise<Settle> {
  const { requestsPerMinute, tokensPerMinute } = limits;
  const scope = `upstream:${name}`;
  if (requestsPerMinute !== undefined) {
    const taken = await buckets.take(`${scope}:requests`, requestsPerMinute, 1);
    if (!taken.isGranted) throw refuse(`${requestsPerMinute} requests a minute`, waitOf(taken));
  }
  if (tokensPerMinute === undefined) return undefined;
  const asked = tokensAsked(call);
  const taken = await buckets.take(`${scope}:tokens`, tokensPerMinute, asked);
  if (taken.isGranted)
    return (used) => buckets.give(`${scope}:tokens`, tokensPerMinute, asked - used);
  if (requestsPerMinute !== undefined) buckets.give(`${scope}:requests`, requestsPerMinute, 1);
  throw refuse(`${tokensPerMinute} tokens a minute`, waitOf(taken));
}

const waitOf = ({ retryAfterMs }: Taken): number =>
  Number.isFinite(retryAfterMs) ? Math.max(1, Math.ceil(retryAfterMs)) : 60_000;

const tooMuch = (name: string, what: string, waitMs: number): UpstreamError =>
  new UpstreamError(
    'rate_limited',
    `'${name}' may be asked for ${what} (upstreams[].limits), which are used up. Ask again in ${Math.ceil(waitMs / 1000)} s.`,
    {
      headers: {
        'retry-after': String(Math.ceil(waitMs / 1000)),
        'retry-after-ms': String(waitMs),
      },
    },
  );

/** The same answer. What it does not say of its tokens stays as it was reserved. */
function untilOver(answer: Answer, settle: Settle, over: () => void): Answer {
  let used: number | undefined;
  const observe = (body: JsonObject): void => {
    const { inputTokens = 0, outputTokens = 0 } = reportedUsage(body) ?? {};
    if (inputTokens + outputTokens > 0) used = inputTokens + outputTokens;
  };
  const end = (): void => {
    over();
    if (used !== undefined) settle?.(used);
  };
  switch (answer.kind) {
    case 'whole':
      observe(answer.body);
      end();
      return answer;
    case 'raw':
      return { ...answer, chunks: onClose(answer.chunks, end) };
    case 'stream': {
      const events = mapEvents(answer.events, {
        push: (event) => {
          const isNew = settle !== undefined && event.text === undefined;
          if (isNew && event.data !== undefined) observe(event.data);
          return event;
        },
        closed: end,
      });
      return { ...answer, events };
    }
  }
}
