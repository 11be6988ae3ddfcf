/** One answer on trial: what was seen of it, and what the checks say. */
import type { Operation } from '../core/call.ts';
import type { CheckName, Doubt, Draft, Finding, Trial } from '../core/verify.ts';
import { bothEnds } from '../lib/both-ends.ts';
import type { JsonObject } from '../lib/json.ts';
import type { DraftReader, DraftSoFar } from '../wire/draft.ts';
import { textReplacer } from '../wire/replace-text.ts';
import type { Asked, Check } from './check.ts';
import type { Confidence } from './confidence.ts';
import { jsonWithin } from './parsed.ts';

/** Milliseconds of work, so that a busy machine skips none. A check that took longer says nothing in that answer, for the next might take longer still. */
const MOST_MS = 5;
/** Up to so many characters a check takes some microseconds, and reading what this thread worked takes four. */
const SHORT_UNITS = 10_000;
/** Characters of an answer that are checked: its beginning and its end. */
const MOST_UNITS = 40_000;

/** Confidence as a check of its own: it reads tokens besides the draft. */
export interface Doubting {
  readonly confidence: Confidence;
  find(text: string, isComplete: boolean): Finding | undefined;
  last(): Doubt;
}

/** The observer of checks, and how long they may take. */
export interface Watch {
  /** Called with the name of a check that threw or took too long. */
  readonly onSkipped: (check: CheckName, cause: 'failed' | 'late') => void;
  /** Milliseconds that this thread has worked. */
  readonly workedMs: () => number;
}

interface Judging {
  readonly checks: readonly Check[];
  readonly asked: Asked;
  readonly reader: DraftReader;
  /** Absent where confidence is not asked for. */
  readonly doubting: Doubting | undefined;
}

export class AnswerTrial implements Trial {
  readonly observeTokens?: NonNullable<Trial['observeTokens']>;
  readonly #judging: Judging;
  readonly #operation: Operation;
  readonly #watch: Watch;
  /** Names of checks that threw or took too long; absent where none did. */
  #skipped: Set<CheckName> | undefined;
  #mended: string | undefined;
  #isLoop = false;

  constructor(judging: Judging, operation: Operation, watch: Watch) {
    this.#judging = judging;
    this.#operation = operation;
    this.#watch = watch;
    const observeTokens = judging.doubting?.confidence.observeTokens;
    if (observeTokens !== undefined) this.observeTokens = observeTokens;
  }

  observe(body: JsonObject): void {
    this.#judging.reader.observe(body);
  }

  observeText(text: string): void {
    this.#judging.reader.observeText(text);
  }

  observeLoop(): void {
    this.#isLoop = true;
  }

  isOver(): boolean {
    return this.#said.finishReason !== undefined;
  }

  pieces(): number {
    return this.#said.pieces;
  }

  needsWhole(): boolean {
    return this.#judging.asked.json !== 'no' || this.#said.calls.length > 0;
  }

  find(isComplete: boolean): Finding | undefined {
    const { asked, doubting } = this.#judging;
    const draft = draftOf(this.#said, this.#mended, this.#isLoop);
    const due = this.#due(isComplete);
    const swift = foundSwiftly(due, draft, asked);
    const finding = swift === undefined ? this.#firstOf(due, draft) : swift.finding;
    // its tokens are those of what the model wrote
    const written = this.#mended === undefined ? draft.text : this.#said.text;
    return finding ?? doubting?.find(written, isComplete);
  }

  doubt(): Doubt {
    return this.#judging.doubting?.last() ?? NO_DOUBT;
  }

  mend(): ReturnType<Trial['mend']> {
    const { text, calls } = this.#said;
    const isMended = this.#mended !== undefined;
    if (isMended || this.#judging.asked.json === 'no' || calls.length > 0) return undefined;
    this.#mended = jsonWithin(text);
    return this.#mended === undefined ? undefined : textReplacer(this.#operation, this.#mended);
  }

  get #said(): DraftSoFar {
    return this.#judging.reader.said;
  }

  #due(isComplete: boolean): readonly Check[] {
    const { checks } = this.#judging;
    if (isComplete && this.#skipped === undefined) return checks;
    return checks.filter(
      ({ name, readsPrefix }) =>
        this.#skipped?.has(name) !== true && (isComplete || readsPrefix === true),
    );
  }

  #firstOf(due: readonly Check[], draft: Draft): Finding | undefined {
    for (const check of due) {
      const reason = this.#ask(check, draft);
      if (reason !== undefined) return { check: check.name, reason };
    }
    return undefined;
  }

  #ask({ name, find }: Check, draft: Draft): string | undefined {
    const { onSkipped, workedMs } = this.#watch;
    try {
      const startMs = workedMs();
      const found = find(draft, this.#judging.asked);
      if (workedMs() - startMs <= MOST_MS) return found;
      onSkipped(name, 'late');
    } catch {
      onSkipped(name, 'failed');
    }
    this.#skipped = (this.#skipped ?? new Set()).add(name);
    return undefined;
  }
}

const NO_DOUBT: Doubt = {};

/** Undefined for a long draft or a very long task, where one failed, and where all took longer than one may: then each is measured. */
function foundSwiftly(
  checks: readonly Check[],
  draft: Draft,
  asked: Asked,
): { readonly finding: Finding | undefined } | undefined {
  if (Math.max(draft.text.length, asked.task.length / 20) > SHORT_UNITS) return undefined;
  const startMs = performance.now();
  let finding: Finding | undefined;
  try {
    for (const check of checks) {
      const reason = check.find(draft, asked);
      if (reason === undefined) continue;
      finding = { check: check.name, reason };
      break;
    }
  } catch {
    return undefined;
  }
  // where more time passed, the machine may be busy: only then is the work itself measured
  return performance.now() - startMs <= MOST_MS ? { finding } : undefined;
}

function draftOf(
  { text: written, calls, finishReason }: DraftSoFar,
  mended: string | undefined,
  isLoop: boolean,
): Draft {
  const text = mended ?? written;
  const read = bothEnds(text, MOST_UNITS);
  // a call may have a later place than the texts before it
  return { text: read, calls: calls.filter((call) => call !== undefined), finishReason, isLoop };
}
