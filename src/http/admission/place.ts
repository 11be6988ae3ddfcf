/** One request's place among those under way. */
import type { GatewayError } from '../../core/errors.ts';
import type { Bagged } from '../../lib/bag.ts';

interface Ending {
  end(error: GatewayError): void;
}

/** A request's place among those under way. Calls after the first change nothing. */
export interface Admitted {
  /** Its answer has begun, which may go on for minutes. */
  answered(): void;
  /** What can end it from outside. */
  endsBy(limit: Ending): void;
  /** Gives the place back. */
  leave(): void;
}

/** Counts the places. */
export interface PlaceOwner {
  answered(place: Place): void;
  leave(place: Place): void;
}

/** A class rather than closures, because there is one for each request. */
export class Place implements Admitted, Bagged {
  readonly caller: string;
  isUnanswered = true;
  limit: Ending | undefined;
  bagAt = -1;
  readonly #owner: PlaceOwner;

  constructor(caller: string, owner: PlaceOwner) {
    this.caller = caller;
    this.#owner = owner;
  }

  answered(): void {
    this.#owner.answered(this);
  }

  endsBy(limit: Ending): void {
    this.limit = limit;
  }

  leave(): void {
    this.#owner.leave(this);
  }
}
