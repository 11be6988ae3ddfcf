/** Telephone numbers by the numbering plans of whole regions, for what is written as these regions print them or announced. */
import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/min';

/** Regions whose national numbers are read; international ones are read of all. */
const DEFAULT_REGIONS: readonly CountryCode[] = [
  'ES',
  'US',
  'GB',
  'DE',
  'FR',
  'IT',
  'BR',
  'IN',
  'JP',
  'CN',
  'KR',
  'MX',
];

/** Valid in a region and grouped as its own print is, or valid at all where it was announced as a telephone's. */
export function isRegionalPhone(
  written: string,
  isAnnounced: boolean,
  regions: readonly CountryCode[] = DEFAULT_REGIONS,
): boolean {
  if (isAnnounced && isAbroad(written)) return true;
  const groups = groupsOf(written);
  for (const region of regions) {
    const phone = parsePhoneNumberFromString(written, region);
    if (phone === undefined || !phone.isValid()) continue;
    if (isAnnounced || groupsOf(phone.formatNational()) === groups) return true;
    // Without the digit for long distance, as from abroad.
    const [, ...own] = phone.formatInternational().split(' ');
    if (groupsOf(own.join(' ')) === groups) return true;
  }
  return false;
}

/** Digits that are valid with a plus sign in front, as JSON numbers and some forms have them. */
function isAbroad(written: string): boolean {
  const digits = written.replaceAll(/\D/g, '');
  return digits.length >= 10 && parsePhoneNumberFromString(`+${digits}`)?.isValid() === true;
}

const groupsOf = (written: string): string =>
  (written.match(/\d+/g) ?? []).map(({ length }) => length).join('-');
