/** The book of attempts in Postgres, and by what replicas share budgets. */

/** How a call of a process that was taken for dead fails: it has no lease any more. */
export const TAKEN_FOR_DEAD = 'SFL01';

/**
 * `leases` has for each account and process what it was granted of the limit, and what its rows say that it has committed
 * (`booked`). A limit is held against the sum of what is granted. A process that is gone keeps its grant until its rows are in; what
 * they say is then added to process ''.
 *
 * The functions are one statement each, so that a process that hangs keeps no lock from the others. Amounts are absolute and calls are
 * numbered: one whose answer was lost is made again, and one that a hung server carries out late changes nothing.
 */
export const LEASE_TABLES = `
  CREATE TABLE boots (
    id text COLLATE "C" PRIMARY KEY,
    outbox text COLLATE "C" NOT NULL,
    host text NOT NULL,
    keeps_rows boolean NOT NULL,
    calls bigint NOT NULL DEFAULT 0,
    seen timestamptz NOT NULL DEFAULT now()
  );
  CREATE TABLE attempts (
    id text COLLATE "C" PRIMARY KEY,
    request_id text NOT NULL,
    at_ms double precision NOT NULL,
    caller text NOT NULL,
    team text,
    upstream text NOT NULL,
    model text NOT NULL,
    prices text NOT NULL,
    accounts text[] NOT NULL,
    boot text NOT NULL,
    reserved_nano_usd bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'settled', 'released', 'unknown')),
    used_nano_usd bigint,
    ended_ms double precision
  );
  CREATE INDEX attempts_by_time ON attempts (at_ms);
  CREATE INDEX attempts_open ON attempts (at_ms) WHERE state = 'open';
  CREATE INDEX attempts_unknown ON attempts (at_ms) WHERE state = 'unknown';
  CREATE TABLE attempt_sums (
    day_ms bigint NOT NULL,
    caller text NOT NULL,
    team text NOT NULL,
    upstream text NOT NULL,
    model text NOT NULL,
    attempts bigint NOT NULL,
    nano_usd bigint NOT NULL,
    PRIMARY KEY (day_ms, caller, team, upstream, model)
  );
  CREATE TABLE accounts (account text COLLATE "C" PRIMARY KEY);
  CREATE TABLE leases (
    account text COLLATE "C" NOT NULL,
    boot text COLLATE "C" NOT NULL,
    granted bigint NOT NULL,
    booked bigint NOT NULL,
    PRIMARY KEY (account, boot)
  );

  CREATE FUNCTION smallfirst_begin(
    given text, kind text, name text, start_ms double precision, end_ms double precision
  ) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE past bigint;
  BEGIN
    INSERT INTO accounts (account) VALUES (given) ON CONFLICT DO NOTHING;
    IF NOT FOUND OR kind IS NULL THEN RETURN; END IF;
    SELECT coalesce(sum(nano), 0) INTO past FROM (
      SELECT CASE a.state WHEN 'open' THEN a.reserved_nano_usd ELSE a.used_nano_usd END AS nano
        FROM attempts a WHERE a.at_ms >= start_ms AND a.at_ms < end_ms
          AND (kind = 'gateway' OR (kind = 'team' AND a.team = name) OR (kind = 'key' AND a.caller = name))
      UNION ALL
      SELECT s.nano_usd FROM attempt_sums s WHERE s.day_ms >= start_ms AND s.day_ms < end_ms
          AND (kind = 'gateway' OR (kind = 'team' AND s.team = name) OR (kind = 'key' AND s.caller = name))
    ) spent;
    INSERT INTO leases (account, boot, granted, booked) VALUES (given, '', past, past) ON CONFLICT DO NOTHING;
  END$$;

  CREATE FUNCTION smallfirst_lease(own text, call bigint, wanted json)
  RETURNS TABLE (account_key text, own_nano bigint, others_nano bigint) LANGUAGE plpgsql AS $$
  DECLARE
    w record;
    mine bigint;
    everybody bigint;
    last bigint;
  BEGIN
    SELECT b.calls INTO last FROM boots b WHERE b.id = own FOR UPDATE;
    IF last IS NULL THEN
      RAISE EXCEPTION 'process % was taken for dead', own USING ERRCODE = '${TAKEN_FOR_DEAD}';
    END IF;
    IF last >= call THEN RETURN; END IF;
    UPDATE boots SET calls = call WHERE id = own;
    FOR w IN SELECT * FROM json_to_recordset(wanted) AS x(
        account text, kind text, name text, start_ms double precision, end_ms double precision,
        accounts text[], used bigint, want bigint, most bigint) ORDER BY account COLLATE "C"
    LOOP
      PERFORM smallfirst_begin(w.account, w.kind, w.name, w.start_ms, w.end_ms);
      PERFORM 1 FROM accounts a WHERE a.account = ANY (w.accounts) ORDER BY a.account FOR UPDATE;
      SELECT coalesce(sum(l.granted), 0) INTO everybody FROM leases l WHERE l.account = ANY (w.accounts);
      SELECT coalesce(max(l.granted), 0) INTO mine FROM leases l WHERE l.account = w.account AND l.boot = own;
      mine := greatest(w.used, least(w.want, mine + greatest(w.most - everybody, 0)));
      INSERT INTO leases (account, boot, granted, booked) VALUES (w.account, own, mine, 0)
        ON CONFLICT (account, boot) DO UPDATE SET granted = excluded.granted;
      RETURN QUERY SELECT w.account, mine, coalesce(sum(l.granted), 0)::bigint FROM leases l
        WHERE l.account = w.account AND l.boot <> own;
    END LOOP;
  END$$;

  CREATE FUNCTION smallfirst_committed(own text, wanted json)
  RETURNS TABLE (account_key text, others_nano bigint) LANGUAGE plpgsql AS $$
  DECLARE w record;
  BEGIN
    FOR w IN SELECT * FROM json_to_recordset(wanted) AS x(
        account text, kind text, name text, start_ms double precision, end_ms double precision,
        accounts text[]) ORDER BY account COLLATE "C"
    LOOP
      PERFORM smallfirst_begin(w.account, w.kind, w.name, w.start_ms, w.end_ms);
      RETURN QUERY SELECT k, coalesce(sum(l.granted) FILTER (WHERE l.boot <> own), 0)::bigint
        FROM unnest(w.accounts) k LEFT JOIN leases l ON l.account = k GROUP BY k;
    END LOOP;
  END$$;

  CREATE FUNCTION smallfirst_retire(dead text[]) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE l record;
  BEGIN
    PERFORM 1 FROM boots b WHERE b.id = ANY (dead) ORDER BY b.id FOR UPDATE;
    DELETE FROM boots WHERE id = ANY (dead);
    FOR l IN SELECT account, sum(booked)::bigint AS nano FROM leases WHERE boot = ANY (dead)
      GROUP BY account ORDER BY account
    LOOP
      PERFORM 1 FROM accounts a WHERE a.account = l.account FOR UPDATE;
      DELETE FROM leases WHERE account = l.account AND boot = ANY (dead);
      INSERT INTO leases (account, boot, granted, booked) VALUES (l.account, '', l.nano, l.nano)
        ON CONFLICT (account, boot) DO UPDATE
        SET granted = leases.granted + excluded.granted, booked = leases.booked + excluded.booked;
    END LOOP;
  END$$;

  CREATE FUNCTION smallfirst_retire_silent(silent_ms double precision) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE dead text[];
  BEGIN
    SELECT array_agg(b.id) INTO dead FROM boots b
      WHERE NOT b.keeps_rows AND b.seen < now() - silent_ms * interval '1 millisecond';
    IF dead IS NULL THEN RETURN; END IF;
    UPDATE attempts SET state = 'unknown', used_nano_usd = reserved_nano_usd,
        ended_ms = extract(epoch FROM now()) * 1000
      WHERE state = 'open' AND boot = ANY (dead);
    PERFORM smallfirst_retire(dead);
  END$$;

  CREATE FUNCTION smallfirst_forget_minutes(before_minute bigint) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    DELETE FROM leases WHERE
      CASE WHEN starts_with(account, '["large",') THEN (account::json ->> 3)::bigint < before_minute ELSE false END;
    DELETE FROM accounts WHERE
      CASE WHEN starts_with(account, '["large",') THEN (account::json ->> 3)::bigint < before_minute ELSE false END;
  END$$;`;
