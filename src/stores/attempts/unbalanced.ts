/** Where the book of attempts contradicts itself: SQLite finds nothing wrong with such a file, and a budget would let too much through. */
import type { DatabaseSync } from 'node:sqlite';

/**
 * Lines for people, or none. What was pruned, and what was spent before there was a budget, is in the budget's sum alone, so a sum may
 * be more than its attempts, never less. Those of the cap on the large model (`large`) are kept for two hours only.
 */
export function unbalancedBooks(db: DatabaseSync): readonly string[] {
  const short = count(
    db,
    `SELECT count(*) AS n FROM (
       SELECT value AS account, sum(CASE state WHEN 'open' THEN reserved_nano_usd ELSE used_nano_usd END) AS nano
       FROM attempts, json_each(attempts.accounts) GROUP BY account
     ) AS named
     WHERE account NOT LIKE '["large",%'
       AND nano > ifnull((SELECT sum(nano_usd) FROM spending WHERE spending.account = named.account), 0)`,
  );
  const odd = count(
    db,
    `SELECT count(*) AS n FROM attempts
     WHERE reserved_nano_usd < 0 OR used_nano_usd < 0 OR (state <> 'open' AND used_nano_usd IS NULL)`,
  );
  const periods = short === 1 ? '1 budget period' : `${short} budget periods`;
  const calls = odd === 1 ? '1 paid attempt' : `${odd} paid attempts`;
  return [
    ...(short === 0
      ? []
      : [`In ${periods} less is counted than the paid attempts say: more may be spent there.`]),
    ...(odd === 0 ? [] : [`Of ${calls} the cost is missing or negative.`]),
  ];
}

const count = (db: DatabaseSync, sql: string): number => Number(db.prepare(sql).get()?.['n']);
