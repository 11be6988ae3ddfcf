/** The primary's side: starts the workers, starts those anew that die, replaces them one by one, and ends them. */
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { PEER_DEPARTED, PEER_JOINED, type PeerReplies } from '../core/peers.ts';
import { createBatcher } from '../lib/batches.ts';
import type { PeerCall, Place, Seat } from './calls.ts';
import { createConnections } from './connections.ts';
import { countDeaths } from './deaths.ts';
import { createMember, type Member } from './member.ts';
import { ownedState } from './owned.ts';
import { gatherMetrics } from './gather.ts';
import { endHung } from './watch.ts';

export interface CrewOptions {
  readonly count: number;
  /** Starts a worker's process, with a channel to this one. */
  readonly start: (seat: Seat) => ChildProcess;
  /** Gets lines for people. */
  readonly say: (line: string) => void;
  /** Ends the start. */
  readonly abort: AbortSignal;
}

export interface Crew {
  /** What the first worker says of itself. */
  readonly about: unknown;
  take(socket: Socket, place: Place): void;
  /** Replaces every worker by a new one, one after the other; all of them once more where it is asked for meanwhile. Resolves when it is done. */
  reload(): Promise<void>;
  /** Resolves to the exit code when all have ended. `accepted` is called when no worker takes connections any more. */
  drain(accepted: () => void): Promise<number>;
  cut(): void;
  kill(): void;
  /** Rejects when no worker can be started any more. */
  readonly failed: Promise<never>;
}

/** How long until one that died is started again; doubled with each death of the last minute. */
const AGAIN_MS = 100;
const LONGEST_WAIT_MS = 10_000;
const RECENT_MS = 60_000;
/** After this many failed starts in a row, with no worker serving, the primary gives up. */
const MOST_FAILURES = 5;

/** What one worker tells the others. */
interface News {
  readonly from: Member;
  readonly call: PeerCall;
}

/** Of all workers together, or each would be woken by every other one. */
const NEWS = { maxSize: 256, waitMs: 10 };

/** @throws Error when the first worker does not start; why, it has said itself */
export async function startCrew(options: CrewOptions): Promise<Crew> {
  const crew = new Workers(options);
  const { abort } = options;
  const stop = (): void => void crew.drain(() => undefined);
  abort.addEventListener('abort', stop, { once: true });
  try {
    const about = await crew.begin();
    return Object.assign(crew, { about });
  } catch (error) {
    await crew.drain(() => undefined);
    throw error;
  } finally {
    abort.removeEventListener('abort', stop);
  }
}

class Workers {
  readonly #options: CrewOptions;
  readonly #members = new Set<Member>();
  readonly #connections = createConnections(() => this.#members);
  readonly #died = countDeaths();
  readonly #metrics = gatherMetrics(() => this.#members, this.#died.text);
  readonly #own = ownedState((member, call) => this.#say(member, call));
  readonly #news = createBatcher<News>(NEWS, (batch) => this.#tell(batch));
  readonly #deaths: number[] = [];
  readonly #failed = Promise.withResolvers<never>();
  #failures = 0;
  #isStopping = false;
  #isReloading = false;
  #isAskedAgain = false;
  #accepted = (): void => undefined;

