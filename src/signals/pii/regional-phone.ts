/** Telephone numbers by the numbering plans of whole regions, for what is written as these regions print them or announced. */
import { Metadata, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import type { PhoneRegion } from '../../core/phone-regions.ts';

/** Numbers that are looked up in one text, in any region: each costs some 8 µs. */
const MOST_LOOKUPS = 64;

export interface PhonePlans {
  /**
   * Valid in a region and grouped as its own print is, or valid at all where it was announced as a telephone's. Where more were
   * looked up than one text may cost, its form decides alone.
   */
  isPhone(written: string, isAnnounced: boolean, lookups: Lookups): boolean;
}

/** Counted over one text. */
interface Lookups {
  done: number;
}

const known = new WeakMap<readonly PhoneRegion[], PhonePlans>();

/** Of these regions; numbers with a country's code are read of all. Made once for each list. */
export function plansOf(regions: readonly PhoneRegion[]): PhonePlans {
  const before = known.get(regions);
  if (before !== undefined) return before;
  const made = makePlans(regions);
  known.set(regions, made);
  return made;
}

function makePlans(regions: readonly PhoneRegion[]): PhonePlans {
  const printed = new Map<string, PhoneRegion[]>();
  for (const region of regions)
    for (const shape of shapesOf(region))
      printed.set(shape, [...(printed.get(shape) ?? []), region]);
  return {
    isPhone: (written, isAnnounced, lookups) => {
      if (isAnnounced && isAbroad(written, lookups)) return true;
      const shape = shapeIn(written);
      for (const region of isAnnounced ? regions : (printed.get(shape) ?? [])) {
        if (lookups.done >= MOST_LOOKUPS) return true;
        lookups.done += 1;
        const phone = parsePhoneNumberFromString(written, region);
        if (phone === undefined || !phone.isValid()) continue;
        if (isAnnounced || shapeIn(phone.formatNational()) === shape) return true;
        // Without the digit for long distance, as from abroad.
        const [, ...own] = phone.formatInternational().split(' ');
        if (shapeIn(own.join(' ')) === shape) return true;
      }
      return false;
    },
  };
}

/** Digits that are valid with a plus sign in front, as JSON numbers and some forms have them. */
function isAbroad(written: string, lookups: Lookups): boolean {
  const digits = written.replaceAll(/\D/g, '');
  if (digits.length < 10) return false;
  lookups.done += 1;
  return parsePhoneNumberFromString(`+${digits}`)?.isValid() === true;
}

/** How many digits each group has: `3-3-4`. */
const shapeIn = (written: string): string =>
  (written.match(/\d+/g) ?? []).map(({ length }) => length).join('-');

interface NumberingPlan {
  /** The digit for long distance, as in `0`; undefined where there is none. */
  nationalPrefix(): string | undefined;
  formats(): readonly {
    pattern(): string;
    format(): string;
    internationalFormat(): string;
  }[];
}

/** Every shape in which a region's numbers may be printed: a superset, made of its formats, with and without the long-distance digit. */
function shapesOf(region: PhoneRegion): ReadonlySet<string> {
  const metadata = new Metadata();
  metadata.selectNumberingPlan(region);
  // The package's own types leave out what its plans can do; the tests of this file hold it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const plan = metadata.numberingPlan as NumberingPlan | undefined;
  const prefix = plan?.nationalPrefix()?.length ?? 0;
  const shapes = new Set<string>();
  for (const format of plan?.formats() ?? [])
    for (const print of [format.format(), format.internationalFormat()])
      for (const shape of shapesOfPrint(format.pattern(), print)) {
        shapes.add(shape.join('-'));
        const [first = 0, ...rest] = shape;
        shapes.add([first + prefix, ...rest].join('-')).add([prefix, ...shape].join('-'));
      }
  return shapes;
}

/** `(\d{2})(\d{3,4})` printed as `$1 15-$2`: 2-2-3 and 2-2-4. */
function shapesOfPrint(pattern: string, print: string): readonly (readonly number[])[] {
  const sizes = [...pattern.matchAll(/\(([^()]*(?:\([^()]*\)[^()]*)*)\)/g)].map(([, group = '']) =>
    sizesOf(group),
  );
  let shapes: readonly (readonly number[])[] = [[]];
  for (const [piece, group] of print.matchAll(/\$(\d)|\d+/g)) {
    const choices = group === undefined ? [piece.length] : (sizes[Number(group) - 1] ?? []);
    shapes = shapes.flatMap((shape) => choices.map((size) => shape.concat(size)));
  }
  return shapes;
}

/** Digits that a part of a pattern stands for: `\d{3,4}`, `\d`, `[2-9]\d`. */
function sizesOf(group: string): readonly number[] {
  let [least, most] = [0, 0];
  for (const [, from = '1', to = from] of group.matchAll(
    /(?:\\d|\[[^[\]]{1,20}\]|\d)(?:\{(\d{1,2})(?:,(\d{1,2}))?\})?/g,
  )) {
    least += Number(from);
    most += Number(to);
  }
  return Array.from({ length: most - least + 1 }, (_, at) => least + at);
}
