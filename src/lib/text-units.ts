/**
 * The UTF-16 unit of a text at a place; NaN where it has none. In loops over texts in place of `text.charCodeAt(at)`: V8 keeps texts in
 * some ten forms (slices, joins, one byte or two a unit), and at a place in the code that has met more than four of them
 * the method is looked up again for each unit, at 13 ns in place of 2 (measured). For the same reason such loops read
 * `text.length` once.
 */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion, typescript/unbound-method -- what `bind` gives is typed as anything
export const unitAt = Function.prototype.call.bind(String.prototype.charCodeAt) as (
  text: string,
  at: number,
) => number;
