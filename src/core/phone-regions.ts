/** Regions whose telephone numbers are read: which there are, and which belong to a zone of the grid. */
import { getCountries, type CountryCode } from 'libphonenumber-js/min';

export type PhoneRegion = CountryCode;

/** Without a configuration, beside that of the grid's zone. */
export const PHONE_REGIONS: readonly PhoneRegion[] = [
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

/** The region of a two-letter code (ISO 3166-1; `UK` is Great Britain); undefined for one without a numbering plan. */
export function phoneRegion(code: string): PhoneRegion | undefined {
  const meant = code === 'UK' ? 'GB' : code;
  return getCountries().find((region) => region === meant);
}

/** `ESP` and `ES-CN-GC` are in Spain; undefined where there is no numbering plan. */
export function regionOfZone(zone: string): PhoneRegion | undefined {
  return phoneRegion(TWO_LETTERS.get(zone) ?? zone.slice(0, 2));
}

/** Codes of three letters (ISO 3166-1) that do not begin with the two of the same country. */
const OTHERWISE =
  'AGO AO|ATG AG|ARM AM|ABW AW|AUT AT|BHS BS|BGD BD|BRB BB|BLR BY|BLZ BZ|BEN BJ|BIH BA|BRN BN|BDI BI|CPV CV|CYM KY|CAF CF|TCD TD|CHL CL|CHN CN|COM KM|COG CG|COD CD|COK CK|DNK DK|SLV SV|GNQ GQ|EST EE|SWZ SZ|FLK FK|FRO FO|GUF GF|PYF PF|GRL GL|GRD GD|GLP GP|GIN GN|GNB GW|GUY GY|IRQ IQ|IRL IE|ISR IL|JAM JM|KAZ KZ|LBR LR|LBY LY|MAC MO|MDG MG|MDV MV|MLT MT|MTQ MQ|MEX MX|MNE ME|MOZ MZ|PRK KP|PAK PK|PNG PG|PRY PY|POL PL|PRT PT|SPM PM|SEN SN|SRB RS|SYC SC|SVK SK|SVN SI|SLB SB|KOR KR|SUR SR|SWE SE|TUN TN|TUR TR|TKM TM|UKR UA|ARE AE|URY UY'; // prettier-ignore
const TWO_LETTERS = new Map(OTHERWISE.split('|').map((pair) => [pair.slice(0, 3), pair.slice(4)]));
