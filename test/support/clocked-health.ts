/** A record of health with a clock that tests turn. */
import { createHealth, type Condition, type Health } from '../../src/engine/health.ts';
import type { Call } from '../../src/core/call.ts';
import type { AttemptCause } from '../../src/core/errors.ts';
import { call } from './call.ts';

export function clocked(
  callers = 1,
  draw = () => 1,
): { health: Health; pass: (ms: number) => void } {
  let now = 1000;
  return {
    health: createHealth({ nowMs: () => now, callers: () => callers, draw }),
    pass: (ms) => {
      now += ms;
    },
  };
}

export const asked = (text: string, caller = 'ann'): Call =>
  call({ payload: Buffer.from(text), caller: { name: caller, labels: {}, mayOverride: true } });

interface Trying {
  readonly call?: Call;
  readonly model?: string;
}

let questions = 0;
/** A question that nobody asked before. */
export const newQuestion = (caller?: string): Call => asked(`question ${(questions += 1)}`, caller);

export function attempt(health: Health, cause?: AttemptCause, of: Trying = {}): void {
  const { call: from = newQuestion(), model = 'm' } = of;
  health.started({ upstream: 'a', model }, from);
  const how = cause === undefined ? ({ outcome: 'ok' } as const) : { outcome: 'failed', cause };
  health.ended({ upstream: 'a', model, ...how } as Parameters<Health['ended']>[0], from);
}

export const fail = (health: Health, cause: AttemptCause, times: number, of: Trying = {}): void => {
  for (let i = 0; i < times; i += 1) attempt(health, cause, of);
};

export const isWell = (health: Health, model = 'm', caller = 'ann'): boolean => {
  const { reachable, unhealthyModels }: Condition = health.condition('a', asked('new', caller));
  return reachable && !unhealthyModels.includes(model);
};
