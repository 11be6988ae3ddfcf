/** Checks a small model's answer before the caller sees it, without asking another model. README.md beside this explains each. */
import type { Operation } from '../core/call.ts';
import type { CompetenceCard } from '../core/competence.ts';
import type {
  AskedCall,
  CheckName,
  Doubt,
  Draft,
  Finding,
  Trial,
  Verifier,
} from '../core/verify.ts';
import { bothEnds } from '../lib/both-ends.ts';
import { draftReader, type DraftSoFar } from '../wire/draft.ts';
import { textReplacer } from '../wire/replace-text.ts';
import { askedOf } from './asked.ts';
import type { Asked, Check } from './check.ts';
import { confidenceOf, type Confidence, type JudgedTask } from './confidence.ts';
import { copied } from './copied.ts';
import { cut } from './cut.ts';
import { echo } from './echo.ts';
import { empty } from './empty.ts';
import { format } from './format.ts';
import { json } from './json.ts';
import { kindOf } from './kind.ts';
import { jsonWithin } from './parsed.ts';
import { language, type LanguageOf } from './language.ts';
import { refusal } from './refusal.ts';
import { repetition } from './repetition.ts';
import { schemas, type Validate } from './schemas.ts';
import { sums } from './sums.ts';
import { template } from './template.ts';
import { tools } from './tools.ts';

export type CardOf = (model: string, digest: string | undefined) => CompetenceCard | undefined;

export interface VerifierOptions {
  readonly languageOf: LanguageOf;
  /** The card of a model by its name and the digest of its weights; none if not given. */
  readonly cardOf?: CardOf;
  /** Called with the name of a check that threw or took too long. */
  readonly onSkipped?: (check: CheckName, cause: 'failed' | 'late') => void;
  /** Milliseconds that this thread has worked. */
  readonly workedMs?: () => number;
}

/** Milliseconds of work, so that a busy machine skips none. A check that took longer says nothing in that answer, for the next might take longer still. */
const MOST_MS = 5;
/** Up to so many characters a check takes some microseconds, and reading what this thread worked takes four. */
const SHORT_UNITS = 10_000;
/** Characters of an answer that are checked: its beginning and its end. */
const MOST_UNITS = 40_000;

export function createVerifier(options: VerifierOptions): Verifier {
  const validate = schemas();
  const checks = allChecks(options.languageOf, validate);
  const chosen = chosenFrom(checks);
  let isWarm = false;
  const { onSkipped = () => {}, cardOf = () => undefined } = options;
  const { workedMs = () => process.threadCpuUsage().user / 1000 } = options;
  return {
    begin: (asked, { checks: names, wrongAbove }) => {
      const reader = draftReader(asked.call.operation);
      // of several choices each would have to be checked, and a part of them cannot be asked again
      if (reader === undefined || asked.features.facts.n > 1) return undefined;
      // the first use of a check compiles it, which is not to be held against it
      if (!isWarm) warmUp(checks);
      isWarm = true;
      const demanded = askedOf(asked);
      // compiled while the model is at work, not when its answer waits
      if (demanded.schema !== undefined) validate(demanded.schema, undefined);
      const confidence = names.includes('confidence')
        ? confidenceIn(asked, demanded, { ...options, cardOf, onSkipped })
        : undefined;
      const doubting = confidence && doubtful(confidence, wrongAbove);
      const watch = { onSkipped, workedMs };
      const { operation } = asked.call;
      const judging = { checks: chosen(names), asked: demanded, reader, doubting, operation };
      return trial(judging, watch);
    },
  };
}

type Names = readonly CheckName[];

/** A policy names the same checks for all of its requests. */
function chosenFrom(checks: readonly Check[]): (names: Names) => readonly Check[] {
  let last: { readonly names: Names; readonly chosen: readonly Check[] } | undefined;
  return (names) => {
    if (last?.names !== names)
      last = { names, chosen: checks.filter(({ name }) => names.includes(name)) };
    return last.chosen;
  };
}

function warmUp(checks: readonly Check[]): void {
  const text =
    'This is an answer of some words, and here are a few more of them so that there is enough to read.';
  const draft = { text, calls: [], finishReason: 'stop' };
  const nothing = { json: 'no', tools: [], system: () => '', maxTokens: 0, stakes: 0 } as const;
  const asked = { ...nothing, task: text, given: () => text };
  for (const { find } of checks) {
    try {
      find(draft, asked);
    } catch {
      // said when it matters
    }
  }
}

/** In the order in which they are asked: the first that finds something names the cause. */
export function allChecks(languageOf: LanguageOf, validate: Validate): readonly Check[] {
  return [
    empty,
    template,
    refusal,
    json(validate),
    tools(validate),
    repetition,
    cut,
    echo,
    language(languageOf),
    format,
    sums,
    copied,
  ];
}

