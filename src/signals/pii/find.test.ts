/** Held against `test/fixtures/pii.jsonl`: sentences written for this project, identifiers made up with valid check digits by other code than ours. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findPii } from './find.ts';
import type { PiiKind } from './span.ts';

interface Row {
  readonly lang: string;
  readonly text: string;
  readonly found: readonly (readonly [PiiKind, string])[];
}

const rows = readFileSync('test/fixtures/pii.jsonl', 'utf8')
  .trim()
  .split('\n')
  // The file is ours; its lines have this shape.
  .map((line) => JSON.parse(line) as Row);

const foundIn = (text: string): string[] =>
  findPii(text).map(({ kind, start, end }) => `${kind} ${text.slice(start, end)}`);

/** Share of what is there that is found, and of what is found that is there: same kind, same characters. */
function measure(kind: PiiKind): { recall: number; precision: number; there: number } {
  let there = 0;
  let right = 0;
  let claimed = 0;
  for (const row of rows) {
    const expected = new Set(
      row.found.filter(([of]) => of === kind).map(([, text]) => `${kind} ${text}`),
    );
    const claims = foundIn(row.text).filter((claim) => claim.startsWith(`${kind} `));
    there += expected.size;
    claimed += claims.length;
    right += claims.filter((claim) => expected.has(claim)).length;
  }
  return { recall: right / there, precision: right / Math.max(1, claimed), there };
}

describe('the labelled set', () => {
  test('has 300 lines or more in four languages, a third of them without personal data', () => {
    expect(rows.length).toBeGreaterThanOrEqual(300);
    expect(new Set(rows.map(({ lang }) => lang)).size).toBe(4);
    expect(rows.filter(({ found }) => found.length === 0).length).toBeGreaterThan(rows.length / 3);
  });

  test.each<[PiiKind, number, number]>([
    ['email', 1, 1],
    ['phone', 0.98, 0.98],
    ['card', 1, 1],
    ['iban', 1, 1],
    ['us_ssn', 1, 1],
    ['es_dni', 1, 1],
    ['es_nie', 1, 1],
    ['uk_nino', 1, 1],
    ['de_tax_id', 1, 1],
    ['ip', 1, 1],
    ['api_key', 1, 1],
    ['jwt', 1, 1],
    ['private_key', 1, 1],
  ])('%s: recall at least %d, precision at least %d', (kind, recall, precision) => {
    const measured = measure(kind);
    expect(measured.there).toBeGreaterThan(1);
    expect(measured.recall, `recall of ${measured.there}`).toBeGreaterThanOrEqual(recall);
    expect(measured.precision).toBeGreaterThanOrEqual(precision);
  });

  test('nothing is found where nothing is, but for 2 lines in 100', () => {
    const clean = rows.filter(({ found }) => found.length === 0);
    const wrong = clean.filter(({ text }) => findPii(text).length > 0).map(({ text }) => text);
    expect(wrong.length / clean.length, wrong.join('\n')).toBeLessThanOrEqual(0.02);
  });
});

describe('what only looks personal', () => {
  const lookalikes = readFileSync('test/fixtures/pii-lookalikes.txt', 'utf8')
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.replaceAll('\\n', '\n'));

  test.each(lookalikes)('%s', (text) => {
    expect(foundIn(text)).toEqual([]);
  });

  /** What stands beside them, in a line of its own, is found as if it stood alone. */
  test('hides nothing that is', () => {
    const real = rows.filter(({ found }) => found.length > 0);
    fc.assert(
      fc.property(
        fc.constantFrom(...lookalikes),
        fc.constantFrom(...real),
        fc.constantFrom(...lookalikes),
        (above, { text }, below) => {
          const apart = `\n${'-'.repeat(40)}\n`;
          expect(foundIn([above, text, below].join(apart))).toEqual(foundIn(text));
        },
      ),
    );
  });

  const digits = (least: number, most: number) =>
    fc.string({
      unit: fc.constantFrom(...'0123456789'.split('')),
      minLength: least,
      maxLength: most,
    });
  const hex = (length: number) =>
    fc.string({
      unit: fc.constantFrom(...'0123456789abcdef'.split('')),
      minLength: length,
      maxLength: length,
    });

  test.each([
    [
      'fractions',
      fc.array(digits(6, 18), { minLength: 2 }),
      (parts: readonly string[]) => `[${parts.map((part) => `-0.${part}`).join(', ')}]`,
    ],
    [
      'exponents',
      fc.array(digits(6, 16), { minLength: 2 }),
      (parts: readonly string[]) => parts.map((part) => `3.${part}e-05`).join(' '),
    ],
    [
      'hashes',
      fc.array(hex(40), { minLength: 1 }),
      (parts: readonly string[]) => parts.map((part) => `commit ${part}`).join('\n'),
    ],
    [
      'ids in JSON',
      fc.array(digits(8, 19), { minLength: 1 }),
      (parts: readonly string[]) =>
        parts.map((part) => `{"id": ${part}, "session_id": "${part}"}`).join('\n'),
    ],
    [
      'items in addresses',
      fc.array(digits(12, 19), { minLength: 1 }),
      (parts: readonly string[]) =>
        parts.map((part) => `https://shop.acme.io/items/${part}?page=2`).join('\n'),
    ],
  ])('%s of any figures', (_name, parts, write) => {
    fc.assert(
      fc.property(parts, (some) => {
        expect(foundIn(write(some))).toEqual([]);
      }),
      {
        numRuns: 2_000,
      },
    );
  });
});

