/** Checks a small model's answer before the caller sees it, without asking another model. README.md beside this explains each. */
import type { CompetenceCard } from '../core/competence.ts';
import type { AskedCall, CheckName, Doubt, Verifier } from '../core/verify.ts';
import { draftReader } from '../wire/draft.ts';
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
import { language, type LanguageOf } from './language.ts';
import { refusal } from './refusal.ts';
import { repetition } from './repetition.ts';
import { schemas, type Validate } from './schemas.ts';
import { sums } from './sums.ts';
import { template } from './template.ts';
import { tools } from './tools.ts';
import { AnswerTrial, type Doubting, type Watch } from './trial.ts';

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

export function createVerifier(options: VerifierOptions): Verifier {
  const validate = schemas();
  const checks = allChecks(options.languageOf, validate);
  const chosen = chosenFrom(checks);
  let isWarm = false;
  const { onSkipped = () => {}, cardOf = () => undefined } = options;
  const { workedMs = () => process.threadCpuUsage().user / 1000 } = options;
  const watch: Watch = { onSkipped, workedMs };
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
      const judging = { checks: chosen(names), asked: demanded, reader, doubting };
      return new AnswerTrial(judging, asked.call.operation, watch);
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