interface Judging {
  readonly languageOf: LanguageOf;
  readonly cardOf: CardOf;
  readonly onSkipped: NonNullable<VerifierOptions['onSkipped']>;
}

function confidenceIn(
  asked: AskedCall,
  demanded: Asked,
  { languageOf, cardOf, onSkipped }: Judging,
): Confidence | undefined {
  const { model, modelDigest } = asked.answering;
  try {
    return confidenceOf(cardOf(model, modelDigest), () => taskOf(asked, demanded, languageOf));
  } catch {
    onSkipped('confidence', 'failed');
    return undefined;
  }
}

function taskOf({ features }: AskedCall, asked: Asked, languageOf: LanguageOf): JudgedTask {
  const { task, tools: offered, json: wanted } = asked;
  const { turns } = features.facts;
  return {
    kind: kindOf({ task, turns, tools: offered.length, isJson: wanted !== 'no' }),
    language: languageOf(task),
  };
}

/** Confidence as a check of its own: it reads tokens besides the draft. */
interface Doubting {
  readonly confidence: Confidence;
  find(text: string, isComplete: boolean): Finding | undefined;
  last(): Doubt;
}

function doubtful(confidence: Confidence, wrongAbove: number): Doubting {
  let last: Doubt = {};
  return {
    confidence,
    find: (text, isComplete) => {
      const judged = confidence.judge(text, isComplete);
      if ('abstains' in judged) {
        last = { abstained: judged.abstains };
        return undefined;
      }
      const wrong = Math.round(judged.wrong * 1000) / 1000;
      last = { wrong };
      if (wrong < wrongAbove) return undefined;
      return { check: 'confidence', reason: 'its model was not sure enough of it' };
    },
    last: () => last,
  };
}

type Reader = NonNullable<ReturnType<typeof draftReader>>;

type Watch = Required<Pick<VerifierOptions, 'onSkipped' | 'workedMs'>>;

interface OnTrial {
  readonly checks: readonly Check[];
  readonly asked: Asked;
  readonly reader: Reader;
  readonly doubting: Doubting | undefined;
  readonly operation: Operation;
}

function trial(
  { checks, asked, reader: { observe, observeText, said }, doubting, operation }: OnTrial,
  { onSkipped, workedMs }: Watch,
): Trial {
  const skipped = new Set<CheckName>();
  const observeTokens = doubting?.confidence.observeTokens;
  let mended: string | undefined;
  const ask = ({ name, find }: Check, draft: Draft): string | undefined => {
    try {
      const startMs = workedMs();
      const found = find(draft, asked);
      if (workedMs() - startMs <= MOST_MS) return found;
      onSkipped(name, 'late');
    } catch {
      onSkipped(name, 'failed');
    }
    skipped.add(name);
    return undefined;
  };
  const firstOf = (due: readonly Check[], draft: Draft): Finding | undefined => {
    for (const check of due) {
      const reason = ask(check, draft);
      if (reason !== undefined) return { check: check.name, reason };
    }
    return undefined;
  };
  const isDue =
    (isComplete: boolean) =>
    ({ name, readsPrefix }: Check): boolean =>
      !skipped.has(name) && (isComplete || readsPrefix === true);
  return {
    observe,
    observeText,
    isOver: () => said.finishReason !== undefined,
    pieces: () => said.pieces,
    needsWhole: () => asked.json !== 'no' || said.calls.length > 0,
    find: (isComplete): Finding | undefined => {
      const draft = draftOf(said, mended);
      const due = isComplete && skipped.size === 0 ? checks : checks.filter(isDue(isComplete));
      const swift = foundSwiftly(due, draft, asked);
      const finding = swift === undefined ? firstOf(due, draft) : swift.finding;
      // its tokens are those of what the model wrote
      return finding ?? doubting?.find(mended === undefined ? draft.text : said.text, isComplete);
    },
    ...(observeTokens === undefined ? {} : { observeTokens }),
    doubt: () => doubting?.last() ?? {},
    mend: () => {
      if (mended !== undefined || asked.json === 'no' || said.calls.length > 0) return undefined;
      mended = jsonWithin(said.text);
      return mended === undefined ? undefined : textReplacer(operation, mended);
    },
  };
}

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

function draftOf({ text: written, calls, finishReason }: DraftSoFar, mended?: string): Draft {
  const text = mended ?? written;
  const read = bothEnds(text, MOST_UNITS);
  // a call may have a later place than the texts before it
  return { text: read, calls: calls.filter((call) => call !== undefined), finishReason };
}
