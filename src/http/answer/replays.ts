/** Answers that other processes keep, or that this one kept before a restart: for a retry that arrives here. */
import { setTimeout as wait } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import type { KeptAnswers } from '../../core/kept-answers.ts';
import { replay, type SharedAnswer } from './shared-answer.ts';

export interface Replays {
  /** It is asked for here, from now on. */
  begun(id: string): void;
  /** It is complete: kept for so long. */
  ended(id: string, answer: SharedAnswer, ttlMs: number): void;
  /** It may be asked for anew. */
  forget(id: string): void;
  /** Sends it; one that is under way elsewhere is waited for. False where there is none. */
  send(id: string, outgoing: ServerResponse): Promise<boolean>;
}

interface Options {
  readonly kept: KeptAnswers | undefined;
  /** How long an answer that is under way elsewhere is waited for. */
  readonly waitMs: number;
}

/** In the place of an answer that is under way. */
const UNDER_WAY = Buffer.from('under way');
/** Longer than the longest answer that a configuration usually allows. */
const UNDER_WAY_MS = 3_600_000;
const LOOK_EVERY_MS = 100;

const NONE: Replays = {
  begun: () => {},
  ended: () => {},
  forget: () => {},
  send: async () => false,
};

const nameOf = (id: string): string => `again:${id}`;

export function createReplays({ kept, waitMs }: Options): Replays {
  if (kept === undefined) return NONE;
  return {
    begun: (id) => kept.set(nameOf(id), UNDER_WAY, UNDER_WAY_MS),
    ended: (id, answer, ttlMs) => {
      const bytes = answer.packed();
      if (bytes !== undefined) kept.set(nameOf(id), bytes, ttlMs);
    },
    forget: (id) => kept.delete(nameOf(id)),
    send: async (id, outgoing) => {
      for (let waitedMs = 0; ; waitedMs += LOOK_EVERY_MS) {
        const bytes = await kept.get(nameOf(id));
        if (bytes === undefined) return false;
        if (UNDER_WAY.compare(bytes) !== 0) return replay(bytes, outgoing);
        if (waitedMs >= waitMs || outgoing.destroyed) return false;
        await wait(LOOK_EVERY_MS);
      }
    },
  };
}
