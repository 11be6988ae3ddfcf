/** Lines of an answer's head, checked as Node checks them. Most headers say what they said in the answer before: such a line is not checked and made anew. */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { FIELD_NAME, NOT_IN_FIELD_VALUE } from '../../lib/http-field.ts';

/** Names come from this gateway and from upstreams, which may send any number. */
const MOST_NAMES = 200;
/** Longer values are seldom the same. */
const MOST_UNITS = 200;

interface Line {
  value: string;
  line: string;
}

/** Of one server. */
export class HeaderLines {
  readonly #last = new Map<string, Line>();

  /**
   * The line with its end.
   * @throws TypeError for what no header may have, as Node's
   */
  of(name: string, value: string): string {
    const last = this.#last.get(name);
    if (last?.value === value) return last.line;
    if (last === undefined && !FIELD_NAME.test(name)) validateHeaderName(name);
    if (NOT_IN_FIELD_VALUE.test(value)) validateHeaderValue(name, value);
    const line = `${name}: ${value}\r\n`;
    if (value.length > MOST_UNITS) return line;
    if (last !== undefined) {
      last.value = value;
      last.line = line;
    } else if (this.#last.size < MOST_NAMES) this.#last.set(name, { value, line });
    return line;
  }
}
