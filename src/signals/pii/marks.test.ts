import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findPii } from './find.ts';
import { ANNOUNCES, ASSIGNMENT, BEGINNING, marksOf, RUN, SPELLED, UNUSUAL } from './marks.ts';
import { unspelled } from './spelled.ts';

/** Pieces of what is found, and of what stands around it. */
const PIECES = [
  'AKIA', 'sk-', 'SG.', 'ya29.', 'ghp_', 'xoxb-', 'eyJ', 'hbGciOiJIUzI1', 'abcdefghijklmnopqrst', 'A.B.C.D.', '7Fq', 'IOSFODNN7EXAMPLE', 'GB82', 'WEST', 'MT84', 'MALT',
  '12345678', '8.8.', '8.8', '203.0.113.', '2001:', '2a02:', 'db8::', 'beef', '::1', '-----BEGIN ', 'PRIVATE KEY', 'RSA ', '-----', 'X1234567', 'L', 'AB123456C',
  '+34 ', '612 345 ', '(212) ', '555-', '0188', 'ben', '@', 'corp', '.jp', ' ', '\n', '.', ',', ':', '-', '_', '/', '=', 'é', '→', '日本', '😀', 'the ', 'I ', 'word',
]; // prettier-ignore
const ANNOUNCING = [
  'password', 'Passwort', 'contraseña', 'mot de passe', 'api_key', 'apiKey', 'access token', 'my-secret', 'clave', 'пароль', '密码', "parola d'ordine",
  'Client Secret', 'credentials', 'key bearer', 'wachtwoord', 'éPWD', 'KENNWORT', '비밀번호', 'secretkey', 'passphrase', 'senha',
]; // prettier-ignore
const SEPARATORS = [': ', '=', ' is ', ' es ', '" : ', '：', ' := ', '=>', ' é ', ' ', '', '\n'];
const SPELLING = [
  'at', ' AT ', '(at)', '[at]', 'ät', ' arroba ', ' dot ', '(dot)', ' punkt ', 'punto', '(a)', ' @ ', ' . ', '(.)', ' point ', 'ben', 'corp', 'jp', 'com', 'a b c d ',
  'e f g h ', ' ', '\n', '_', '-', 'アット', ' ドット ', 'собака', ' точка ', 'ben.ito', 'corp.com',
]; // prettier-ignore

const built = (pieces: readonly string[]) =>
  fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((all) => all.join(''));

test('a text without the mark of a beginning has nothing that begins so', () => {
  let found = 0;
  fc.assert(
    fc.property(built(PIECES), (text) => {
      const marks = marksOf(text);
      const all = findPii(text, marks | BEGINNING);
      if (all.length > 0) found += 1;
      expect(findPii(text, marks)).toEqual(all);
    }),
    { numRuns: 3000, seed: 13 },
  );
  expect(found).toBeGreaterThan(100);
});

test('a text without the mark of a word for it has no secret announced', () => {
  let found = 0;
  const parts = fc.tuple(
    fc.constantFrom('', 'my ', 'é', '_', 'x', '"'),
    fc.constantFrom(...ANNOUNCING),
    fc.constantFrom(...SEPARATORS),
    fc.constantFrom('hunter-22!', '"s3cret!x"', 'wrong', 'x9'),
  );
  fc.assert(
    fc.property(parts, (all) => {
      const text = all.join('');
      const marks = marksOf(text);
      const secrets = findPii(text, marks | ANNOUNCES);
      if (secrets.length > 0) found += 1;
      expect(findPii(text, marks)).toEqual(secrets);
    }),
    { numRuns: 2000, seed: 13 },
  );
  expect(found).toBeGreaterThan(100);
});

test('a text without the mark of a word for it has no address spelled out', () => {
  let found = 0;
  fc.assert(
    fc.property(built(SPELLING), (text) => {
      if (unspelled(text) === text) return;
      found += 1;
      expect(marksOf(text) & SPELLED).toBe(SPELLED);
    }),
    { numRuns: 2000, seed: 13 },
  );
  expect(found).toBeGreaterThan(100);
});

test.each([
  ['a plain sentence, as most are', 'Where is my order? I am still waiting, and it is late.', 0],
  ['a question about a word', 'What does "at" mean?', SPELLED],
  ['a word that announces', 'I forgot my password.', ANNOUNCES],
  ['a group before a colon', 'Room 2001: free', BEGINNING | ASSIGNMENT],
  ['the shortest key', 'AKIAIOSFODNN7EXAMPLE', BEGINNING | RUN],
  ['accents that the canonical spelling keeps', 'déjà vu', 0],
  ['letters that it rewrites', 'ﬁnd', UNUSUAL | SPELLED | ANNOUNCES],
])('%s', (_, text, marks) => {
  expect(marksOf(text)).toBe(marks);
});
