/** What a mock upstream does with a request: a closed list, as data, so that a prompt can carry it. */
import { isObject, type JsonObject } from '../../../src/lib/json.ts';

/** The bodies real servers send when they refuse. */
export type ErrorShape =
  | 'openai'
  | 'openai-no-code'
  | 'llama-cpp'
  | 'ollama'
  | 'vllm'
  | 'sglang'
  | 'fastapi'
  | 'fastapi-list'
  | 'tgi'
  | 'html'
  | 'text'
  | 'empty';

/** How the bytes of a stream are split and framed. Every variant is legal by the SSE specification. */
export interface Framing {
  readonly eol?: '\n' | '\r\n' | '\r';
  /** Bytes per write: 1 = every byte alone. */
  readonly splitEvery?: number;
  /** Cuts at exactly these byte offsets of each event. */
  readonly splitAt?: readonly number[];
  /** A comment line before each event. */
  readonly comments?: boolean;
  /** `data:{` without the optional space. */
  readonly noSpace?: boolean;
  /** An `event:` and an `id:` line before each event. */
  readonly named?: boolean;
  /** Two events per write. */
  readonly pairs?: boolean;
  /** Ends the stream after its finish chunk without `[DONE]`. */
  readonly noDone?: boolean;
}

export interface UsageFigures {
  readonly prompt: number;
  readonly completion: number;
  readonly cached?: number;
  readonly reasoning?: number;
}

/** Where usage appears: as OpenAI does it, nowhere, in every chunk, always at the end, or as given. */
export type UsageMode = 'asked' | 'none' | 'zero' | 'every-chunk' | 'always' | UsageFigures;

export interface AnswerBehaviour {
  readonly kind: 'answer';
  readonly text?: string;
  /** The pieces of a streamed text; default: its words. */
  readonly pieces?: readonly string[];
  readonly refusal?: string;
  readonly reasoning?: string;
  /** Calls these tools, with these arguments or ones made for their schema. */
  readonly tools?: readonly { readonly name: string; readonly arguments?: JsonObject | string }[];
  readonly finishReason?: string;
  readonly usage?: UsageMode;
  readonly framing?: Framing;
  /** Milliseconds between chunks, for a benchmark or a server that is slow; tests use `gate`. */
  readonly chunkDelayMs?: number;
  readonly firstChunkDelayMs?: number;
  /** Awaited before each chunk is written (before the body, for a whole answer). */
  readonly gate?: (index: number) => Promise<void>;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Members added to the answer and to every chunk. */
  readonly extra?: JsonObject;
  /** `id`, `model` and the like in place of the mock's own. */
  readonly override?: JsonObject;
  /** Leaves out what local servers leave out: `refusal`, `logprobs`, `system_fingerprint`. */
  readonly sparse?: boolean;
}

/** A stream that breaks after `after` chunks. */
export interface BrokenStream {
  readonly kind: 'broken';
  readonly after: number;
  /**
   * reset: RST; end: a proper end of the body with no finish chunk; half-event: half of an event, then the
   * proper end; half-reset: half of an event, then RST; stall: silence; error-event: an error object in the
   * stream, then the end; garbage: an event that is not JSON; done: `[DONE]` without a finish chunk.
   */
  readonly how:
    | 'reset'
    | 'end'
    | 'half-event'
    | 'half-reset'
    | 'stall'
    | 'error-event'
    | 'garbage'
    | 'done';
  readonly shape?: ErrorShape;
}

export type Behaviour =
  | AnswerBehaviour
  | BrokenStream
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly shape?: ErrorShape;
      readonly message?: string;
      readonly code?: string | null;
      readonly type?: string;
      readonly param?: string | null;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'raw';
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string;
    }
  /** Accepts the request and never answers. */
  | { readonly kind: 'hang' }
  /** RST before the first byte of the answer, or after its headers. */
  | { readonly kind: 'reset'; readonly afterHeaders?: boolean };

/** `times`: applies to that many requests with the same marker; later ones are answered. */
type Marked = Behaviour & { readonly times?: number };

const MARKER = /\[\[mock (\{.*?\})\]\]/s;

/** Text for a prompt that makes any mock that reads it behave so, also through a gateway. */
export function mark(behaviour: Marked): string {
  return `[[mock ${JSON.stringify(behaviour)}]]`;
}

export function withoutMarker(text: string): string {
  return text.replace(MARKER, '').trim();
}

/** Reads the marker in a text and counts how often it was seen. Throws on a marker that is not JSON. */
export function markerReader(): (text: string) => Behaviour | undefined {
  const seen = new Map<string, number>();
  return (text) => {
    const found = MARKER.exec(text)?.[1];
    if (found === undefined) return undefined;
    const marked: unknown = JSON.parse(found);
    if (!isObject(marked) || typeof marked['kind'] !== 'string')
      throw new Error(`The marker ${found} has no kind.`);
    const count = (seen.get(found) ?? 0) + 1;
    seen.set(found, count);
    const times = marked['times'];
    if (typeof times === 'number' && count > times) return undefined;
    // The author of a test wrote it with `mark`, which takes nothing else.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return marked as unknown as Behaviour;
  };
}
