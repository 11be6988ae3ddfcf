/**
 * What a table has under a word from outside. A plain `table[word]` would also find what every object inherits, such as
 * `constructor` (`test/security/foreign-words.test.ts` finds those).
 */
export const own = <T>(table: Readonly<Record<string, T>>, word: string): T | undefined =>
  Object.hasOwn(table, word) ? table[word] : undefined;
