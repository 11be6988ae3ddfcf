/** The usage of a stream as OpenAI sends it: once, in an event of its own, behind all others. Clients add up what each event says. */
import type { StreamEvent } from '../../core/upstream.ts';

/** Servers tell it with their last text, in every event with what there is so far, or twice. The last of it holds. */
export class UsageLast {
  #last: StreamEvent | undefined;

  keep(last: StreamEvent): void {
    this.#last = last;
  }

  atEnd(): readonly StreamEvent[] {
    return this.#last === undefined ? [] : [this.#last];
  }
}
