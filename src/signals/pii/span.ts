import type { PersonalKind } from '../../core/masking.ts';
import { isAlnum } from '../../lib/ascii.ts';

/** What kinds of personal or secret data are found. Names, addresses and dates of birth are out of scope. */
export type PiiKind = PersonalKind;

/** Where one stands: UTF-16 offsets, `end` exclusive. */
export interface PiiSpan {
  readonly kind: PiiKind;
  readonly start: number;
  readonly end: number;
}

/** What a matcher answers when nothing it knows starts where it looked. */
export const NONE = -1;

/**
 * Latin letters, digits and the underscore: what a find must not touch on either side. Scripts that set no blanks between
 * words, and those that write prepositions together with what follows, have finds right beside their letters.
 */
export const isWordUnit = (unit: number): boolean =>
  isAlnum(unit) || unit === 95 || (unit >= 0xc0 && isLatinBeyond(unit));

const isLatinBeyond = (unit: number): boolean =>
  unit < 0x370 ? unit !== 0xd7 && unit !== 0xf7 : unit >= 0x1e00 && unit < 0x1f00;

/** The words just before a place, lower case: what a bare number is said to be. */
export const before = (text: string, start: number, most = 36): string =>
  text.slice(Math.max(0, start - most), start).toLowerCase();

/** What stands right before a number that only refers to something: an order, an invoice, a parcel. */
const REFERENCE =
  /(?:order|pedido|invoice|factura|ticket|ref\w{0,9}|tracking|seguimiento|bestell\w{0,9}|rechnung\w{0,9}|commande|facture|sku|serial|serie|serien\w{0,9}|part|isbn|ean|case|caso|vorgang\w{0,9}|kundennummer|customer id|id|article|artikel\w{0,9}|suivi|dossier|paket\w{0,9}|sendung\w{0,9}|envío|batch|lote|policy|póliza|build|version|account|cuenta|konto\w{0,9})(?:\s(?:number|no|nr|número|numéro|nummer|code|código|is|es|ist|est|el)){0,3}[\s.:#nº°o-]{0,6}$/;

/** The words before a number (see `before`) make it a reference, whatever it looks like. */
export const isReference = (words: string): boolean => REFERENCE.test(words);
