/** Chats with the gateway as any caller does, and reads afterwards what the answer's record says. */
import type { UsageRecord } from '../core/record.ts';
import type { RecordExplanation } from '../engine/explain-record.ts';
import { answerOf, get } from './api.ts';

interface TextPart {
  readonly type: 'text';
  readonly text: string;
}
interface PicturePart {
  readonly type: 'image_url';
  readonly image_url: { readonly url: string };
}

export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string | readonly (TextPart | PicturePart)[];
}

export interface ChatBody {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly stream?: boolean;
  readonly tools?: unknown;
  readonly response_format?: unknown;
}

interface ToolCall {
  readonly name: string;
  readonly args: string;
}

/** `key`: empty where none is needed. */
interface Asked {
  readonly body: ChatBody;
  readonly key: string;
}

export const bearer = (key: string): Readonly<Record<string, string>> =>
  key === '' ? {} : { authorization: `Bearer ${key}` };

/** What there is of an answer so far. */
export interface Answer {
  readonly text: string;
  readonly calls: readonly ToolCall[];
  readonly requestId: string | undefined;
}

/** `tell` hears of the answer as it grows. @throws ApiError with the gateway's own words */
export async function chat(
  { body, key }: Asked,
  tell: (answer: Answer) => void,
  signal: AbortSignal,
): Promise<Answer> {
  const response = await answerOf('/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(key) },
    body: JSON.stringify(body),
    signal,
  });
  const requestId = response.headers.get('x-request-id') ?? undefined;
  if (body.stream !== true) return wholeAnswer(await response.json(), requestId);
  let answer: Answer = { text: '', calls: [], requestId };
  tell(answer);
  for await (const data of eventsIn(response)) {
    answer = grown(answer, data);
    tell(answer);
  }
  return answer;
}

interface Delta {
  readonly content?: string | null;
  readonly tool_calls?: readonly {
    readonly index: number;
    readonly function?: { readonly name?: string; readonly arguments?: string };
  }[];
}

interface Chunk {
  readonly choices?: readonly { readonly delta?: Delta }[];
  readonly error?: { readonly message: string };
}

interface Whole {
  readonly choices: readonly {
    readonly message: {
      readonly content: string | null;
      readonly tool_calls?: readonly {
        readonly function: { readonly name: string; readonly arguments: string };
      }[];
    };
  }[];
}

function wholeAnswer({ choices: [first] }: Whole, requestId: string | undefined): Answer {
  const calls = (first?.message.tool_calls ?? []).map(
    ({ function: { name, arguments: args } }) => ({
      name,
      args,
    }),
  );
  return { text: first?.message.content ?? '', calls, requestId };
}

function grown(answer: Answer, data: string): Answer {
  const chunk: Chunk = JSON.parse(data);
  if (chunk.error !== undefined) throw new Error(chunk.error.message);
  const delta = chunk.choices?.[0]?.delta ?? {};
  const calls = [...answer.calls];
  for (const { index, function: part = {} } of delta.tool_calls ?? []) {
    const before = calls[index] ?? { name: '', args: '' };
    calls[index] = {
      name: before.name + (part.name ?? ''),
      args: before.args + (part.arguments ?? ''),
    };
  }
  return { ...answer, text: answer.text + (delta.content ?? ''), calls };
}

/** The data of each server-sent event, without the last one that only says that it is over. */
async function* eventsIn(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of bodyOf(response)) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const data = line.startsWith('data:') ? line.slice('data:'.length).trim() : '';
      if (data !== '' && data !== '[DONE]') yield data;
    }
  }
}

/** Not every browser iterates over a body yet. */
async function* bodyOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

export interface Account {
  readonly record: UsageRecord;
  readonly why: RecordExplanation | undefined;
}

const TRIES = 10;
const BETWEEN_MS = 200;

/** The record is written a moment after the answer: it is asked for until it is there. */
export async function accountOf(requestId: string): Promise<Account | undefined> {
  const path = `/admin/requests/${encodeURIComponent(requestId)}`;
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      const record = await get<UsageRecord>(path);
      const why = record.decision && (await get<RecordExplanation>(`${path}/why`));
      return { record, why };
    } catch {
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    }
  }
  return undefined;
}
