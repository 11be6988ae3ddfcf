import { expect, test } from 'vitest';
import { abilityOf } from './ability.ts';
import { REFERENCE_MODELS } from './reference.ts';

test('a model of which nothing is known counts as one of 3 to 4 billion parameters, and that is said', () => {
  expect(abilityOf('m-small')).toEqual({
    shift: 0,
    said: 'm-small, of which nothing is known: taken for a model of 3 to 4 billion parameters',
  });
  expect(abilityOf(undefined).shift).toBe(0);
});

test.each(['qwen2.5:3b', 'llama3.2:3b', 'phi3.5', 'microsoft/Phi-4-mini-instruct'])(
  '%s is a typical model of its class',
  (name) => {
    expect(abilityOf(name).shift).toBe(0);
  },
);

test('weaker models are shifted up, by what was measured where it was, and stronger ones down', () => {
  const [tiny, smol, half, large] = ['tinyllama', 'smollm2:135m', 'qwen2.5:0.5b', 'qwen3:8b'].map(
    (name) => abilityOf(name),
  );
  expect(tiny!.said).toContain('42 of 108');
  expect(smol!.said).toContain('62 of 108');
  expect(tiny!.shift).toBeGreaterThan(smol!.shift);
  expect(smol!.shift).toBeGreaterThan(half!.shift);
  expect(half!.shift).toBeGreaterThan(0);
  expect(large!.shift).toBeLessThan(0);
});

test('every known model has a finite shift and is named', () => {
  for (const { name, title } of REFERENCE_MODELS) {
    const { shift, said } = abilityOf(name);
    expect(Math.abs(shift), name).toBeLessThanOrEqual(2);
    expect(said).toContain(title);
  }
});
