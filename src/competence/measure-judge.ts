/** Asks a model to judge pairs whose better half is known: how far its verdicts on answers can be trusted. */
import type { Compared, JudgeCard } from '../core/audit.ts';
import { sealedJudge } from '../quality/judge-card.ts';
import { judged } from '../quality/judge.ts';
import { draftReader } from '../wire/draft.ts';
import type { Asking } from './ask.ts';
import type { JudgePair } from './judge-pairs.ts';

export interface JudgeMeasuring extends Omit<Asking, 'nowMs'> {
  readonly pairs: readonly JudgePair[];
  readonly measuredAt: string;
  readonly onProgress: (done: number, of: number) => void;
}

/** As many as an audit lets a judge say: some think before they answer. */
const MOST_TOKENS = 256;

/**
 * Each pair is judged in both orders, as audits are. A judgement that is none counts as a mistake of both kinds.
 * @throws what the upstream fails with
 */
export async function measureJudge(measuring: JudgeMeasuring): Promise<JudgeCard> {
  const { pairs, model, measuredAt, abort, onProgress } = measuring;
  const verdicts: (Compared | undefined)[] = [];
  for (const { question, good, damaged } of pairs) {
    abort.throwIfAborted();
    const pair = { task: question, conversation: `user: ${question}`, small: damaged, large: good };
    const { compared } = await judged(pair, (text) => said(text, measuring));
    verdicts.push(compared);
    onProgress(verdicts.length, pairs.length);
  }
  const of = verdicts.length;
  const found = verdicts.filter((verdict) => verdict === 'worse').length;
  // with the two changed over, `better` would say that the good answer is the worse one
  const mistaken = verdicts.filter((verdict) => verdict === 'better' || verdict === undefined);
  return sealedJudge({
    format: 1,
    model,
    measuredAt,
    pairs: 'shipped',
    sensitivity: { right: found, of },
    specificity: { right: of - mistaken.length, of },
  });
}

async function said(
  question: string,
  { upstream, model, toCall, abort }: Omit<JudgeMeasuring, 'pairs'>,
): Promise<string> {
  const messages = [{ role: 'user', content: question }];
  const body = { model, messages, max_completion_tokens: MOST_TOKENS };
  const call = toCall(Buffer.from(JSON.stringify(body)));
  const answer = await upstream.send({ call, model }, abort);
  const reader = draftReader('chat')!;
  if (answer.kind === 'whole') reader.observe(answer.body);
  return reader.said.text;
}
