-- Jobs: definitions of many terms, each row asked by whichever node has room. Rows are locked in one
-- order everywhere: turn, job, row.

CREATE TABLE job (
  id           uuid PRIMARY KEY,
  organisation text NOT NULL REFERENCES organisation (name),
  account      uuid NOT NULL REFERENCES account (id),
  name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  model        text NOT NULL,
  -- By which the caller names the request that made it, and what was asked then.
  key          text CHECK (length(key) BETWEEN 1 AND 200),
  digest       bytea NOT NULL,
  state        text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'cancelled')),
  -- Why nothing of it is asked now (JSON, for the user), how often in a row, and until when.
  halt         text,
  halts        integer NOT NULL DEFAULT 0,
  not_before   timestamptz NOT NULL DEFAULT now(),
  turn         bigint NOT NULL DEFAULT 0,
  created_at   timestamptz NOT NULL DEFAULT now(),
  changed_at   timestamptz NOT NULL DEFAULT now(),
  ended_at     timestamptz,
  UNIQUE (organisation, key)
);
CREATE INDEX job_open ON job (organisation, turn) WHERE state IN ('queued', 'running');
CREATE INDEX job_ended ON job (ended_at) WHERE ended_at IS NOT NULL;

-- A term with its context. There is no place for a text about a case.
CREATE TABLE job_row (
  job          uuid    NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  number       integer NOT NULL CHECK (number > 0),
  organisation text    NOT NULL,
  term         text    NOT NULL,
  context      text    NOT NULL,
  category     text,
  -- An earlier row that asks the same, and is asked for both.
  follows      integer,
  -- It can never be asked: a fault of the row itself.
  faulty       boolean NOT NULL DEFAULT false,
  state        text    NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
  attempts     integer NOT NULL DEFAULT 0,
  claim        uuid,
  lease_until  timestamptz,
  error        text,
  result       text,
  ended_at     timestamptz,
  PRIMARY KEY (job, number),
  CHECK ((state = 'running') = (claim IS NOT NULL AND lease_until IS NOT NULL))
);
CREATE INDEX job_row_waits ON job_row (job, attempts, number)
  WHERE state = 'queued' AND follows IS NULL;
CREATE INDEX job_row_runs ON job_row (organisation, lease_until) WHERE state = 'running';
CREATE INDEX job_row_follows ON job_row (job, follows) WHERE follows IS NOT NULL;
CREATE INDEX job_row_ended ON job_row (job, ended_at DESC) WHERE ended_at IS NOT NULL;

-- Whose turn it is: the organisation that was served longest ago.
CREATE TABLE job_turn (
  organisation text PRIMARY KEY REFERENCES organisation (name),
  turn         bigint NOT NULL DEFAULT 0
);
CREATE SEQUENCE job_turns;

ALTER TABLE job ENABLE ROW LEVEL SECURITY;
ALTER TABLE job_row ENABLE ROW LEVEL SECURITY;
ALTER TABLE job_turn ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON job USING (organisation = own_organisation())
  WITH CHECK (organisation = own_organisation());
CREATE POLICY own ON job_row USING (organisation = own_organisation())
  WITH CHECK (organisation = own_organisation());
CREATE POLICY own ON job_turn USING (organisation = own_organisation())
  WITH CHECK (organisation = own_organisation());

