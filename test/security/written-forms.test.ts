/** Row R7 to R12: personal data is found in every form that people write and transports make. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judge, type Counts } from '../../src/signals/pii/judge.ts';
import { codes, marks, scripts, type Form } from './forms.ts';

const kindsIn = (text: string): readonly string[] => {
  const counts: Counts = new Map();
  judge(text, counts);
  return [...counts.keys()];
};

/** Made up; their check digits are right. */
const CARDS = ['4111 1111 1111 1111', '5500 0000 0000 0004', '3782 822463 10005'];
const IBANS = ['DE89 3704 0044 0532 0130 00', 'ES91 2100 0418 4502 0005 1332'];
const MAILS = ['ben.ito@corp.jp', 'r.patel+shop@firma.co.in', 'ana_lopez@ejemplo.es'];
const PHONES = ['+34 612 345 678', '+44 7911 123456'];

const named = (form: Form, values: readonly string[]) =>
  values.map((value) => [form.name, form.write(value)] as const);

describe('every transport encoding of every kind', () => {
  test.each(codes.flatMap((form) => named(form, [...MAILS, ...CARDS, ...IBANS, ...PHONES])))(
    '%s: %j',
    (_, written) => {
      expect(kindsIn(`see ${written} and answer`)).not.toEqual([]);
    },
  );
});

describe('numbers in an address', () => {
  test.each([...CARDS, ...IBANS])('%s', (value) => {
    expect(kindsIn(`https://x/?n=${encodeURIComponent(value)}&z=1`)).not.toEqual([]);
    expect(kindsIn(`https://x/${encodeURIComponent(value)}/edit`)).not.toEqual([]);
    expect(kindsIn(`z=1&${new URLSearchParams({ n: value }).toString()}`)).not.toEqual([]);
  });
});

describe('digits of every script, and marks that are not seen', () => {
  test.each(scripts.flatMap((form) => named(form, [...CARDS, ...PHONES])))(
    '%s: %j',
    (_, written) => {
      expect(kindsIn(`it is ${written}.`)).not.toEqual([]);
    },
  );
});

describe('marks between the groups of a number', () => {
  test.each(marks.flatMap((form) => named(form, [...CARDS, ...IBANS])))('%s: %j', (_, written) => {
    expect(kindsIn(`it is ${written}, thanks`)).not.toEqual([]);
  });
});

const tags = (value: string): string =>
  Array.from(value, (mark) => String.fromCodePoint(0xe0000 + mark.charCodeAt(0))).join('');
const selectors = (value: string): string =>
  Array.from(Buffer.from(value), (byte) =>
    String.fromCodePoint(byte < 16 ? 0xfe00 + byte : 0xe0100 + byte - 16),
  ).join('');

describe('what nobody sees and a model reads', () => {
  test.each([...MAILS, ...CARDS])('%s as tags, and as variation selectors', (value) => {
    expect(kindsIn(`hello${tags(value)}`)).not.toEqual([]);
    expect(kindsIn(`hello${selectors(value)}`)).not.toEqual([]);
  });
  test('flags and drawn hearts are none', () => {
    expect(
      kindsIn('We \u2764\ufe0f \u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}'),
    ).toEqual([]);
  });
});

const boxed = (first: number) => (value: string) =>
  value.replaceAll(/[A-Z]/g, (one) => String.fromCodePoint(first + one.charCodeAt(0) - 65));

describe('letters in boxes, circles and flags, and in braille', () => {
  test.each([0x1f150, 0x1f170, 0x1f1e6])('from %x on', (first) => {
    for (const value of [...MAILS, ...IBANS])
      expect(kindsIn(`it is ${boxed(first)(value.toUpperCase())}.`)).not.toEqual([]);
  });
  test('braille', () => {
    expect(kindsIn('to ⠃⠑⠝⠲⠊⠞⠕⠈⠁⠉⠕⠗⠏⠲⠚⠏ please')).toEqual(['email']);
    expect(kindsIn('⠓⠑⠇⠇⠕ ⠺⠕⠗⠇⠙ ⠼⠃⠚⠃⠋')).toEqual([]);
  });
});

