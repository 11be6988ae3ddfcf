import { describe, expect, test } from 'vitest';
import { findPii } from './find.ts';

const isFound = (text: string): boolean => findPii(text).some(({ kind }) => kind === 'national_id');

/** Made up, by the rules of those who give them out. */
const CHECKED = [
  'СНИЛС 112-233-445 95',
  'NRIC S1234567D',
  'HKID A123456(3)',
  'RUT 12.345.678-5',
  'rut 12345678-5',
  'T.C. kimlik 10000000146',
  'CNP 1800101221144',
  'ЕГН 7523169263',
  'OIB 69435151530',
  'ת.ז. 123456782',
  'SVNR 1237 010180',
  'PPS 1234567T',
  'isikukood 37605030299',
  'hetu 131052-308T',
  'Medicare 2123 45670 1',
  'national ID 85.07.30-033.28',
  '身分證 A123456789',
  'NIF 123456789',
];

describe('a number that its own figures check', () => {
  test.each(CHECKED)('%s', (text) => {
    expect(isFound(text)).toBe(true);
  });

  test.each(CHECKED)('%s, and one figure wrong', (text) => {
    // The last figure but one: where a letter or a bracket follows, the last one is before it.
    const at = text.search(/\d\D*\d\D*$/);
    const wrong = (Number(text.charAt(at)) + 1) % 10;
    expect(isFound(`${text.slice(0, at)}${wrong}${text.slice(at + 1)}`)).toBe(false);
  });
});

describe('a number that words announce', () => {
  test.each([
    'my passport number is X1234567',
    'passport no. 533401234',
    'Pasaporte: AAA123456',
    'паспорт 45 08 123456',
    'паспорт серия 4508 номер 123456',
    '护照号码 E12345678',
    'パスポート番号 TK1234567',
    "driver's license D1234567",
    'Führerschein B072RRE2I55',
    'ИНН 500100732259',
    'NIK 3171234567890123',
    'MyKad 900101-14-5678',
    'PAN ABCPE1234F',
    'RFC HEGG560427ABC',
    'CNIC 35202-1234567-1',
    'cédula 1.020.304.050',
    'L898902C36UTO7408122F1204159ZE184226B<<<<<10',
  ])('%s', (text) => {
    expect(isFound(text)).toBe(true);
  });

  test.each([
    'My passport expires 2027, renew?',
    'passport photos 35x45mm size',
    "driver's license renewal takes 6 weeks",
    'Reisepass beantragen kostet 70 Euro',
    'паспорт изделия: как заполнить',
    'ИНН организации 7707083893',
    'RFC7231 and rfc 9110 explain HTTP',
    'PAN size is 40 cm; pan the chicken',
    'medicare part B 2024 premium is 174.70',
    'cédula profesional: requisitos 2024',
    'identity theft rose by 1234567890123 dollars',
    'national average of 1234567890 units',
    'The licence expires in 2026; license MIT',
    'CPR training takes 2 hours 1234567890',
    'IC 741 op amp, ic 555 timer',
    'L898902C46UTO7408122F1204159ZE184226B<<<<<10',
  ])('and not in: %s', (text) => {
    expect(isFound(text)).toBe(false);
  });
});
