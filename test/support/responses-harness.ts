/** `responsesOverChat` around a scripted chat upstream, and helpers that read its answers. */
import { expect } from 'vitest';
import { UpstreamError } from '../../src/core/errors.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import type { StreamEvent, Upstream, UpstreamRequest } from '../../src/core/upstream.ts';
import { responsesOverChat } from '../../src/responses/over-chat.ts';
import {
  memoryResponseStore,
  type MemoryResponseStore,
} from '../../src/stores/memory/responses.ts';
import { iterated } from './event-streams.ts';
import { responsesCall, scriptedChat, type Script, type ScriptedChat } from './scripted-chat.ts';

export const never = new AbortController().signal;

export interface ResponsesHarness {
  readonly upstream: Upstream;
  readonly inner: ScriptedChat;
  readonly store: MemoryResponseStore;
}

export function responsesHarness(
  script: Script | ((request: UpstreamRequest) => Script),
  store = memoryResponseStore(),
): ResponsesHarness {
  const inner = scriptedChat(script);
  let ids = 0;
  const newId = (prefix: string): string => `${prefix}_${(ids += 1)}`;
  const options = { store, newId, nowMs: () => 5_000 };
  return { upstream: responsesOverChat(inner, options), inner, store };
}

export async function whole(
  upstream: Upstream,
  body: JsonObject,
  caller?: string,
): Promise<JsonObject> {
  const answer = await upstream.send({ call: responsesCall(body, caller), model: 'm' }, never);
  if (answer.kind !== 'whole') throw new Error(`got a ${answer.kind}`);
  const sent = JSON.parse(Buffer.from(answer.bytes).toString()) as JsonObject; // our own response
  expect(sent).toMatchObject(answer.body);
  return sent;
}

export async function events(
  upstream: Upstream,
  body: JsonObject,
): Promise<AsyncIterator<StreamEvent>> {
  const call = responsesCall({ ...body, stream: true });
  const answer = await upstream.send({ call, model: 'm' }, never);
  if (answer.kind !== 'stream') throw new Error(`got a ${answer.kind}`);
  return iterated(answer.events);
}

export async function drain(iterator: AsyncIterator<StreamEvent>): Promise<JsonObject[]> {
  const seen: JsonObject[] = [];
  for (;;) {
    const step = await iterator.next();
    if (step.done === true) return seen;
    if (step.value.data !== undefined) seen.push(step.value.data);
  }
}

export const types = (seen: readonly JsonObject[]): unknown[] => seen.map((event) => event['type']);

export const rejection = (promise: Promise<unknown>): Promise<UpstreamError> =>
  promise.then(
    () => expect.unreachable('should have been refused'),
    (error: unknown) => {
      expect(error).toBeInstanceOf(UpstreamError);
      return error as UpstreamError; // asserted in the line above
    },
  );

/** Of a response or an item. */
export function idOf(value: JsonObject | undefined): string {
  const id = value?.['id'];
  if (typeof id !== 'string') throw new Error('it has no id');
  return id;
}
