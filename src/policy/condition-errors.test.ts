import fc from 'fast-check';
import { expect, test } from 'vitest';
import { conditions } from './conditions.ts';

const compile = conditions({
  signals: ['complexity', 'pii', 'code'],
  upstreams: ['local', 'cloud', 'my-gpu'],
  domains: ['legal', 'password-reset'],
});

function mistake(source: string): string {
  const result = compile(source);
  return result.ok ? 'no mistake' : `${result.mistake.offset}: ${result.mistake.message}`;
}

test.each([
  [
    'signals.complexty >= 0.5',
    '8: unknown name `signals.complexty`; did you mean `signals.complexity`?',
  ],
  [
    'request.inputTokenz > 3',
    '8: unknown name `request.inputTokenz`; did you mean `request.inputTokens`?',
  ],
  ['inputTokens > 3', '0: unknown name `inputTokens`; did you mean `request.inputTokens`?'],
  ['requst.tools > 3', '0: unknown name `requst`; did you mean `request`?'],
  [
    'true || upstreams.locl.healthy',
    '18: unknown name `upstreams.locl`; did you mean `upstreams.local`?',
  ],
  [
    'upstreams["my-gpo"].healthy',
    '10: unknown name `upstreams["my-gpo"]`; did you mean `upstreams["my-gpu"]`?',
  ],
  [
    'budget.x > 1',
    '7: unknown name `budget.x`; possible: `budget.spentShare`, `budget.leftUsd`, `budget.pace`',
  ],
  [
    'request.tools',
    '0: a condition must be true or false, and this is a number: compare it, as in `… >= 0.5`',
  ],
  [
    'request.language',
    '0: a condition must be true or false, and this is a text: compare it, as in `… == "en"`',
  ],
  ['request.language > 3', '0: `>` cannot be used between a text and a number'],
  [
    'signals > 3',
    '0: `>` cannot be used between all of `signals` (name one of its members) and a number',
  ],
  ['domain == "leagl"', '10: this policy has no domain `leagl`; did you mean `legal`?'],
  [
    'domain in ["legal", "x"]',
    '20: this policy has no domain `x`; possible: `legal`, `password-reset`',
  ],
  ['request.kind == "titel"', '16: `request.kind` is never `titel`; did you mean `title`?'],
  [
    '"medicine" == stakes.kind',
    '0: `stakes.kind` is never `medicine`; possible: `none`, `medical`, `self-harm`, `legal`, `money`, `security`, `production`',
  ],
  ['"imge" in request.unread', '0: `request.unread` is never `imge`; did you mean `image`?'],
  ['!("visoin" in request.needs)', '2: `request.needs` is never `visoin`; did you mean `vision`?'],
  [
    'upstreams["my-gpu"].locality == "lcoal"',
    '32: `upstreams["my-gpu"].locality` is never `lcoal`; did you mean `local`?',
  ],
  [
    'has(upstreams["local"].ttftMs)',
    '14: has() invalid argument: `has` takes a dotted name, as in `has(signals.pii)`',
  ],
  ['siez(domain) > 3', '0: unknown function `siez`; did you mean `size`?'],
])('%s is explained', (source, expected) => {
  expect(mistake(source)).toBe(expected);
});

test.each([
  ['request.tools > 0 and signals.pii > 0', '`&&`'],
  ['request.tools > 0 or signals.pii > 0', '`||`'],
  ['not request.stream', '`!`'],
  ['request.tools = 2', '`==`'],
  ['request.tools <> 2', '`!=`'],
  ['signals.pii >= .5', '`0.5`'],
  ['request.tools >', 'not a valid condition'],
  ['', 'not a valid condition'],
])('the operators of other languages are explained: %s', (source, advice) => {
  expect(mistake(source)).toContain(advice);
});

test('any text compiles or gives a mistake at a position inside it, and never throws', () => {
  const piece = fc.constantFrom(
    'request.',
    'signals.',
    'pii',
    'tools',
    'domain',
    'upstreams',
    '["x"]',
    ' ',
    '&&',
    '||',
    '!',
    '==',
    '>',
    '(',
    ')',
    '0.5',
    '1',
    '"a"',
    "'",
    '\n',
    '?',
    ':',
    '[',
    ']',
    '{',
    '}',
    'has(',
    '.map(x, x)',
    '\\',
    'é',
    '\u0000',
    '- ',
    'in ',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const source = pieces.join('');
      const result = compile(source);
      if (result.ok) return;
      expect(result.mistake.offset).toBeGreaterThanOrEqual(0);
      expect(result.mistake.offset).toBeLessThanOrEqual(source.length);
      expect(result.mistake.message).not.toMatch(/\n|\bat .*\(|undefined|\[object/);
    }),
    { numRuns: 500 },
  );
});
