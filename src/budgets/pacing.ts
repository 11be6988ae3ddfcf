/**
 * Keeps a budget from being spent long before its period is over: while it is spent faster than it can last, requests must be harder
 * to reach the large model. An integral controller on the ratio of two speeds: how fast the money goes, and how fast it may go from
 * now on so that the period ends with nothing left. Both are measured against the plan, so that nights and weekends look alike.
 */
import type { Budget, BudgetState } from '../core/budget.ts';
import { planOf, UNIFORM, weekProfile, type SpentHour } from './week-profile.ts';

export interface Pacing {
  /** Once a minute. */
  tick(states: readonly BudgetState[], atMs: number): void;
  /** What is added to the threshold for a caller with these budgets; undefined where that is nothing. */
  shiftOf(own: readonly Budget[]): number | undefined;
  /** The share of the period's money that should be gone; undefined where it is not paced. */
  planned(state: BudgetState, atMs: number): number | undefined;
  /** What was spent in each hour of the last weeks, by which later plans are made. */
  learn(hours: readonly SpentHour[]): void;
}

/** The share of the period over which speed is measured: half a day of a month, half an hour of a day. */
const WINDOW = 0.02;
/** How far the threshold moves over one window while the money goes e times too fast. */
const GAIN = 0.1;
/** A speed that is off by less than this is right; logarithm of the ratio. */
const DEAD_BAND = 0.05;
/** A ratio beyond e counts as e. */
const MOST_ERROR = 1;
/** Of the threshold: per tick, in all, and the least that is published. */
const MOST_STEP = 0.05;
const MOST_SHIFT = 0.5;
const LEAST_CHANGE = 0.01;

interface Sample {
  readonly planned: number;
  readonly committed: number;
}

/** A budget's controller in its current period. */
interface Controller {
  startMs: number;
  samples: Sample[];
  exact: number;
  /** What is published. */
  shift: number;
}

interface Plan {
  readonly startMs: number;
  readonly planned: (atMs: number) => number;
}

export function createPacing(): Pacing {
  const controllers = new Map<string, Controller>();
  const plans = new Map<string, Plan>();
  let hours: readonly SpentHour[] = [];
  const planned = ({ budget, startMs, endMs }: BudgetState, atMs: number): number | undefined => {
    if (budget.pace !== true || !Number.isFinite(endMs)) return undefined;
    let plan = plans.get(budget.name);
    if (plan?.startMs !== startMs) {
      const profile = hours.length === 0 ? UNIFORM : weekProfile(hours, budget.zone);
      plan = { startMs, planned: planOf({ startMs, endMs }, budget.zone, profile) };
      plans.set(budget.name, plan);
    }
    return plan.planned(atMs);
  };
  const controllerOf = ({ budget, startMs }: BudgetState): Controller => {
    const known = controllers.get(budget.name);
    if (known?.startMs === startMs) return known;
    // What was right at the end of a period is a good guess for the beginning of the next.
    const { exact, shift } = known ?? { exact: 0, shift: 0 };
    const controller = { startMs, samples: [], exact, shift };
    controllers.set(budget.name, controller);
    return controller;
  };
  return {
    planned,
    tick: (states, atMs) => {
      for (const state of states) {
        const share = planned(state, atMs);
        if (share === undefined) controllers.delete(state.budget.name);
        else control(controllerOf(state), { planned: share, committed: committedShare(state) });
      }
    },
    shiftOf: (own) => {
      let most = 0;
      for (const { pace, name } of own) {
        if (pace === true) most = Math.max(most, controllers.get(name)?.shift ?? 0);
      }
      return most === 0 ? undefined : most;
    },
    learn: (spent) => {
      hours = spent;
      plans.clear();
    },
  };
}

const committedShare = ({ budget, spentNanoUsd, reservedNanoUsd }: BudgetState): number =>
  (spentNanoUsd + reservedNanoUsd) / budget.limitNanoUsd;

function control(controller: Controller, now: Sample): void {
  const { samples } = controller;
  const before = samples.at(-1);
  samples.push(now);
  const left = Math.max(0, 1 - now.planned);
  // Towards the end there is less time to put right what is seen late.
  const window = Math.min(WINDOW, left / 4);
  while (samples.length > 2 && now.planned - samples[1]!.planned >= window) samples.shift();
  const [first] = samples;
  if (before === undefined || first === undefined || left === 0) return;
  const seen = now.planned - first.planned;
  if (seen < window / 2) return;
  const speed = (now.committed - first.committed) / seen;
  const allowed = Math.max(0, 1 - now.committed) / left;
  const error = logRatio(speed, allowed);
  if (Math.abs(error) < DEAD_BAND) return;
  const step = (GAIN / window) * (now.planned - before.planned) * error;
  controller.exact = clamp(controller.exact + clamp(step, -MOST_STEP, MOST_STEP), 0, MOST_SHIFT);
  publish(controller);
}

/** Small steps are gathered: a threshold that moves with every minute would make no two requests alike. */
function publish(controller: Controller): void {
  const { exact, shift } = controller;
  const isAtEnd = exact === 0 || exact === MOST_SHIFT;
  if (isAtEnd || Math.abs(exact - shift) >= LEAST_CHANGE)
    controller.shift = Math.round(exact * 1000) / 1000;
}

function logRatio(speed: number, allowed: number): number {
  if (speed <= 0) return -MOST_ERROR;
  if (allowed <= 0) return MOST_ERROR;
  return clamp(Math.log(speed / allowed), -MOST_ERROR, MOST_ERROR);
}

const clamp = (value: number, low: number, high: number): number =>
  Math.min(high, Math.max(low, value));
