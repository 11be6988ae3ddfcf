import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { createTokenCounter, estimateTokens, isCountable } from './tokens.ts';

const counter = createTokenCounter();
afterAll(() => counter.free());

/** Written for this test, one of each kind that the estimate distinguishes. */
const TEXTS = {
  English:
    'I was charged twice for my subscription last month. Could you please check what happened and refund the second payment? My order number is 48213, and I paid by card on Tuesday.',
  German:
    'Ich kann mich seit gestern nicht mehr anmelden. Das Passwort wurde zurückgesetzt, aber die Bestätigung kommt nicht an. Können Sie bitte nachsehen, woran das liegt?',
  Spanish:
    'No puedo entrar en mi cuenta desde ayer. Ya he intentado restablecer la contraseña, pero el correo no llega. ¿Me pueden ayudar con esto, por favor?',
  Russian:
    'Здравствуйте! Я не могу войти в свой аккаунт со вчерашнего дня. Письмо для восстановления пароля не приходит. Подскажите, пожалуйста, что делать?',
  Chinese:
    '你好，我从昨天开始无法登录我的账户。重置密码的邮件一直没有收到，请问应该怎么办？谢谢你的帮助。',
  Japanese:
    'こんにちは。昨日からアカウントにログインできません。パスワード再設定のメールも届きません。どうすればよいでしょうか。',
  Korean:
    '안녕하세요. 어제부터 계정에 로그인할 수 없습니다. 비밀번호 재설정 메일도 오지 않습니다. 어떻게 해야 하나요?',
  code: 'export function median(values: readonly number[]): number {\n  const sorted = [...values].sort((a, b) => a - b);\n  const middle = sorted.length >> 1;\n  if (sorted.length % 2 === 1) return sorted[middle]!;\n  return (sorted[middle - 1]! + sorted[middle]!) / 2;\n}\n',
  JSON: '{"id": 4711, "status": "open", "tags": ["billing", "refund"], "customer": {"name": "Ada", "age": 36}, "amounts": [12.5, 99.99, 1024]}',
};

test('a text is estimated while the encoder cannot be loaded', () => {
  const { countTokens } = createTokenCounter(() => {
    throw new Error('EMFILE: too many open files');
  });
  expect(countTokens(TEXTS.English)).toBe(estimateTokens(TEXTS.English));
});

describe('estimateTokens', () => {
  test.each(Object.entries(TEXTS))('is within 25 % of tiktoken for %s', (_, text) => {
    const exact = counter.countTokens(text);
    expect(Math.abs(estimateTokens(text) - exact) / exact).toBeLessThan(0.25);
  });

  test('is within 8 % for the sum of all texts', () => {
    const text = Object.values(TEXTS).join('\n');
    const exact = counter.countTokens(text);
    expect(Math.abs(estimateTokens(text) - exact) / exact).toBeLessThan(0.08);
  });

  test('is 0 for nothing, and at least 1 for anything', () => {
    expect(estimateTokens('')).toBe(0);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        expect(estimateTokens(text)).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  test('grows with the text: no text has fewer tokens than its beginning', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(estimateTokens(a + b)).toBeGreaterThanOrEqual(estimateTokens(a));
      }),
    );
  });

  test('is scaled up from windows for a very long text', () => {
    const page = `${TEXTS.English}\n${TEXTS.code}`;
    const once = estimateTokens(page.repeat(100)) / 100;
    const repeats = Math.ceil(3_000_000 / page.length);
    expect(estimateTokens(page.repeat(repeats)) / repeats / once).toBeCloseTo(1, 1);
  });
});

describe('countTokens', () => {
  test('counts what tiktoken counts, special tokens as plain text', () => {
    expect(counter.countTokens('hello world')).toBe(2);
    expect(counter.countTokens('<|endoftext|>')).toBeGreaterThan(1);
    expect(counter.countTokens('')).toBe(0);
  });

  test.each([
    ['letters', 'a'.repeat(1_001)],
    ['spaces', ' '.repeat(1_001)],
    ['marks', '-'.repeat(1_001)],
    ['ideographs', '好'.repeat(1_001)],
    ['a very long text', 'word '.repeat(20_001)],
  ])('estimates an unbroken run of %s, which would block', (_, text) => {
    expect(isCountable(text)).toBe(false);
    expect(counter.countTokens(text)).toBe(estimateTokens(text));
  });

  test('counts long texts that have breaks', () => {
    expect(isCountable('a word, '.repeat(2_000))).toBe(true);
  });

  test('counts again after it was freed', () => {
    const own = createTokenCounter();
    expect(own.countTokens('hello world')).toBe(2);
    own.free();
    own.free();
    expect(own.countTokens('hello world')).toBe(2);
    own.free();
  });
});
