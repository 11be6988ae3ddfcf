/** Reads and judges a large body, in whichever thread: parsed as every body, with its long members given by their positions. */
import type { Call } from '../core/call.ts';
import { NO_WAITING } from '../core/deadline.ts';
import type { Judging, ReadOptions } from '../core/large-bodies.ts';
import { evaluate, SIGNAL_DEADLINE_MS } from '../engine/evaluate.ts';
import { describeSoon } from '../engine/features.ts';
import { threadKeys } from '../engine/thread-key.ts';
import { readPayload } from '../http/body/read-payload.ts';
import { bothEnds } from '../lib/both-ends.ts';
import type { JsonObject } from '../lib/json.ts';
import { outlineOf, type JsonOutline } from '../lib/json-outline.ts';
import { longRewrites } from '../upstreams/dialects.ts';
import { textTokens } from '../wire/chat-request.ts';
import { messagesToChat } from '../wire/messages-to-chat.ts';
import {
  sentBytes,
  type CallHead,
  type ChatResult,
  type JudgeResult,
  type ReadResult,
} from './protocol.ts';

interface Kept {
  readonly body: JsonObject;
  readonly payload: Buffer;
}

/** Characters of a task that are told; of a longer one both ends. */
const TASK_CHARS = 200_000;

/** Of carried bytes that are not JSON. */
const NO_MEMBERS: JsonOutline = { members: [], open: 0, close: 0 };

export class BodyReader {
  readonly #bodies = new Map<number, Kept>();

  /** Reads a body and keeps it. @throws GatewayError `caller_*` */
  read(name: number, given: Buffer, head: CallHead, options: ReadOptions): ReadResult {
    const { payload, body } = readPayload(given, head, options);
    const result = { ...found(payload, body), threadKeys: threadKeys({ ...head, body }) };
    // Its own: those that are forwarded are handed back.
    this.#bodies.set(name, { body, payload: Buffer.from(payload) });
    return result;
  }

  /** @param given the JSON of a call of `/v1/messages`, known to parse */
  chat(given: Buffer): ChatResult {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const asked = JSON.parse(given.toString('utf8')) as JsonObject;
    const { body, lost } = messagesToChat(asked);
    return { ...found(Buffer.from(JSON.stringify(body)), body), threadKeys: undefined, lost };
  }

  /** @throws Error for a body that is not kept */
  async judge(name: number, head: CallHead, { signals, ...known }: Judging): Promise<JudgeResult> {
    const kept = this.#bodies.get(name);
    if (kept === undefined) throw new Error('The body is not kept any longer.');
    const call: Call = { ...head, ...kept, stateDeadline: NO_WAITING };
    const features = await describeSoon(call, known);
    const took: Record<string, number> = {};
    const timer = (signal: string, seconds: number): void => {
      took[signal] = seconds;
    };
    const readings = await evaluate(signals, features, SIGNAL_DEADLINE_MS, { timer });
    const { facts, sent, task } = features;
    const isLong = task.length > TASK_CHARS;
    return {
      facts,
      ...(sent === undefined ? {} : { sent }),
      ...(isLong ? { taskEnds: bothEnds(task, TASK_CHARS) } : { task }),
      readings,
      took,
    };
  }

  forget(name: number): void {
    this.#bodies.delete(name);
  }
}

/** What is reported about a body, in place of the body. */
function found(payload: Buffer, body: JsonObject): Omit<ReadResult, 'threadKeys'> {
  const isEmpty = Object.keys(body).length === 0;
  const outline = isEmpty ? NO_MEMBERS : outlineOf(payload, body);
  return {
    payload: sentBytes(payload),
    ...(outline && { outline }),
    textTokens: textTokens(body),
    rewrites: longRewrites(body),
  };
}
