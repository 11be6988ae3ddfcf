/** One thread that reads large bodies, as the pool sees it. */
import { GatewayError } from '../core/errors.ts';
import type { KnownContents } from '../core/known-state.ts';
import type { ReadOptions } from '../core/large-bodies.ts';
import type { Soon } from '../lib/soon.ts';
import type { SignalSettings } from '../signals/index.ts';
import type {
  CallHead,
  ChatResult,
  FromReader,
  JudgeResult,
  ReaderResult,
  ReadResult,
  SentBytes,
  SentError,
  SentSettings,
  ToReader,
} from './protocol.ts';

/** The part of a worker that is used. */
export interface ReaderWorker {
  on(event: 'message', listener: (message: FromReader) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'exit', listener: () => void): unknown;
  postMessage(message: ToReader, handedOver: ArrayBuffer[]): void;
  unref(): void;
  terminate(): Promise<unknown>;
}

interface Reading {
  readonly payload: SentBytes;
  readonly head: CallHead;
  readonly options: ReadOptions;
}

type ContentsOf = (ids: readonly string[]) => Soon<KnownContents>;

interface Judging {
  readonly head: CallHead;
  readonly ownsState: boolean;
  readonly contentsOf: ContentsOf | undefined;
}

interface ThreadOptions {
  /** How long it is kept with nothing to do. */
  readonly idleMs: number;
  /** Called once. `error`: it ended by itself. */
  readonly onEnd: (error: string | undefined) => void;
}

interface Waiting {
  resolve(result: ReaderResult): void;
  reject(error: unknown): void;
}

/** It does not keep the process alive: who waits for it does. */
export class ReaderThread {
  readonly #worker: ReaderWorker;
  readonly #options: ThreadOptions;
  readonly #waiting = new Map<number, Waiting>();
  /** Bodies that it keeps. */
  readonly #bodies = new Set<number>();
  /** What it was sent, by place. */
  readonly #settings: SignalSettings[] = [];
  /** Looks up the contents of objects at upstreams, by question. */
  readonly #contents = new Map<number, ContentsOf>();
  #ids = 0;
  #isAlive = true;
  #timer: NodeJS.Timeout | undefined;

  constructor(worker: ReaderWorker, options: ThreadOptions) {
    this.#worker = worker;
    this.#options = options;
    worker.unref();
    worker.on('error', (error) => this.#end(error.name));
    worker.on('exit', () => this.#end('it exited'));
    worker.on('message', (message) => {
      this.#take(message);
      this.#rest();
    });
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Questions that wait for an answer, and bodies that it keeps. */
  busy(): number {
    return this.#waiting.size + this.#bodies.size;
  }

  /** @throws GatewayError of the body; `gateway_overloaded` where the thread ends */
  async read(asked: Reading): Promise<{ readonly name: number; readonly result: ReadResult }> {
    const name = this.#nextId();
    this.#bodies.add(name);
    const handedOver = [asked.payload.buffer];
    const result = await this.#ask<ReadResult>({ kind: 'read', id: name, ...asked }, handedOver);
    return { name, result };
  }

  /** @throws GatewayError `gateway_overloaded` where the thread ends */
  async judge(body: number, settings: SignalSettings, asked: Judging): Promise<JudgeResult> {
    const { contentsOf, ...about } = asked;
    const id = this.#nextId();
    if (contentsOf !== undefined) this.#contents.set(id, contentsOf);
    const by = { ...this.#judgeOf(settings), asksContents: contentsOf !== undefined };
    try {
      return await this.#ask<JudgeResult>({ kind: 'judge', id, body, ...by, ...about });
    } finally {
      this.#contents.delete(id);
    }
  }

  /** @throws GatewayError `gateway_overloaded` where the thread ends */
  chat(payload: SentBytes): Promise<ChatResult> {
    return this.#ask<ChatResult>({ kind: 'chat', id: this.#nextId(), payload }, [payload.buffer]);
  }

  forget(body: number): void {
    if (!this.#bodies.delete(body)) return;
    this.#worker.postMessage({ kind: 'forget', body }, []);
    this.#rest();
  }

  async close(): Promise<void> {
    this.#end();
    await this.#worker.terminate();
  }

  #nextId(): number {
    return (this.#ids += 1);
  }

  #ask<T>(message: Extract<ToReader, { id: number }>, handedOver: ArrayBuffer[] = []): Promise<T> {
    clearTimeout(this.#timer);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    if (this.#isAlive) {
      this.#worker.postMessage(message, handedOver);
      // Each question is answered with its own kind of result.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      this.#waiting.set(message.id, { resolve: resolve as Waiting['resolve'], reject });
    } else reject(threadEnded());
    return promise;
  }

  #take(message: FromReader): void {
    switch (message.kind) {
      case 'done':
        return this.#settled(message.id)?.resolve(message.result);
      case 'refused':
        this.#bodies.delete(message.id);
        return this.#settled(message.id)?.reject(errorOf(message.error));
      case 'deep':
        return void this.#askDeep(message);
      case 'contents':
        return void this.#askContents(message);
    }
  }

  async #askDeep({ id, judge, question }: Extract<FromReader, { kind: 'deep' }>): Promise<void> {
    const deep = this.#settings[judge]?.deep;
    const answer = deep && (await deep.ask(question, deep.deadlineMs));
    if (this.#isAlive) this.#worker.postMessage({ kind: 'deep', id, answer }, []);
  }

  /** What cannot be looked up is not known. */
  async #askContents({ id, of, ids }: Extract<FromReader, { kind: 'contents' }>): Promise<void> {
    const known = await (async () => this.#contents.get(of)?.(ids))().catch(() => undefined);
    if (this.#isAlive) this.#worker.postMessage({ kind: 'contents', id, known: known ?? NONE }, []);
  }

  #settled(id: number): Waiting | undefined {
    const found = this.#waiting.get(id);
    this.#waiting.delete(id);
    return found;
  }

  #judgeOf(settings: SignalSettings): { judge: number; settings?: SentSettings } {
    const known = this.#settings.indexOf(settings);
    if (known >= 0) return { judge: known };
    return { judge: this.#settings.push(settings) - 1, settings: sentSettings(settings) };
  }

  #rest(): void {
    clearTimeout(this.#timer);
    if (this.busy() > 0 || !this.#isAlive) return;
    this.#timer = setTimeout(() => void this.close(), this.#options.idleMs).unref();
  }

  #end(error?: string): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    clearTimeout(this.#timer);
    this.#options.onEnd(error);
    for (const { reject } of this.#waiting.values()) reject(threadEnded());
    this.#waiting.clear();
    this.#bodies.clear();
  }
}

function sentSettings({ deep, ...settings }: SignalSettings): SentSettings {
  if (deep === undefined) return settings;
  const { mode, deadlineMs } = deep;
  return { ...settings, deep: { mode, deadlineMs } };
}

function errorOf({ code, message, param, wireCode }: SentError): Error {
  if (code === undefined) return new Error(`A large body could not be read: ${message}`);
  return new GatewayError(code, message, { wireCode, ...(param === null ? {} : { param }) });
}

const NONE: KnownContents = new Map();

const threadEnded = (): GatewayError =>
  new GatewayError(
    'gateway_overloaded',
    'The thread that read this large request ended before it was done, for want of memory as a rule. Ask again, or send less at once.',
  );
