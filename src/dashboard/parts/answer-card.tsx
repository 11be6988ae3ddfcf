/** An answer, and beside it the decision, the cost, the time, the energy and why. */
import { duration, energy, exactMoney, known } from '../format.ts';
import { t } from '../i18n/index.ts';
import { options, type Exchange } from '../playground.ts';
import { pathTo } from '../router.ts';
import type { Account } from '../chat-client.ts';
import { CopyAs } from './copy-as.tsx';
import { Facts, type Fact } from './facts.tsx';
import { FigureText } from './figure.tsx';
import { Link } from './link.tsx';
import { Name, OutcomeMark, TierMark } from './marks.tsx';
import { Failure } from './notices.tsx';
import { Rating } from './rating.tsx';
import { Said } from './said.tsx';

interface AnswerCardProps {
  readonly exchange: Exchange;
  /** In place of the question, where the same one was asked twice. */
  readonly title?: string;
}

export function AnswerCard({ exchange, title }: AnswerCardProps) {
  const { account, isOver, body } = exchange;
  return (
    <article class="answer" aria-busy={!isOver}>
      <div class="answer-text">
        {title === undefined ? null : <h2>{title}</h2>}
        <AnswerText exchange={exchange} />
      </div>
      <div class="answer-facts">
        {account === undefined ? null : <AccountFacts account={account} />}
        {isOver ? <CopyAs body={body} /> : null}
      </div>
    </article>
  );
}

function AnswerText({ exchange: { answer, error, isOver } }: AnswerCardProps) {
  const words = t.value.playground;
  const { text = '', calls = [] } = answer ?? {};
  const isEmpty = isOver && error === undefined && text === '' && calls.length === 0;
  return (
    <>
      {text === '' ? null : <p class="prose">{text}</p>}
      {calls.map(({ name, args }) => (
        <pre key={name} class="text">
          <code>{`${words.calls} ${name}(${args})`}</code>
        </pre>
      ))}
      {isOver || text !== '' ? null : <p class="quiet">{words.waiting}</p>}
      {isEmpty ? <p class="quiet">{words.emptyAnswer}</p> : null}
      <Failure error={error} />
    </>
  );
}

function AccountFacts({ account: { record, why } }: { readonly account: Account }) {
  const words = t.value.requests.columns;
  const last = record.attempts.at(-1);
  const costs = record.attempts.map(({ cost }) => cost?.totalNanoUsd);
  const total = costs.includes(undefined)
    ? null
    : costs.reduce<number>((sum, each) => sum + (each ?? 0), 0);
  const used = last?.energy ?? null;
  const facts: readonly Fact[] = [
    [words.cost, known(total, exactMoney)],
    [words.firstToken, known(record.ttftMs, duration)],
    [words.latency, duration(record.latencyMs)],
    [
      words.energy,
      <>
        <FigureText
          figure={used === null ? undefined : energy({ low: used.lowJ, high: used.highJ })}
        />
        {used === null ? null : <span class="hint"> {t.value.request.methods[used.method]}</span>}
      </>,
    ],
  ];
  return (
    <>
      <p class="row">
        <OutcomeMark outcome={record.outcome} isDegraded={record.degraded !== undefined} />
        <TierMark tier={last?.tier} />
        {last === undefined ? null : <Name>{`${last.upstream}/${last.model}`}</Name>}
      </p>
      {why === undefined ? null : (
        <p>
          {t.value.request.byRule(why.rule)} <Said>{why.reason}</Said>
        </p>
      )}
      <Facts facts={facts} />
      <Rating requestId={record.id} caller={options.value.key} />
      <Link to={pathTo('requests', record.id)}>{t.value.playground.allOfIt}</Link>
    </>
  );
}