  constructor(options: CrewOptions) {
    this.#options = options;
    // Nobody may wait for it yet.
    this.#failed.promise.catch(() => undefined);
  }

  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** The first alone: it prepares what all share, such as the database's tables. */
  async begin(): Promise<unknown> {
    const first = this.#spawn({ isWanted: false });
    const about = await first.ready;
    this.#options.abort.throwIfAborted();
    if (about === undefined) throw new Error('The first worker did not start.');
    const rest = Array.from({ length: this.#options.count - 1 }, () =>
      this.#spawn({ isWanted: true }),
    );
    await Promise.all(rest.map((one) => one.ready));
    this.#options.abort.throwIfAborted();
    return about;
  }

  take(socket: Socket, place: Place): void {
    this.#connections.take(socket, place);
  }

  async reload(): Promise<void> {
    this.#isAskedAgain = true;
    if (this.#isReloading || this.#isStopping) return;
    this.#isReloading = true;
    // Who asks while it goes on has changed something, of which those that were replaced by then do not know.
    while (this.#isAskedAgain && !this.#isStopping) {
      this.#isAskedAgain = false;
      await this.#replaceAll();
    }
    this.#isReloading = false;
    this.#fill();
  }

  async #replaceAll(): Promise<void> {
    const { say } = this.#options;
    for (const old of [...this.#members].filter((one) => one.mayTake())) {
      // One that is starting may have read what is no longer so.
      await old.ready;
      if (!old.isServing()) continue;
      const next = this.#spawn({ isWanted: false });
      const isReady = (await next.ready) !== undefined;
      // Who is started after the word to stop would not hear it.
      if (this.#isStopping) break;
      if (!isReady) {
        say('The new worker did not start. The others go on as they are.');
        break;
      }
      old.dismiss();
      say(`Worker ${next.number} is in the place of worker ${old.number}.`);
    }
  }

  async drain(accepted: () => void): Promise<number> {
    this.#isStopping = true;
    this.#accepted = accepted;
    const ends = [...this.#members].map(async (one) => {
      one.line.tell('drain', null);
      return await one.ended;
    });
    const codes = await Promise.all(ends);
    this.#connections.close();
    return codes.every((code) => code === 0) ? 0 : 1;
  }

  cut(): void {
    for (const one of this.#members) one.line.tell('cut', null);
  }

  kill(): void {
    this.#isStopping = true;
    for (const one of this.#members) one.kill();
  }

  /** `isWanted`: it is started again where it does not even start. */
  #spawn({ isWanted }: { readonly isWanted: boolean }): Member {
    const number = this.#freeNumber();
    const { count, start, say } = this.#options;
    const member = createMember({
      number,
      child: start({ number, count }),
      calls: (self) => ({
        say,
        gather: async ({ format, text }) => await this.#metrics.gather(self(), format, text),
        own: (call) => (this.#isHere(self()) ? this.#own.answer(self(), call) : undefined),
        tellPeers: (call) => {
          if (this.#isHere(self())) this.#news.add({ from: self(), call });
        },
        askPeers: async ({ ms, ...call }) => await this.#ask(self(), call, ms),
      }),
      refused: (socket, place) => this.#connections.take(socket, place),
      free: () => this.#looked(),
    });
    this.#members.add(member);
    void this.#started(member);
    void member.ended.then(async (code) => await this.#ended(member, code, isWanted));
    return member;
  }

  /** What one said before it ended may arrive after what was done for its end. */
  #isHere(member: Member): boolean {
    return this.#members.has(member);
  }

  /** The least that nobody has, so that what one leaves behind is found by the next. */
  #freeNumber(): number {
    const taken = new Set([...this.#members].map(({ number }) => number));
    let number = 1;
    while (taken.has(number)) number += 1;
    return number;
  }

  #othersOf(self: Member): readonly Member[] {
    // One that has not begun to serve has nothing yet.
    return [...this.#members].filter((one) => one !== self && one.hasStarted());
  }

  /** After what others told before: who may try what was open has heard how the last trial ended. */
  #say(member: Member, call: PeerCall): void {
    this.#news.flush();
    member.line.tell('news', [call]);
  }

  #tell(batch: readonly News[]): void {
    for (const one of this.#members) {
      const calls = batch.flatMap(({ from, call }) => (from === one ? [] : [call]));
      if (calls.length > 0 && one.hasStarted()) one.line.tell('news', calls);
    }
  }

  async #ask(
    self: Member,
    call: { readonly what: string; readonly body: unknown },
    ms: number,
  ): Promise<PeerReplies> {
    const asked = this.#othersOf(self).map((one) => one.line.ask('peer', call, ms));
    const settled = await Promise.allSettled(asked);
    const answers = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    return { answers, isComplete: answers.length === settled.length };
  }

  /** One can take a connection, or takes none any more. */
  #looked(): void {
    this.#connections.serve();
    if (this.#isStopping && ![...this.#members].some((one) => one.mayTake())) this.#accepted();
  }

  async #started(member: Member): Promise<void> {
    if ((await member.ready) === undefined) return;
    this.#failures = 0;
    const { number, ended, line } = member;
    const kill = (): void => {
      this.#died.hung(member);
      member.kill();
    };
    void endHung({ number, ended, line, kill }, this.#options);
    this.#news.add({ from: member, call: { what: PEER_JOINED, body: member.number } });
  }

  async #ended(member: Member, code: number | string, isWanted: boolean): Promise<void> {
    const wasReady = (await member.ready) !== undefined;
    this.#metrics.departed(member);
    this.#members.delete(member);
    this.#own.departed(member);
    this.#news.add({ from: member, call: { what: PEER_DEPARTED, body: member.number } });
    this.#looked();
    if (this.#isStopping || member.isDismissed() || !(wasReady || isWanted)) return;
    this.#died.died(member, code);
    this.#failures = wasReady ? 0 : this.#failures + 1;
    if (this.#failures >= MOST_FAILURES && ![...this.#members].some((one) => one.isServing())) {
      this.#failed.reject(new Error(`${this.#failures} workers in a row did not start.`));
      return;
    }
    this.#options.say(`Worker ${member.number} ended (${code}). Another is started.`);
    await wait(this.#delayMs(), undefined, { ref: false });
    this.#fill();
  }

  /** As many as there should be, without those that only finish what they have. */
  #fill(): void {
    const staying = (): number => [...this.#members].filter((one) => !one.isDismissed()).length;
    while (!this.#isStopping && staying() < this.#options.count) this.#spawn({ isWanted: true });
  }

  #delayMs(): number {
    const now = Date.now();
    this.#deaths.push(now);
    while (now - this.#deaths[0]! > RECENT_MS) this.#deaths.shift();
    return Math.min(LONGEST_WAIT_MS, AGAIN_MS * 2 ** (this.#deaths.length - 1));
  }
}