describe('digits that are written out', () => {
  const written = (words: string, mark = ' ') =>
    Array.from('4111111111111111', (digit) => words.split(' ')[Number(digit)]).join(mark);
  const ENGLISH = 'zero one two three four five six seven eight nine';

  test.each([
    written(ENGLISH),
    written(ENGLISH, ', '),
    written(ENGLISH, '-'),
    written(ENGLISH, '\n'),
    written(ENGLISH.toUpperCase()),
    written('cero uno dos tres cuatro cinco seis siete ocho nueve'),
    written('zero um dois três quatro cinco seis sete oito nove'),
    written('zéro un deux trois quatre cinq six sept huit neuf'),
    written('null eins zwei drei vier fünf sechs sieben acht neun'),
    written('zero uno due tre quattro cinque sei sette otto nove'),
    '4l1l 1111 1I11 1111',
    '5500 O0O0 0000 0OO4',
    'D-E-8-9-3-7-0-4-0-0-4-4-0-5-3-2-0-1-3-0-0-0',
  ])('%s', (text) => {
    expect(kindsIn(`my card is ${text}`)).toHaveLength(1);
  });

  test('a telephone where the words before say so', () => {
    expect(kindsIn('phone six one two, three four five, six seven eight')).toEqual(['phone']);
    expect(kindsIn('电话一三八一二三四五六七八')).toEqual(['phone']);
  });

  test.each([
    `count: ${ENGLISH} ten eleven`,
    `${ENGLISH} ${ENGLISH}`,
    'one by one, two by two, three of four, five or six, seven, eight, nine',
    '二〇二六年一月三十一日，一二三四五六七八九十',
    'Il 2024 OO7 l0O1 IlO0O1l0',
  ])('and not in: %s', (text) => {
    expect(kindsIn(text)).toEqual([]);
  });
});

describe('addresses with a part set off', () => {
  test.each([
    'ben.ito<wbr>@corp.jp',
    '<b>ben.ito</b>@<i>corp.jp</i>',
    'ben.ito**@**corp.jp',
    'ben.ito%u0040corp.jp',
  ])('%s', (written) => {
    expect(kindsIn(`to ${written} please`)).toEqual(['email']);
  });
});

