/**
 * Makes examples for distillation from what was collected: chat JSONL to train and to validate on. No conversation is in both; near-
 * duplicates and answers that were judged worse are left out. The same exchanges give the same bytes.
 */
import { createHash } from 'node:crypto';
import type { Audit } from '../core/audit.ts';
import type { Exchange } from '../core/collect.ts';
import type { Feedback } from '../core/store.ts';
import { chanceOf } from '../lib/chance.ts';
import { nearDuplicates } from './near-duplicates.ts';

export interface DistillationOptions {
  /** Of the conversations, 0 to 1. */
  readonly validationShare: number;
  /** Requests whose answers were judged worse. */
  readonly worse: ReadonlySet<string>;
}

export type Part = 'train' | 'validation';

interface DistillationFile {
  /** Lines of JSON: `{"messages": [...]}`, the last message being the large model's. */
  readonly text: string;
  /** Of each line, the place of the model that wrote its answer in `writers`. */
  readonly writtenBy: readonly number[];
}

interface Writer {
  readonly upstream: string;
  readonly model: string;
  readonly train: number;
  readonly validation: number;
}

export interface Distillation {
  readonly files: Readonly<Record<Part, DistillationFile>>;
  readonly writers: readonly Writer[];
  readonly left: { readonly worse: number; readonly nearDuplicates: number };
  readonly conversations: Readonly<Record<Part, number>>;
  /** Milliseconds since the epoch, of the exchanges that are in it; null where there are none. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

export const REMINDER =
  'The terms of the provider of a model may forbid training other models on its answers. Read those of every model under `writers` before you train.';

interface Open {
  readonly lines: string[];
  readonly writtenBy: number[];
  readonly conversations: Set<string>;
}

/** Requests whose large answers were judged worse: by an audit, than the small model's, or by who got them. */
export function judgedWorse(
  audits: readonly Pick<Audit, 'requestId' | 'compared'>[],
  feedback: readonly Pick<Feedback, 'requestId' | 'score'>[],
): ReadonlySet<string> {
  return new Set([
    ...audits.filter(({ compared }) => compared === 'better').map(({ requestId }) => requestId),
    ...feedback.filter(({ score }) => score < 0).map(({ requestId }) => requestId),
  ]);
}

/** @param exchanges - oldest first */
export function distil(
  exchanges: Iterable<Exchange>,
  { validationShare, worse }: DistillationOptions,
): Distillation {
  const files: Record<Part, Open> = { train: opened(), validation: opened() };
  const writers = new Map<string, Counted>();
  const known = nearDuplicates();
  const left = { worse: 0, nearDuplicates: 0 };
  let [fromMs, toMs]: (number | null)[] = [null, null];
  for (const exchange of exchanges) {
    if (worse.has(exchange.requestId)) left.worse += 1;
    else if (known.isKnown(examined(exchange))) left.nearDuplicates += 1;
    else {
      const part = partOf(exchange, validationShare);
      const writer = writerOf(exchange, writers);
      writer[part] += 1;
      add(files[part], exchange, writer);
      fromMs ??= exchange.atMs;
      toMs = exchange.atMs;
    }
  }
  const { train, validation } = files;
  return {
    files: { train: closed(train), validation: closed(validation) },
    writers: [...writers.values()].map(({ upstream, model, ...counts }) => ({
      upstream,
      model,
      train: counts.train,
      validation: counts.validation,
    })),
    left,
    conversations: { train: train.conversations.size, validation: validation.conversations.size },
    fromMs: fromMs ?? null,
    toMs: toMs ?? null,
  };
}

interface Counted extends Writer {
  readonly place: number;
  train: number;
  validation: number;
}

/** By what two examples are compared: the last question, and its answer. */
const examined = ({ messages, answer }: Exchange): string =>
  `${messages.at(-1)?.text ?? ''}\n${answer}`;

const partOf = ({ conversation }: Exchange, validationShare: number): Part =>
  chanceOf(`${conversation} validation`) < validationShare ? 'validation' : 'train';

function writerOf({ upstream, model }: Exchange, writers: Map<string, Counted>): Counted {
  const name = `${upstream}\n${model}`;
  const known = writers.get(name);
  if (known !== undefined) return known;
  const made = { place: writers.size, upstream, model, train: 0, validation: 0 };
  writers.set(name, made);
  return made;
}

function add(file: Open, exchange: Exchange, { place }: Counted): void {
  file.lines.push(lineOf(exchange));
  file.writtenBy.push(place);
  file.conversations.add(exchange.conversation);
}

const opened = (): Open => ({ lines: [], writtenBy: [], conversations: new Set() });

const closed = ({ lines, writtenBy }: Open): DistillationFile => ({
  text: lines.map((line) => `${line}\n`).join(''),
  writtenBy,
});

const lineOf = ({ messages, answer }: Exchange): string =>
  JSON.stringify({
    messages: [
      ...messages.map(({ role, text }) => ({ role, content: text })),
      { role: 'assistant', content: answer },
    ],
  });

/** What stands beside the files: who wrote which line, what was left out, and their hashes. */
export function manifestOf(made: Distillation) {
  const { files, writers, left, conversations, fromMs, toMs } = made;
  const fileOf = (part: Part) => ({
    name: `${part}.jsonl`,
    examples: files[part].writtenBy.length,
    conversations: conversations[part],
    sha256: createHash('sha256').update(files[part].text).digest('hex'),
    writtenBy: files[part].writtenBy,
  });
  return {
    format: 1,
    reminder: REMINDER,
    from: dateOf(fromMs),
    to: dateOf(toMs),
    files: [fileOf('train'), fileOf('validation')],
    writers,
    leftOut: left,
  };
}

const dateOf = (atMs: number | null): string | null =>
  atMs === null ? null : new Date(atMs).toISOString();
