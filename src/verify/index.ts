/** Checks a small model's answer before the caller sees it, without asking a model. README.md beside this explains each. */
import type { AskedCall, CheckName, Draft, Finding, Trial, Verifier } from '../core/verify.ts';
import { demandsOf } from '../wire/demands.ts';
import { draftReader, type DraftSoFar } from '../wire/draft.ts';
import type { Asked, Check } from './check.ts';
import { copied } from './copied.ts';
import { cut } from './cut.ts';
import { echo } from './echo.ts';
import { empty } from './empty.ts';
import { format } from './format.ts';
import { json } from './json.ts';
import { language, type LanguageOf } from './language.ts';
import { refusal } from './refusal.ts';
import { repetition } from './repetition.ts';
import { schemas, type Validate } from './schemas.ts';
import { sums } from './sums.ts';
import { template } from './template.ts';
import { tools } from './tools.ts';

export interface VerifierOptions {
  readonly languageOf: LanguageOf;
  /** Called with the name of a check that threw or took too long. */
  readonly onSkipped?: (check: CheckName, cause: 'failed' | 'late') => void;
  /** Milliseconds that this thread has worked. */
  readonly workedMs?: () => number;
}

/** Milliseconds of work, so that a busy machine skips none. A check that took longer says nothing in that answer, for the next might take longer still. */
const MOST_MS = 5;
/** Up to so many characters a check takes some microseconds, and reading what this thread worked takes four. */
const SHORT_UNITS = 1000;
const passedMs = (): number => performance.now();
/** Characters of an answer that are checked: its beginning and its end. */
const MOST_UNITS = 40_000;

export function createVerifier(options: VerifierOptions): Verifier {
  const validate = schemas();
  const checks = allChecks(options.languageOf, validate);
  let isWarm = false;
  const { onSkipped = () => {}, workedMs = () => process.threadCpuUsage().user / 1000 } = options;
  return {
    begin: (asked, names) => {
      const reader = draftReader(asked.call.operation);
      // of several choices each would have to be checked, and a part of them cannot be asked again
      if (reader === undefined || asked.features.facts.n > 1) return undefined;
      // the first use of a check compiles it, which is not to be held against it
      if (!isWarm) warmUp(checks);
      isWarm = true;
      const wanted = checks.filter(({ name }) => names.includes(name));
      const demanded = askedOf(asked);
      // compiled while the model is at work, not when its answer waits
      if (demanded.schema !== undefined) validate(demanded.schema, undefined);
      return trial(wanted, demanded, reader, { onSkipped, workedMs });
    },
  };
}

function warmUp(checks: readonly Check[]): void {
  const text =
    'This is an answer of some words, and here are a few more of them so that there is enough to read.';
  const draft = { text, calls: [], finishReason: 'stop' };
  const asked = { json: 'no', tools: [], system: '', maxTokens: 0, stakes: 0 } as const;
  for (const { find } of checks) {
    try {
      find(draft, { ...asked, task: text, given: text });
    } catch {
      // said when it matters
    }
  }
}

/** In the order in which they are asked: the first that finds something names the cause. */
function allChecks(languageOf: LanguageOf, validate: Validate): readonly Check[] {
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

type Reader = NonNullable<ReturnType<typeof draftReader>>;

function trial(
  checks: readonly Check[],
  asked: Asked,
  { observe, said }: Reader,
  { onSkipped, workedMs }: Required<Omit<VerifierOptions, 'languageOf'>>,
): Trial {
  const skipped = new Set<CheckName>();
  const ask = ({ name, find }: Check, draft: Draft): string | undefined => {
    const clock = draft.text.length > SHORT_UNITS ? workedMs : passedMs;
    const startMs = clock();
    try {
      const found = find(draft, asked);
      if (clock() - startMs <= MOST_MS) return found;
      onSkipped(name, 'late');
    } catch {
      onSkipped(name, 'failed');
    }
    skipped.add(name);
    return undefined;
  };
  return {
    observe,
    pieces: () => said.pieces,
    get needsWhole() {
      return asked.json !== 'no' || said.calls.length > 0;
    },
    find: (isComplete): Finding | undefined => {
      const draft = draftOf(said);
      for (const check of checks) {
        if (skipped.has(check.name) || (!isComplete && check.readsPrefix !== true)) continue;
        const reason = ask(check, draft);
        if (reason !== undefined) return { check: check.name, reason };
      }
      return undefined;
    },
  };
}

function draftOf({ text, calls, finishReason }: DraftSoFar): Draft {
  const read =
    text.length <= MOST_UNITS
      ? text
      : `${text.slice(0, MOST_UNITS / 2)}${text.slice(-MOST_UNITS / 2)}`;
  // a call may have a later place than the texts before it
  return { text: read, calls: calls.filter((call) => call !== undefined), finishReason };
}

function askedOf({ call, features, readings }: AskedCall): Asked {
  const { turns, task, facts } = features;
  const stakes = readings['stakes'];
  return {
    ...demandsOf(call.operation, call.body),
    task,
    system: turns.flatMap(({ role, text }) => (role === 'system' ? [text] : [])).join('\n'),
    // few checks ask for it, and a conversation may be long
    get given() {
      return turns
        .map(({ text }) => text)
        .join('\n')
        .slice(-MOST_GIVEN);
    },
    maxTokens: facts.maxTokens,
    stakes: stakes?.kind === 'score' ? stakes.score : undefined,
  };
}
/** Characters of what the model was given that an answer is compared with. */
const MOST_GIVEN = 200_000;
