/** Asks a model the items of a golden set, one after the other, and keeps what it took. */
import type { Call } from '../core/call.ts';
import type { TokenScore } from '../core/token-scores.ts';
import type { Upstream } from '../core/upstream.ts';
import { readAll } from '../lib/flow.ts';
import type { JsonObject } from '../lib/json.ts';
import { beginningOf, statisticsOf, type Statistics } from '../verify/statistics.ts';
import { draftReader } from '../wire/draft.ts';
import type { GoldenItem } from './golden-set.ts';
import { isRight } from './grade.ts';

/** How one item was answered. Its text is kept nowhere. */
export interface Graded {
  readonly id: string;
  readonly right: boolean;
  /** Of all tokens, and of the first ones; absent where the server gives no probabilities. */
  readonly whole?: Statistics;
  readonly beginning?: Statistics;
  readonly pieces: number;
  readonly firstTokenMs: number;
  readonly totalMs: number;
}

export interface Asking {
  readonly upstream: Upstream;
  readonly model: string;
  /** Makes the call of a chat body, as the HTTP edge would. */
  readonly toCall: (payload: Buffer) => Call;
  readonly nowMs: () => number;
  readonly abort: AbortSignal;
}

function gradeOf(
  { id, accept }: Pick<GoldenItem, 'id' | 'accept'>,
  text: string,
  tokens: readonly TokenScore[],
): Pick<Graded, 'id' | 'right' | 'whole' | 'beginning'> {
  const whole = statisticsOf(tokens, text);
  const beginning = beginningOf(tokens, text);
  return {
    id,
    right: isRight(text, accept),
    ...(whole === undefined ? {} : { whole }),
    ...(beginning === undefined ? {} : { beginning }),
  };
}

/** Answers of the set are short: what goes on is wrong. */
const MOST_TOKENS = 64;

/** @throws what the upstream fails with */
export async function ask(
  { messages, accept, id }: GoldenItem,
  { upstream, model, toCall, nowMs, abort }: Asking,
): Promise<Graded> {
  const body = { model, messages, temperature: 0, max_tokens: MOST_TOKENS, stream: true };
  const call = toCall(Buffer.from(JSON.stringify(body)));
  const reader = draftReader('chat')!;
  const tokens: TokenScore[] = [];
  const startMs = nowMs();
  let firstMs: number | undefined;
  const see = (data: JsonObject | undefined): void => {
    if (data !== undefined) reader.observe(data);
    if (reader.said.pieces > 0) firstMs ??= nowMs();
  };
  const observeTokens = (some: readonly TokenScore[]): void => void tokens.push(...some);
  const answer = await upstream.send({ call, model, observeTokens }, abort);
  if (answer.kind === 'whole') see(answer.body);
  else if (answer.kind === 'stream') {
    await readAll(answer.events, ({ data }) => see(data));
  }
  const endMs = nowMs();
  const { text, pieces } = reader.said;
  return {
    ...gradeOf({ id, accept }, text, tokens),
    pieces,
    firstTokenMs: (firstMs ?? endMs) - startMs,
    totalMs: endMs - startMs,
  };
}