describe('put together by code, by tags, by codes of characters', () => {
  const coded = (radix: number, mark: string): string =>
    Array.from(Buffer.from('ben.ito@corp.jp'), (byte) =>
      byte.toString(radix).padStart(radix === 2 ? 8 : 2, '0'),
    ).join(mark);

  const called = (
    write: (code: number) => string,
    mark: string,
    value = 'ben.ito@corp.jp',
  ): string => Array.from(Buffer.from(value), write).join(mark);

  test.each([
    ['email', `mail = 'ben.ito' + '@' + "corp.jp"`],
    ['email', '$mail = "ben.ito" . "@corp.jp";'],
    ['email', `SELECT 'ben.ito' || '@corp.jp'`],
    ['email', `mail = "ben.ito" .. '@corp.jp'`],
    ['email', 'mail = ("ben.ito@"\n        "corp.jp")'],
    ['email', '["ben.ito", "@", "corp.jp"].join("")'],
    ['email', 'to "ben ito"@corp.jp please'],
    ['email', 'hxxp://corp[.]jp, ben.ito@corp[.]jp'],
    ['email', coded(10, ' ')],
    ['email', `[${coded(10, ', ')}]`],
    ['email', coded(2, ' ')],
    ['email', called((code) => `chr(${code})`, ' + ')],
    ['email', called((code) => `Chr(${code})`, ' & ')],
    ['email', called((code) => `CHAR(${code})`, '||')],
    ['card', called((code) => `chr(${code})`, ' + ', '4111111111111111')],
    ['card', `String.fromCharCode(${called(String, ', ', '4111111111111111')})`],
    ['card', '4111 11**11 1111** 1111'.replaceAll(' ', '')],
    ['card', '411111`11111111`11'],
    ['card', '41111111<!-- second half -->11111111'],
    ['card', 'scan card_4111111111111111.pdf'],
    ['card', 'visa4111111111111111 and its cvv'],
    ['card', `pan = '4111' + '1111' + '1111' + '1111'`],
    ['card', '<span>4111</span> <span>1111</span> <span>1111</span> <span>1111</span>'],
    ['card', '<b class="x">4111</b><b>1111</b><b>1111</b><b>1111</b>'],
  ])('%s: %s', (kind, text) => {
    expect(kindsIn(text)).toContain(kind);
  });

  test.each([
    `["a@example.com", "b@example.org"]`,
    `import x from "y" + "z"; const s = "a" + "@" + name;`,
    `"dependencies": ["react", "@types/react", "@angular/core"]`,
    '"Berlin"@en, "Berlino"@it',
    'Ages: 34, 46, 64, 52, 61, 48, 33, 71, 66, 90',
    '01100010 01100101 01101110 01101110',
    '<td>4111</td><td>1111</td><td>1111</td><td>1111</td>',
    '<b>1</b><b>2</b> <i>2024</i> <i>2025</i>',
    '^[a-z]+@[a-z]+[.]com$',
    '000cc4881664419578a000000000000000000000',
    'postcard_4111111111111112.png, discard1234567890123456',
    '2**10 and 12**34, 4111**1111',
  ])('and not in: %s', (text) => {
    expect(kindsIn(text)).toEqual([]);
  });
});

describe('addresses as people write them', () => {
  test.each([
    'ben.ito <at> corp.jp',
    'ben.ito [at] corp [dot] jp',
    'ben.ito(at)corp.jp',
    'ben.ito(a)corp.jp',
    'ben dot ito at corp dot jp',
    'ben.ito at corp.jp',
    'ben.ito@corp . jp',
    'ben.ito @ corp.jp',
    'ben_ito_at_corp_dot_jp',
    'ben.ito arroba corp punto jp',
    'ben.ito arroba corp ponto com ponto br',
    'ben.ito arobase corp point fr',
    'ben.ito (klammeraffe) corp punkt de',
    'ben.ito chiocciola corp punto it',
    'ben.ito собака corp точка ru',
    'ben.ito\u2060@corp.jp',
    'bеn.itо@cоrp.jp',
    'ben.ito＠corp．jp',
    'b e n . i t o @ c o r p . j p',
  ])('%s', (written) => {
    expect(kindsIn(`write to ${written} please`)).toContain('email');
  });

  test.each([
    'He stood at one point in the middle of the field.',
    'Se quedó en un punto de la calle.',
    'look at example.com for more',
    'Meet me @ 5 on the dot.',
    'f(a) = g(b) at x = 2. h is smooth',
    'Node.js at version 24. is out',
  ])('and not in: %s', (text) => {
    expect(kindsIn(text)).toEqual([]);
  });
});

test('encodings within encodings, chosen at random, hide nothing', () => {
  const value = fc.constantFrom(...MAILS, ...CARDS, ...IBANS);
  fc.assert(
    fc.property(
      value,
      fc.constantFrom(...codes),
      fc.constantFrom(...codes),
      (one, inner, outer) => {
        expect(kindsIn(outer.write(`mine is ${inner.write(one)}, thanks`))).not.toEqual([]);
      },
    ),
    { numRuns: 300 },
  );
});

test('what only looks personal is found no more in any reading than as it stands', () => {
  const lookalikes = readFileSync('test/fixtures/pii-lookalikes.txt', 'utf8')
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.replaceAll('\\n', '\n'));
  expect(lookalikes.filter((line) => kindsIn(line).length > 0)).toEqual([]);
});
