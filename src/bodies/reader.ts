/** What is done with a large body, wherever that is: read as every body, its long members told by their places, and judged. */
import type { Call } from '../core/call.ts';
import { NO_WAITING } from '../core/deadline.ts';
import type { Judging, LargeBodyOptions } from '../core/large-bodies.ts';
import { evaluate, SIGNAL_DEADLINE_MS } from '../engine/evaluate.ts';
import { describeSoon } from '../engine/features.ts';
import { threadKeys } from '../engine/thread-key.ts';
import { readPayload } from '../http/read-payload.ts';
import { bothEnds } from '../lib/both-ends.ts';
import type { JsonObject } from '../lib/json.ts';
import { outlineOf, type JsonOutline } from '../lib/json-outline.ts';
import { longRewrites } from '../upstreams/dialects/long-members.ts';
import { textTokens } from '../wire/chat-request.ts';
import { sentBytes, type CallHead, type JudgeResult, type ReadResult } from './protocol.ts';

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
  read(name: number, given: Buffer, head: CallHead, options: LargeBodyOptions): ReadResult {
    const { payload, body } = readPayload(given, head, options);
    const isEmpty = Object.keys(body).length === 0;
    const outline = isEmpty ? NO_MEMBERS : outlineOf(payload, body);
    const result: ReadResult = {
      payload: sentBytes(payload),
      ...(outline && { outline }),
      threadKeys: threadKeys({ ...head, body }),
      textTokens: textTokens(body),
      rewrites: longRewrites(body),
    };
    // Its own: those that are forwarded are handed back.
    this.#bodies.set(name, { body, payload: Buffer.from(payload) });
    return result;
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
    const readings = await evaluate(signals, features, SIGNAL_DEADLINE_MS, timer);
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
