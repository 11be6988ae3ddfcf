/** Which kind of task a request is, for what a competence card knows of it. A guess by words is enough: a card says how good it is. */
import type { TaskKind } from '../core/competence.ts';
import { EXTRACTS } from './copied.ts';
import { YES_NO } from './format.ts';
import { isSum } from './sums.ts';

export interface TaskSeen {
  readonly task: string;
  /** User messages so far. */
  readonly turns: number;
  readonly tools: number;
  readonly isJson: boolean;
}

const JSON_TASK = /\bJSON\b/;
const TRANSLATION = /translat|traduc|tradui|[üu]bersetz/iu;
const WORDS =
  /\b(?:opposite|antonym|synonym|plural|past tense|rhymes?)\b|lo contrario|ant[óo]nimo|sin[óo]nimo/iu;
const REWRITING =
  /\b(?:rewrite|rephrase|summari[sz]e|shorten|paraphrase|reescrib|resum[ei]|acorta|parafrase)/iu;
const TOOLS =
  /\b(?:functions?|tools?|funci[óo]n(?:es)?|herramientas?)\b[^.?]{0,80}\b[a-z]+_[a-z_]+\b/iu;
const CLASSIFICATION =
  /\b(?:classif\w*|categor\w*|sentiment\w*|positive or negative|which label|clasifica\w*|categor[íi]a\w*|sentimiento\w*|positiva o negativa)\b/iu;
const ONLY_THIS =
  /\b(?:write|give|return|answer|extract|escribe|dame|devuelve|extrae)\b[^.\n]{0,20}\b(?:only|just|solo|sólo)\b[^.\n]{0,60}\b(?:in this|from this|in the|from the|de este|de esta|en este|del)\b/iu;
const QUESTION =
  /^\W*(?:what|who|whom|whose|when|where|which|how (?:many|much|old|far|tall|long)|in which|at how|qu[ée]|qui[ée]n|cu[áa]l|cu[áa]ndo|d[óo]nde|cu[áa]nt[oa]s?|en qu[ée]|a cu[áa]nt[oa]s)/iu;
/** Longer questions ask for more than a fact. */
const MOST_WORDS_OF_FACT = 20;

const BY_WORDS: readonly (readonly [TaskKind, RegExp])[] = [
  ['json', JSON_TASK],
  ['tools', TOOLS],
  ['translation', TRANSLATION],
  ['rewriting', REWRITING],
  ['classification', CLASSIFICATION],
  ['words', WORDS],
  ['yes-no', YES_NO],
  ['extraction', ONLY_THIS],
  ['extraction', EXTRACTS],
];

export function kindOf({ task, turns, tools, isJson }: TaskSeen): TaskKind {
  if (isJson) return 'json';
  if (tools > 0) return 'tools';
  if (turns > 1) return 'follow-ups';
  if (isSum(task)) return 'sums';
  const named = BY_WORDS.find(([, form]) => form.test(task))?.[0];
  if (named !== undefined) return named;
  return QUESTION.test(task) && task.split(/\s+/).length <= MOST_WORDS_OF_FACT ? 'facts' : 'other';
}
