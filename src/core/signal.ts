/** What is known of a request (facts, turns), and the port of signals, which judge it. */
import type { ClientTaskKind } from './client-text/client-task-words.ts';
import type { ClientTask } from './client-text/client-task.ts';
import type { Operation } from './call.ts';
import type { SeenNumbers } from './learned-head.ts';
import type { PersonalKind } from './masking.ts';
import type { UnreadKind } from './unread.ts';

/** What a request may need of an upstream beyond plain text. A closed list: it is a metric label and a policy name. */
export const capabilities = [
  'chat',
  'text_completion',
  'embeddings',
  'responses',
  'messages',
  'tools',
  'tool_choice',
  'custom_tools',
  'tool_grammar',
  'hosted_tools',
  'vision',
  'image_url',
  'audio',
  'files',
  'json_object',
  'json_schema',
  'logprobs',
  'n',
  'token_input',
  'web_search',
  'stored_state',
] as const;

export type Capability = (typeof capabilities)[number];

/** Facts about a request, computed once. May be recorded and replayed: holds none of the caller's text. */
export interface RequestFacts {
  readonly operation: Operation;
  /** A task that a chat front end sent by itself; absent for what a person says. */
  readonly kind?: ClientTaskKind;
  readonly stream: boolean;
  /** Tokens of everything the model will read. Exact (`o200k_base`) when short, estimated when long. */
  readonly inputTokens: number;
  /** Of the longest of several texts that are read one by one: inputs of embeddings, prompts of completions. */
  readonly longestInputTokens?: number;
  readonly inputTokensSource: 'counted' | 'estimated';
  /** User messages so far, the current one included. */
  readonly turns: number;
  readonly messages: number;
  readonly tools: number;
  readonly toolResults: number;
  /** A tool's result stands after the model's last message: the model that called it is waiting for it. */
  readonly isToolLoop?: boolean;
  /** So do words of the user after that result: a reminder that a client adds, or another task. */
  readonly isInterrupted?: true;
  readonly images: number;
  readonly jsonSchema: boolean;
  /** The caller's limit for the answer's tokens; 0 = none given. */
  readonly maxTokens: number;
  readonly n: number;
  /** How long the caller will wait, in milliseconds; undefined = not given. */
  readonly deadlineMs?: number;
  readonly needs: readonly Capability[];
  /** The body is forwarded without being parsed: no text in it can be changed. */
  readonly isOpaque?: true;
  /** What would leave although no signal read it; absent = nothing. */
  readonly unread?: readonly UnreadKind[];
  /** Found in what the request names at an upstream, when that passed through here: it cannot be masked any more; absent = nothing. */
  readonly remotePersonal?: readonly PersonalKind[];
}

/** The facts of a request of which only the operation is known. */
export const bareFacts = (operation: Operation, stream = false): RequestFacts => ({
  operation,
  stream,
  inputTokens: 0,
  inputTokensSource: 'estimated',
  turns: 0,
  messages: 0,
  tools: 0,
  toolResults: 0,
  images: 0,
  jsonSchema: false,
  maxTokens: 0,
  n: 1,
  needs: [],
});

/** One message, reduced to its text; images, audio and files are counted in the facts instead. */
export interface Turn {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly text: string;
}

/** The input of signals. Only they see text; their output is a number and a short reason. */
export interface Features {
  readonly facts: RequestFacts;
  readonly turns: readonly Turn[];
  /** `turns` without what the client added to the user's messages, as far as that was looked for. */
  readonly own?: readonly Turn[];
  /** What the user said last, without what the client added. `turns` has the context it refers to. */
  readonly task: string;
  /** Both ends of a long task, where the whole of it would have to be made first. */
  readonly taskEnds?: string;
  /** What a front end sent by itself, as far as that was looked for. */
  readonly sent?: ClientTask | 'none';
  /**
   * Every text that is sent upstream, not only the messages: tools, arguments, metadata, names, the
   * query; with escapes resolved where there are any. For signals that must miss nothing.
   */
  readonly texts?: readonly string[];
}

/** `unread`: the request holds what no signal can read, so that nothing can be said of all of it. */
export type AbstainCause = 'deadline' | 'failed' | 'not_applicable' | 'unread';

/**
 * One signal's result: a score in 0..1 (and, for a signal that names something, its value: a language,
 * a domain), or an abstention. `reason` is for people and holds none of the caller's text.
 */
export type Reading =
  | {
      readonly kind: 'score';
      readonly score: number;
      readonly value?: string;
      /** Where what is scored lies in 80 of 100 cases; only a signal that measured it says so. */
      readonly confidence?: readonly [low: number, high: number];
      readonly reason: string;
      /** The score without what was learned from this installation's own requests; absent where nothing was. */
      readonly before?: number;
      /** What was seen of the request: for learning. */
      readonly seen?: SeenNumbers;
    }
  | {
      readonly kind: 'abstain';
      readonly cause: AbstainCause;
      readonly reason: string;
    };

/** The degree of `stakes` from which on the policies that ship want the large model. */
export const HIGH_STAKES = 0.5;

/** By signal name, never one field per signal. */
export type Readings = Readonly<Record<string, Reading>>;

export interface Signal {
  readonly name: string;
  /** One line: what a high score means. `explain` prints it under the reading. */
  readonly about: string;
  /**
   * `evaluate` may return a promise, which settles within so many milliseconds unless something is wrong: a
   * deadline is set only for such signals.
   */
  readonly waitsMs?: number;
  /** Synchronous where possible. Throwing counts as abstaining. */
  evaluate(features: Features): Reading | Promise<Reading>;
}

export const score = (value: number, reason: string, name?: string): Reading =>
  name === undefined
    ? { kind: 'score', score: value, reason }
    : { kind: 'score', score: value, value: name, reason };

export const abstain = (reason: string, cause: AbstainCause = 'not_applicable'): Reading => ({
  kind: 'abstain',
  cause,
  reason,
});
