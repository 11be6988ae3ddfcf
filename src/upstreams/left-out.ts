/** Which members of a request an upstream is not sent, and its caller is told of. */
import { isGiven, type JsonObject } from '../lib/json.ts';
import type { Members } from './dialects/rewrites.ts';

/** Members that change no answer, that have another name or place there, or that were removed since they say nothing. */
const UNTOLD: ReadonlySet<string> = new Set([
  'store',
  'metadata',
  'service_tier',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'prediction',
  'moderation',
  'user',
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
  'model',
  'messages',
  'stream',
  'stream_options',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'functions',
  'function_call',
  'reasoning',
  'include',
]);

/** @param isSent whether it, or what means the same, is sent */
export const membersLeftOut = (
  body: JsonObject,
  isSent: (member: string) => boolean,
): readonly string[] =>
  Object.keys(body).filter(
    (member) =>
      !UNTOLD.has(member) && isGiven(body[member]) && body[member] !== false && !isSent(member),
  );

/** @param changes what the rewrites for this upstream made of the members of the body; undefined is nothing */
export const membersRemoved = (body: JsonObject, changes: Members | undefined): readonly string[] =>
  changes === undefined
    ? NONE
    : membersLeftOut(body, (member) => !(member in changes) || changes[member] !== undefined);

const NONE: readonly string[] = [];