describe('what is personal in the same surroundings', () => {
  test.each([
    ['a mailbox before a colon', 'ana.ruiz@firma.de: see below', ['email ana.ruiz@firma.de']],
    ['with its password', 'ana@firma.de:winter/2024', ['email ana@firma.de']],
    [
      'of a name that only ends as a reserved one',
      'ana@myexample.com',
      ['email ana@myexample.com'],
    ],
    ['below a reserved word', 'ana@example.com.mx', ['email ana@example.com.mx']],
    ['in the words of a commit', 'Author: Ana <ana@firma.de>', ['email ana@firma.de']],
    ['in brackets', 'ana@firma.de(home)', ['email ana@firma.de']],
    [
      'the password of a connection',
      'postgres://app:S3cret-9@db.firma.de/x',
      ['email S3cret-9@db.firma.de'],
    ],
    ['a card in JSON', '{"number": "4111111111111111"}', ['card 4111111111111111']],
    ['a card that is called an id', 'card_id=4111111111111111', ['card 4111111111111111']],
    ['a card in a query', '/pay?card=4111111111111111&x=1', ['card 4111111111111111']],
    [
      'a card with its date and code',
      '4111 1111 1111 1111 12 27 123',
      ['card 4111 1111 1111 1111'],
    ],
    ['an identity number in a list', '1.12345678Z', ['es_dni 12345678Z']],
    [
      'two telephones in a row',
      '612 345 678 622 345 678',
      ['phone 612 345 678', 'phone 622 345 678'],
    ],
    [
      'a telephone among figures, announced',
      '1 2 3 4 5 tel 612 345 678, 1 2 3 4 5',
      ['phone 612 345 678'],
    ],
    ['a tax id that is called one', '"tax_id": "39726825410"', ['de_tax_id 39726825410']],
    ['an address in a path', 'https://ipinfo.io/93.184.216.34/json', ['ip 93.184.216.34']],
    ['an address assigned', 'ip=93.184.216.34', ['ip 93.184.216.34']],
    ['an address in a file', 'host: "93.184.216.34"', ['ip 93.184.216.34']],
    ['an address in a log', 'server-1 from 93.184.216.34.', ['ip 93.184.216.34']],
  ])('%s', (_name, text, expected) => {
    expect(foundIn(text)).toEqual(expected);
  });
});

test.each([
  ['a stop ends the address', 'write to a.b@ejemplo.es.', ['email a.b@ejemplo.es']],
  ['an address that begins as a number', '4111@ejemplo.es', ['email 4111@ejemplo.es']],
  ['no top level', 'root@localhost', []],
  ['two in a row', 'a@b.co,c@d.co', ['email a@b.co', 'email c@d.co']],
  ['a card inside other figures', 'ref 12 4111 1111 1111 1111', ['card 4111 1111 1111 1111']],
  ['a card whose check digit is wrong', '4111 1111 1111 1112', []],
  ['an IBAN in small letters', 'es9121000418450200051332', ['iban es9121000418450200051332']],
  ['a SSN that is never given', '000-12-3456 and 666-12-3456 and 900-12-3456', []],
  ['nine figures announced', 'my SSN is 123456789', ['us_ssn 123456789']],
  ['a private network', '10.1.2.3 172.16.0.1 192.168.0.1 127.0.0.1 169.254.1.1', []],
  ['IPv6', 'from 2001:4860:4860::8888.', ['ip 2001:4860:4860::8888']],
  ['link-local IPv6', 'fe80::1 and ::1', []],
  [
    'an example from a film',
    'call 555-0123 or 555-123-4567',
    ['phone 555-0123', 'phone 555-123-4567'],
  ],
  ['an order, said to be one', 'my order number is 9060556356, not a phone', []],
  ['no card after a plus sign', 'tel:+4915112345678', ['phone +4915112345678']],
  ['a telephone in brackets', '(+34) 612 345 678', ['phone +34) 612 345 678']],
])('%s', (_name, text, expected) => {
  expect(foundIn(text)).toEqual(expected);
});

test('finds lie in order, within the text, and never overlap', () => {
  const pieces = fc.constantFrom(
    '4111 1111 1111 1111',
    'a@b.co',
    '+34 612',
    '12345678Z',
    '-',
    '.',
    ' ',
    '@',
    '1',
    'é',
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(pieces, fc.string({ maxLength: 5 })), { maxLength: 30 }),
      (parts) => {
        const text = parts.join('');
        let from = 0;
        for (const { start, end } of findPii(text)) {
          expect(start).toBeGreaterThanOrEqual(from);
          expect(end).toBeGreaterThan(start);
          from = end;
        }
        expect(from).toBeLessThanOrEqual(text.length);
      },
    ),
  );
});

test('what surrounds an address does not hide it', () => {
  const around = fc.string({ unit: fc.constantFrom(...' \n,;:()<>"!?¿¡…'.split('')) });
  fc.assert(
    fc.property(around, around, (before, after) => {
      expect(foundIn(`${before}ana.ruiz@ejemplo.es${after}`)).toEqual([
        'email ana.ruiz@ejemplo.es',
      ]);
    }),
  );
});
