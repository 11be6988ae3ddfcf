/**
 * Counts what a JSON text consists of while it arrives, so that one which would take seconds to parse and walk is refused before it
 * is complete. No parser: what is wrong with the text, its parser says.
 */
import { closingQuote } from '../../lib/json-strings.ts';
import { GatewayError } from '../../core/errors.ts';

export interface JsonLimits {
  readonly maxDepth: number;
  /** Members of objects, in all. */
  readonly maxMembers: number;
  /** Members of objects and items of lists, in all. */
  readonly maxItems: number;
}

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BACKSLASH = 92;
/** Differ in one bit, as `{` and `[` do, and `}` and `]`. */
const [OPENING, CLOSING, BRACE_BIT] = [0x5b, 0x5d, 0x20];

/** Bytes. A shorter text cannot reach the limits, as a member takes four and an item two. How deep it is, its parser sees. */
export const scannedFrom = ({ maxMembers, maxItems }: JsonLimits): number =>
  Math.min(4 * maxMembers, 2 * maxItems);

/**
 * Takes the pieces of a text in order. Some 1 ns a byte outside strings; strings are skipped at the speed of memory. What it returns
 * throws a GatewayError: `caller_body_too_large`, `caller_too_deep`.
 */
export function jsonScanner(limits: JsonLimits): (piece: Buffer) => void {
  let isInString = false;
  /** The piece before ended in an odd number of backslashes. */
  let isEscaped = false;
  let depth = 0;
  let members = 0;
  let items = 0;
  const check = (): void => {
    if (members > limits.maxMembers) throw tooMany('members', 'maxMembers', limits.maxMembers);
    if (items > limits.maxItems) throw tooMany('members and items', 'maxItems', limits.maxItems);
  };
  const count = (byte: number): void => {
    if (byte === COLON) members += 1;
    else if (byte === COMMA) items += 1;
    else if ((byte & ~BRACE_BIT) === OPENING) {
      depth += 1;
      if (depth > limits.maxDepth + 1) throw tooDeep(limits.maxDepth);
    } else if ((byte & ~BRACE_BIT) === CLOSING) depth -= 1;
  };
  return (piece) => {
    let at = 0;
    while (at < piece.length) {
      if (isInString) {
        const end = stringEnd(piece, at, isEscaped);
        isEscaped = end === -1 && backslashesBefore(piece, piece.length, at, isEscaped) % 2 === 1;
        if (end === -1) break;
        isInString = false;
        at = end + 1;
      } else {
        const byte = piece[at]!;
        if (byte === QUOTE) isInString = true;
        else count(byte);
        at += 1;
      }
    }
    check();
  };
}

/** The quote that ends the string; -1 where it goes on. */
function stringEnd(piece: Buffer, from: number, isEscaped: boolean): number {
  return closingQuote(piece, isEscaped ? from + 1 : from);
}

function backslashesBefore(piece: Buffer, at: number, from: number, isEscaped: boolean): number {
  let slash = at;
  while (slash > from && piece[slash - 1] === BACKSLASH) slash -= 1;
  return at - slash + (slash === from && isEscaped ? 1 : 0);
}

const tooMany = (what: string, limit: string, most: number): GatewayError =>
  new GatewayError(
    'caller_body_too_large',
    `The JSON of the request has more than ${most} ${what}. Send less, or raise limits.${limit}.`,
  );

export const tooDeep = (maxDepth: number): GatewayError =>
  new GatewayError('caller_too_deep', `The body is nested deeper than ${maxDepth} levels.`);
