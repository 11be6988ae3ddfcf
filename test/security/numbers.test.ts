/** Numbers of persons, and credentials, by the words and forms in which they come; and what only looks like them. */
import { describe, expect, test } from 'vitest';
import { judge, type Counts } from '../../src/signals/pii/judge.ts';

const kindsIn = (text: string): readonly string[] => {
  const counts: Counts = new Map();
  judge(text, counts);
  return [...counts.keys()];
};

describe('numbers and credentials', () => {
  test.each([
    ['national_id', 'CPF 529.982.247-25'],
    ['national_id', 'codice fiscale RSSMRA85T10A562S'],
    ['national_id', '11010519491231002X'],
    ['national_id', 'Aadhaar 2341 2341 2346'],
    ['national_id', 'NIR 2 55 08 14 168 025 38'],
    ['national_id', 'CURP HEGG560427MVZRRL04'],
    ['national_id', '900101-1234568'],
    ['national_id', 'my tax file number is 123 456 782'],
    ['national_id', 'AHV 756.9217.0769.85'],
    ['national_id', 'BSN 111222333'],
    ['phone', 'tel 34699112233'],
    ['phone', 'ring me, cell 9876543210'],
    ['phone', '090-1234-5678'],
    ['phone', '010-1234-5678'],
    ['phone', '(11) 91234-5678'],
    ['phone', '138 1234 5678'],
    ['phone', 'call 6 9 9 1 1 2 2 3 3'],
    ['credential', 'pwd=Hunter2!x'],
    ['credential', 'my password is Tr0ub4dor&3'],
    ['credential', 'contraseña: abc123!x'],
    ['credential', '"api_key": "a8f5f167f44f4964e6c998dee827110c"'],
    ['credential', 'https://api.acme.io/v1?token=a8f5f167f44f4964e6c9'],
    ['api_key', 'https://hooks.slack.com/services/T024BE7LD/B024BE7LD/a8f5f167f44f4964e6c9'],
    ['api_key', 'https://discord.com/api/webhooks/123456789012345678/abcdefghijklmnopqrstuvwx'],
    ['api_key', 'key-0123456789abcdef0123456789abcdef'],
  ])('%s: %s', (kind, text) => {
    expect(kindsIn(text)).toContain(kind);
  });

  test.each([
    'CPF 529.982.247-26',
    '11010519491231002Y',
    'password: string',
    'const password = process.env["DB_PASSWORD"]',
    'token = get_token(user)',
    'api_key=YOUR_API_KEY_123',
    'password: ${DB_PASSWORD}',
    '0.133333333333 km/min and 0.16666666666666666',
    '[1, 2, 3, 4, 5, 6, 7, 8, 9, 11]',
    'A. 2.71828183\nB. -1.41421356\nC. 0.98765432',
  ])('and not in: %s', (text) => {
    expect(kindsIn(text)).toEqual([]);
  });
});

describe('numbers in addresses, names of files and rows', () => {
  test.each([
    ['card', 'https://pay.example.com/4111111111111111'],
    ['card', 'https://shop.io/pay/4111111111111111/confirm'],
    ['card', '%B4111111111111111^ITO/BEN^2512101'],
    ['card', '4111 1111 11111111'],
    ['card', 'карта4111111111111111спасибо'],
    ['iban', 'IBAN DE89+3704+0044+0532+0130+00'],
    ['iban', 'ibanDE89370400440532013000'],
    ['phone', 'https://wa.me/34612345678'],
    ['phone', 'tel=+34612345678'],
    ['phone', '1,Ben Ito,+34612345678,Madrid'],
    ['phone', 'тел. 89123456789'],
    ['phone', 'هاتف 0501234567'],
    ['phone', 'điện thoại 0912345678'],
    ['phone', 'מטלפון052-1234567'],
    ['ip', 'remote_addr=81.2.69.142'],
    ['email', 'CV_ben.ito@corp.jp.pdf'],
    ['es_dni', 'DNI_12345678Z_front.jpg'],
    ['us_ssn', 'ssn=123-45-6789'],
    ['us_ssn', 'ITIN 912-70-1234'],
  ])('%s: %s', (kind, text) => {
    expect(kindsIn(text)).toContain(kind);
  });

  test.each([
    'https://shop.example.com/orders/4111111111111111',
    'https://cdn.site.com/img/4539578763621486.png',
    'https://api.shop.io/products/4012888888881881',
    'https://twitter.com/jack/status/1234567890123456789',
    'điện thoại 15.990.000 đồng',
    '微信 8.0.44.2502 版本',
    'телефон iPhone 15 128 стоит 79 990 рублей',
    'Set server=10 and client=20, host=1.2',
    'offset=+02:00 and temp,+12.5,+13.1,+14.2',
    'report@2024.csv, logo@2x.png, file@v1.2.pdf',
    'strftime("%B 20 2024") << 3 << 20',
    'iban_validator(country, length=22)',
    'const DNI_REGEX = /^\\d{8}[A-Z]$/',
    'phone_screen_size_1080x2400_v2',
  ])('and not in: %s', (text) => {
    expect(kindsIn(text)).toEqual([]);
  });
});
