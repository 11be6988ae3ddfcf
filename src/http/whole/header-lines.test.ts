import { describe, expect, it } from 'vitest';
import { HeaderLines } from './header-lines.ts';

describe('lines of headers', () => {
  it('follow the value, also where the name is known', () => {
    const lines = new HeaderLines();
    const said = ['a', 'a', 'b', 'a'].map((value) => lines.of('x-one', value));
    expect(said).toEqual(['a', 'a', 'b', 'a'].map((value) => `x-one: ${value}\r\n`));
  });

  it('are checked whatever was right before, and again after what was wrong', () => {
    const lines = new HeaderLines();
    lines.of('x-one', 'good');
    for (let time = 0; time < 2; time += 1) {
      expect(() => lines.of('x-one', 'one\r\nx-two: 2')).toThrow(TypeError);
      expect(() => lines.of('x one', 'good')).toThrow(TypeError);
    }
    expect(lines.of('x-one', 'good')).toBe('x-one: good\r\n');
  });

  it('are right beyond the names that are remembered', () => {
    const lines = new HeaderLines();
    for (const value of ['a', 'b'])
      for (let name = 0; name < 500; name += 1)
        expect(lines.of(`x-${name}`, value)).toBe(`x-${name}: ${value}\r\n`);
  });
});
