/** National numbers of further countries, each by the rule of the office that gives it out. */
import { mod11x10 } from './national-ids.ts';
import { unitAt } from '../../lib/text-units.ts';
import { hasDate, isLuhn, sameDigit, weighted, type Rule } from './national-checks.ts';

const last = (id: string): number => unitAt(id, id.length - 1) - 48;

/** Bulgaria: the remainder by 11, 0 for 10. */
const isBulgarian = (id: string): boolean =>
  !sameDigit(id) && (weighted(id, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11) % 10 === last(id);

/** Romania: the same, 1 for 10. */
function isRomanian(id: string): boolean {
  const rest = weighted(id, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
  return (rest === 10 ? 1 : rest) === last(id);
}

/** Thailand: weights 13 to 2, what is missing to 11. */
const isThai = (id: string): boolean =>
  (11 - (weighted(id, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 10 === last(id);

/** Weights, and what is missing to a multiple of 11; 10 is never given, or is 0. */
const toEleven =
  (weights: readonly number[], isTenZero = false) =>
  (id: string): boolean => {
    const check = (11 - (weighted(id, weights) % 11)) % 11;
    return !sameDigit(id) && (isTenZero ? check % 10 : check) === last(id);
  };

/** Belgium: the key is 97 less the remainder by 97, with a 2 before the births since 2000. */
const isBelgian = (id: string): boolean =>
  ['', '2'].some((century) => 97 - (Number(century + id.slice(0, 9)) % 97) === Number(id.slice(9)));

/** Finland: the remainder by 31 of date and serial is a letter or a digit. */
const isFinnish = (id: string): boolean => {
  const digits = id.replaceAll(/\D(?=.)/g, '');
  const check = '0123456789ABCDEFHJKLMNPRSTUVWXY'.charAt(Number(digits.slice(0, 9)) % 31);
  return hasDate(id.slice(2, 4), id.slice(0, 2)) && check === id.slice(-1).toUpperCase();
};

/** Czechia and Slovakia: women's months are 50 more, and the whole is a multiple of 11. */
const isCzech = (id: string): boolean =>
  hasDate(String(Number(id.slice(2, 4)) % 50), id.slice(4, 6)) && Number(id) % 11 === 0;

/** Chile: weights 2 to 7 from the right, K for 10. */
function isRut(id: string): boolean {
  let sum = 0;
  for (let at = 0; at < id.length - 1; at++)
    sum += (unitAt(id, id.length - 2 - at) - 48) * (2 + (at % 6));
  return '0123456789K0'.charAt(11 - (sum % 11)) === id.slice(-1).toUpperCase();
}

/** Russia's pension fund: weights 9 to 1, by 101. */
const isSnils = (id: string): boolean =>
  (weighted(id, [9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101) % 100 === Number(id.slice(9));

/** Singapore: letters of their own for each first letter. */
function isNric(id: string): boolean {
  const sum = weighted(id.slice(1), [2, 7, 6, 5, 4, 3, 2]);
  const first = id.charAt(0);
  if (first === 'M') return 'KLJNPQRTUWX'.charAt(10 - ((sum + 3) % 11)) === id.charAt(8);
  const rest = (sum + ('TG'.includes(first) ? 4 : 0)) % 11;
  return ('ST'.includes(first) ? 'JZIHGFEDCBA' : 'XWUTRQPNMLK').charAt(rest) === id.charAt(8);
}

/** Hong Kong: letters count from 10, a missing first one as 36; by 11, A for 10. */
function isHongKong(id: string): boolean {
  const code = id.padStart(9, ' ');
  let sum = 0;
  for (let at = 0; at < 8; at++) {
    const unit = unitAt(code, at);
    const value = unit === 32 ? 36 : unit < 58 ? unit - 48 : unit - 55;
    sum += value * (9 - at);
  }
  return '0123456789A'.charAt((11 - (sum % 11)) % 11) === code.charAt(8);
}

/** Norway: two check digits by 11. */
const isNorwegian = (id: string): boolean =>
  toEleven([3, 7, 6, 1, 8, 9, 4, 5, 2])(id.slice(0, 10)) &&
  toEleven([5, 4, 3, 2, 7, 6, 5, 4, 3, 2])(id);

/** Turkey: odd and even places, then the sum of all. */
const isTurkish = (id: string): boolean =>
  (weighted(id, [7, -1, 7, -1, 7, -1, 7, -1, 7]) + 40) % 10 === unitAt(id, 9) - 48 &&
  weighted(id, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]) % 10 === last(id);

/** Taiwan: the letter is a number of two digits. */
const isTaiwanese = (id: string): boolean => {
  const letter = 'ABCDEFGHJKLMNPQRSTUVXYWZIO'.indexOf(id.charAt(0).toUpperCase()) + 10;
  const digits = `${letter}${id.slice(1)}`;
  return weighted(digits, [1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1]) % 10 === 0;
};

/** Austria: the fourth digit is that of the others, by 11. */
const isAustrian = (id: string): boolean =>
  weighted(id, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 === unitAt(id, 3) - 48;

/** Ireland: weights 8 to 2, a second letter counts nine times, by 23. */
function isPps(id: string): boolean {
  const second = id.length === 9 ? unitAt(id.toUpperCase(), 8) - 64 : 0;
  const rest = (weighted(id, [8, 7, 6, 5, 4, 3, 2]) + (second % 23) * 9) % 23;
  return 'WABCDEFGHIJKLMNOPQRSTUV'.charAt(rest) === id.charAt(7).toUpperCase();
}

/** Estonia and Lithuania: a second row of weights where the first leaves 10. */
function isBaltic(id: string): boolean {
  const first = weighted(id, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
  const second = weighted(id, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11;
  return (first < 10 ? first : second % 10) === last(id);
}

const isDateFirst = (id: string): boolean => hasDate(id.slice(2, 4), id.slice(4, 6));
const isDayFirst = (id: string): boolean => hasDate(id.slice(2, 4), id.slice(0, 2));

/** ICAO 9303: weights 7, 3, 1 over digits and letters. */
export function isPassportLine(line: string): boolean {
  let sum = 0;
  for (let at = 0; at < 9; at++) {
    const unit = unitAt(line, at);
    const value = unit === 60 ? 0 : unit < 58 ? unit - 48 : unit - 55;
    sum += value * ([7, 3, 1][at % 3] ?? 0);
  }
  return sum % 10 === unitAt(line, 9) - 48;
}

const anyNumber = (): boolean => true;
const hasDigits = (id: string): boolean => id.replaceAll(/\D/g, '').length > 4;

/** Needs no words; these make it one even where an id is said to follow. */
const ALONE = {
  grouped: /./,
  words: /identi|national|citizen|resident|person|id (?:card|n)|\bhk|carnet/,
};

/** Told by their form, alone or where nothing says what they are. */
export const FORMS: readonly Rule[] = [
  { form: /\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}/g, isRight: isBelgian, ...ALONE },
  { form: /\d{6}[-+A-FU-Y]\d{3}[\dA-FHJ-NPR-Y]/g, isRight: isFinnish, grouped: /[A-Y]/, words: /hetu|henkilötunnus/ },
  { form: /\d{6}\/\d{4}/g, isRight: isCzech, ...ALONE },
  { form: /\d{1,2}\.\d{3}\.\d{3}-[\dK]/gi, isRight: isRut, ...ALONE },
  { form: /2[03-7]-\d{8}-\d/g, isRight: toEleven([5, 4, 3, 2, 7, 6, 5, 4, 3, 2]), ...ALONE },
  { form: /\d{3}-\d{3}-\d{3} \d{2}/g, isRight: isSnils, ...ALONE },
  { form: /\d-\d{4}-\d{5}-\d{2}-\d/g, isRight: isThai, ...ALONE },
  { form: /[STFGM]\d{7}[A-Z]/g, isRight: isNric, ...ALONE },
  { form: /[A-Z]{1,2}\d{6}\([\dA]\)/g, isRight: isHongKong, ...ALONE },
  { form: /784-\d{4}-\d{7}-\d/g, isRight: isLuhn, ...ALONE },
]; // prettier-ignore

/** A passport's second line, which `isRight` needs with its fillers. */
export const PASSPORT_LINE =
  /(?<![A-Z\d<])[A-Z\d<]{9}\d[A-Z<]{3}\d{7}[MFX<]\d{7}[A-Z\d<]{14}[\d<]\d(?![A-Z\d<])/g;

/** Told by the words before them. */
export const SAID: readonly Rule[] = [
  { form: /\d{6}[- ]?\d{4}/g, isRight: isDayFirst, words: /\bcpr\b/ },
  { form: /\d{6} ?\d{5}/g, isRight: isNorwegian, words: /f[øo]dselsn|personn|\bfnr\b/ },
  { form: /[1-9]\d{10}/g, isRight: isTurkish, words: /t\.?c\.?\s|tckn|kimlik/ },
  { form: /[1-9]\d{12}/g, isRight: isRomanian, words: /\bcnp\b/ },
  { form: /\d{10}/g, isRight: isBulgarian, words: /егн|\begn\b/ },
  { form: /\d{13}/g, isRight: (id) => isLuhn(id) && isDateFirst(id), words: /\bid (?:n|doc)|identity|\brsa\b/ },
  { form: /[A-Z][12]\d{8}/gi, isRight: isTaiwanese, words: /身[分份]證|national id/ },
  { form: /[1-3]\d{8}/g, isRight: toEleven([9, 8, 7, 6, 5, 4, 3, 2], true), words: /\bnif\b|contribuinte/ },
  { form: /\d{11}/g, isRight: mod11x10, words: /\boib\b/ },
  { form: /\d{7,8}-[\dK]/gi, isRight: isRut, words: /\bru[tn]\b/ },
  { form: /\d{2} ?\d{2}(?: ?(?:№|номер|,)? ?)\d{6}/g, isRight: anyNumber, words: /паспорт(?:[ а-яё]{0,12} сери[ия])?/, isUnchecked: true },
  { form: /\d{11}/g, isRight: (id) => isLuhn(id) && isDayFirst(id), words: /αμκα|\bamka\b/ },
  { form: /\d{9}/g, isRight: isLuhn, words: /ת\.?["״]?ז|תעודת זהות|teudat/ },
  { form: /\d{16}/g, isRight: anyNumber, words: /\bnik\b|\bktp\b/, isUnchecked: true },
  { form: /\d{6}-?\d{2}-?\d{4}/g, isRight: isDateFirst, words: /nric|mykad|pengenalan|\bic\b/ },
  { form: /\d{4} ?\d{6}/g, isRight: isAustrian, words: /svnr|sv-n|(?:sozial)?versicherungsn/ },
  { form: /\d{2} ?\d{6} ?[A-Z] ?\d{3}/gi, isRight: anyNumber, words: /(?:renten|sozial)?versicherungsn|rvnr/ },
  { form: /\d{7}[A-W][A-IW]?/gi, isRight: isPps, words: /\bpps/ },
  { form: /[3-6]\d{10}/g, isRight: isBaltic, words: /isikukood|asmens kod/ },
  { form: /\d{6}-?\d{5}/g, isRight: isDayFirst, words: /personas kod/ },
  { form: /\d{12}/g, isRight: anyNumber, words: /инн|cccd|căn cước|иин/, isUnchecked: true },
  { form: /\d{10}/g, isRight: anyNumber, words: /рнокпп|іпн|iqama|إقامة|هوية|хувийн/, isUnchecked: true },
  { form: /\d{2}[ /-]?\d{8}[ /-]?\d{2}/g, isRight: (id) => Number(id.slice(0, 10)) % 97 === Number(id.slice(10)), words: /seguridad social|nuss|\bnaf\b/ },
  { form: /\d{1,3}(?:\.?\d{3}){2,3}/g, isRight: anyNumber, words: /c[ée]dula(?: de (?:ciudadanía|identidad))?|\bdni\b|carnet de identidad/, isUnchecked: true },
  { form: /[A-ZÑ&]{4}\d{6}[A-Z\d]{3}/gi, isRight: (id) => hasDate(id.slice(-7, -5), id.slice(-5, -3)), words: /\brfc\b/ },
  { form: /\d{4} ?\d{5} ?\d/g, isRight: (id) => weighted(id, [1, 3, 7, 9, 1, 3, 7, 9]) % 10 === unitAt(id, 8) - 48, words: /medicare/ },
  { form: /\d{5}-?\d{7}-?\d/g, isRight: anyNumber, words: /\bcnic\b/ },
  { form: /\d{11}/g, isRight: anyNumber, words: /\bnin\b|\bbvn\b/, isUnchecked: true },
  { form: /[A-Z]{3}P[A-Z]\d{4}[A-Z]/gi, isRight: anyNumber, words: /\bpan\b|permanent account/ },
  { form: /[A-Z\d]{6,10}/gi, isRight: hasDigits, words: /passport|pasaporte|reisepass|passeport|passaporto|passaporte|паспорт|护照|護照|パスポート|旅券|여권/, isUnchecked: true },
  { form: /[A-Z\d]{6,18}/gi, isRight: hasDigits, words: /driv(?:er(?:'s|s)?|ing) licen[cs]e|führerschein|permis de conduire|permiso de conducir|patente di guida|\bcnh\b|运转免许|運転免許|驾驶证/, isUnchecked: true },
]; // prettier-ignore

/** The words of these rules, in small Latin letters as far as they go: a text without one, and without letters beyond, has none of them. */
export const NUMBERING_WORDS: readonly string[] =
  'cpr dselsnummer fodselsnummer dselsnr personnummer personnr fnr tc kimlik tckn cnp egn oib rut run identity id rsa national nif contribuinte amka teudat nik ktp nric mykad pengenalan ic svnr sv nummer versicherungsnummer sozialversicherungsnummer rentenversicherungsnummer rvnr pps ppsn isikukood asmens personas iqama seguridad nuss naf dula cedula dni carnet rfc medicare cnic nin bvn pan permanent passport pasaporte reisepass passeport passaporto passaporte licence license hrerschein conduire conducir guida cnh'.split(
    ' ',
  );