-- Gives a row to a node until its lease ends: organisations in turn, of one its jobs in turn, with no
-- more than `most` rows of an organisation under way on all nodes together. Shows no text.
CREATE FUNCTION claim_job_row(lease_seconds double precision, most integer)
RETURNS TABLE (organisation text, job uuid, number integer, claim uuid, attempts integer, halts integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  whose text;
  chosen uuid;
  halted integer;
  chosen_row integer;
BEGIN
  FOR whose IN
    SELECT t.organisation FROM public.job_turn t
    WHERE EXISTS (SELECT FROM public.job j WHERE j.organisation = t.organisation
      AND j.state IN ('queued', 'running') AND j.not_before <= now())
    ORDER BY t.turn
  LOOP
    PERFORM FROM public.job_turn t WHERE t.organisation = whose FOR UPDATE SKIP LOCKED;
    CONTINUE WHEN NOT FOUND;
    CONTINUE WHEN most <= (SELECT count(*) FROM public.job_row r
      WHERE r.organisation = whose AND r.state = 'running' AND r.lease_until > now());
    FOR chosen IN
      SELECT j.id FROM public.job j WHERE j.organisation = whose
        AND j.state IN ('queued', 'running') AND j.not_before <= now()
      ORDER BY j.turn, j.id
    LOOP
      SELECT j.halts INTO halted FROM public.job j
      WHERE j.id = chosen AND j.state IN ('queued', 'running') AND j.not_before <= now() FOR UPDATE;
      CONTINUE WHEN NOT FOUND;
      SELECT r.number INTO chosen_row FROM public.job_row r
      WHERE r.job = chosen AND r.state = 'running' AND r.lease_until <= now()
      ORDER BY r.number LIMIT 1 FOR UPDATE SKIP LOCKED;
      IF NOT FOUND THEN
        SELECT r.number INTO chosen_row FROM public.job_row r
        WHERE r.job = chosen AND r.state = 'queued' AND r.follows IS NULL
        ORDER BY r.attempts, r.number LIMIT 1 FOR UPDATE SKIP LOCKED;
      END IF;
      CONTINUE WHEN NOT FOUND;
      UPDATE public.job_turn t SET turn = nextval('public.job_turns') WHERE t.organisation = whose;
      UPDATE public.job j SET turn = nextval('public.job_turns'), state = 'running', changed_at = now()
      WHERE j.id = chosen;
      RETURN QUERY UPDATE public.job_row r
        SET state = 'running', claim = gen_random_uuid(),
          lease_until = now() + make_interval(secs => lease_seconds)
        WHERE r.job = chosen AND r.number = chosen_row
        RETURNING r.organisation, r.job, r.number, r.claim, r.attempts, halted;
      RETURN;
    END LOOP;
  END LOOP;
END $$;

-- Makes leases last; which of them still hold.
CREATE FUNCTION renew_job_rows(claims uuid[], lease_seconds double precision)
RETURNS SETOF uuid
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  UPDATE public.job_row SET lease_until = now() + make_interval(secs => lease_seconds)
  WHERE state = 'running' AND claim = ANY (claims) RETURNING claim
$$;

-- Rows of all organisations by state: numbers alone.
CREATE FUNCTION job_figures() RETURNS TABLE (state text, many bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT state, count(*) FROM public.job_row GROUP BY state
$$;

INSERT INTO upkeep (chore) VALUES ('jobs');

-- Removes jobs that ended so many days ago, with their rows; how many.
CREATE FUNCTION sweep_jobs(days integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH gone AS (
    DELETE FROM public.job WHERE ended_at < now() - make_interval(days => days) RETURNING 1
  )
  SELECT count(*) FROM gone
$$;

-- Rows of cancelled jobs whose node went away: nobody takes those over, so they end here.
CREATE FUNCTION end_lapsed_rows() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE lapsed uuid;
BEGIN
  FOR lapsed IN
    SELECT DISTINCT r.job FROM job_row r JOIN job j ON j.id = r.job
    WHERE r.state = 'running' AND r.lease_until <= now() AND j.state = 'cancelled'
  LOOP
    PERFORM FROM job j WHERE j.id = lapsed FOR UPDATE;
    UPDATE job_row r SET state = 'queued', claim = NULL, lease_until = NULL
    WHERE r.job = lapsed AND r.state = 'running' AND r.lease_until <= now();
    PERFORM stop_job_rows(lapsed);
    PERFORM job_went_on(lapsed);
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION claim_job_row(double precision, integer), renew_job_rows(uuid[], double precision),
  job_figures(), sweep_jobs(integer), end_lapsed_rows() FROM PUBLIC;

-- What follows works for the organisation that it names.

-- Ends a job in which nothing is left to be asked, and tells who waits for news of it.
CREATE FUNCTION job_went_on(of_job uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE job SET changed_at = now() WHERE id = of_job;
  UPDATE job SET state = 'done', ended_at = now(), halt = NULL, halts = 0
  WHERE id = of_job AND state IN ('queued', 'running')
    AND NOT EXISTS (SELECT FROM job_row WHERE job = of_job AND state IN ('queued', 'running'));
  PERFORM pg_notify('begrip_job', of_job::text);
END $$;

-- Writes down how a row ended, with all that ask the same. False when the lease was lost.
CREATE FUNCTION end_job_row(of_organisation text, of_job uuid, of_number integer, by_claim uuid,
  ended text, why text, made text)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('begrip.organisation', of_organisation, true);
  PERFORM FROM job WHERE id = of_job FOR UPDATE;
  UPDATE job_row SET state = ended, error = why, result = made, claim = NULL, lease_until = NULL,
    ended_at = now()
  WHERE job = of_job AND number = of_number AND state = 'running' AND claim = by_claim;
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE job_row SET state = ended, error = why, ended_at = now()
  WHERE job = of_job AND follows = of_number AND state = 'queued';
  -- The model answers: nothing keeps the others from being asked.
  UPDATE job SET halt = NULL, halts = 0, not_before = now() WHERE id = of_job AND halts > 0;
  PERFORM job_went_on(of_job);
  RETURN true;
END $$;

-- Puts a row back. With a reason its job waits for so many seconds; `halted` is how often in a row.
CREATE FUNCTION release_job_row(of_organisation text, of_job uuid, of_number integer, by_claim uuid,
  tries integer, why text, halted integer, wait_seconds double precision)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE now_state text;
BEGIN
  PERFORM set_config('begrip.organisation', of_organisation, true);
  SELECT state INTO now_state FROM job WHERE id = of_job FOR UPDATE;
  UPDATE job_row SET state = 'queued', claim = NULL, lease_until = NULL, attempts = tries
  WHERE job = of_job AND number = of_number AND state = 'running' AND claim = by_claim;
  IF NOT FOUND THEN RETURN false; END IF;
  IF now_state = 'cancelled' THEN
    PERFORM stop_job_rows(of_job);
  ELSIF why IS NOT NULL THEN
    UPDATE job SET halt = why, halts = greatest(halts, halted),
      not_before = greatest(not_before, now() + make_interval(secs => wait_seconds))
    WHERE id = of_job;
  END IF;
  PERFORM job_went_on(of_job);
  RETURN true;
END $$;

-- Rows that are not asked any more. One that follows a row under way ends with it.
CREATE FUNCTION stop_job_rows(of_job uuid) RETURNS void LANGUAGE sql AS $$
  UPDATE job_row r SET state = 'failed', ended_at = now(),
    error = '{"error":"cancelled","message":"De reeks is gestopt voor deze rij aan de beurt was."}'
  WHERE r.job = of_job AND r.state = 'queued' AND NOT EXISTS (SELECT FROM job_row l
    WHERE l.job = of_job AND l.number = r.follows AND l.state = 'running')
$$;

GRANT SELECT, INSERT, UPDATE ON job, job_row TO begrip_server;
GRANT SELECT, INSERT ON job_turn TO begrip_server;
GRANT EXECUTE ON FUNCTION claim_job_row(double precision, integer),
  renew_job_rows(uuid[], double precision), job_figures(), sweep_jobs(integer), end_lapsed_rows()
TO begrip_server;
