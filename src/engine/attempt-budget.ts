/**
 * How many calls to upstreams one request may make in all: its targets in turn, a repair, the model that answers in place of a draft, its
 * shadow, the audit's answer and its judgements. When none are left, the later ones are skipped.
 */
export class AttemptBudget {
  #left: number;

  constructor(most: number) {
    this.#left = most;
  }

  has(count = 1): boolean {
    return count <= this.#left;
  }

  /** Takes so many at once, or none of them. */
  take(count = 1): boolean {
    if (!this.has(count)) return false;
    this.#left -= count;
    return true;
  }
}

/** A small answer, its repair and the large one, or a small answer and its audit, or the like with a shadow. */
export const USUAL_ATTEMPTS = 5;
