-- Whom an administrator may invite; jobs that come to an end, with their rows counted as they go; upkeep in
-- portions.

-- Domains of e-mail addresses that are an organisation's own, as the operator says: in small letters and, where
-- they hold others than those of ASCII, in the form that names have on the network (xn--…).
CREATE TABLE email_domain (
  domain       text PRIMARY KEY CHECK (length(domain) <= 253 AND domain ~ '^[a-z0-9_-]+(\.[a-z0-9_-]+)+$'),
  organisation text NOT NULL REFERENCES organisation (name)
);
CREATE INDEX email_domain_of ON email_domain (organisation);

-- What stands behind the @, to the letter: a part of a domain is another domain.
CREATE FUNCTION email_domain_of(address text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT substring(lower(address) FROM '^[^@]+@([^@]+)$')
$$;

-- An administrator invites addresses of the own organisation alone: else one could bind somebody of another
-- organisation before that one does. The operator is not bound by this.
CREATE FUNCTION may_invite(of_organisation text, address text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM email_domain
    WHERE organisation = of_organisation AND domain = email_domain_of(address))
$$;

-- As before, with a look at the address.
CREATE OR REPLACE FUNCTION add_user(new_name text, new_role text, new_email text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  me record;
  made uuid;
  stands text;
BEGIN
  SELECT * INTO me FROM administers(true);
  -- Before anything tells whether another organisation has it.
  IF me.account IS NOT NULL AND new_email IS NOT NULL AND NOT may_invite(me.organisation, new_email) THEN
    PERFORM refuse('other_domain');
  END IF;
  INSERT INTO account (organisation, name, role, email)
  VALUES (me.organisation, new_name, new_role, lower(new_email)) RETURNING id INTO made;
  PERFORM note_administration('user_added', new_name, NULL, new_role);
  IF new_email IS NOT NULL THEN
    PERFORM note_administration('invited', new_name, NULL, lower(new_email));
  END IF;
  RETURN made;
EXCEPTION WHEN unique_violation THEN
  GET STACKED DIAGNOSTICS stands = CONSTRAINT_NAME;
  PERFORM refuse(CASE stands WHEN 'account_email_key' THEN 'email_taken' ELSE 'name_taken' END);
END $$;

-- As before, with a look at the address.
CREATE OR REPLACE FUNCTION change_user(wanted uuid, new_role text, new_closed boolean, new_email text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  me record;
  was account%ROWTYPE;
BEGIN
  SELECT * INTO me FROM administers(true);
  was := own_user(wanted);
  new_role := coalesce(new_role, was.role);
  new_closed := coalesce(new_closed, was.disabled_at IS NOT NULL);
  new_email := coalesce(lower(new_email), was.email);
  IF me.account = wanted AND (new_role <> was.role OR new_closed) THEN PERFORM refuse('oneself'); END IF;
  -- Whoever made the token may have kept it, and would decide in a review as somebody else.
  IF me.account IS NOT NULL AND has_given_token(wanted)
     AND (new_role <> was.role AND new_role IN ('reviewer', 'administrator')
          OR new_email IS DISTINCT FROM was.email) THEN
    PERFORM refuse('holds_token');
  END IF;
  IF me.account IS NOT NULL AND new_email IS DISTINCT FROM was.email
     AND NOT may_invite(me.organisation, new_email) THEN
    PERFORM refuse('other_domain');
  END IF;
  -- Each change has every node look up again who holds which token.
  IF (new_role, new_email, new_closed) IS DISTINCT FROM (was.role, was.email, was.disabled_at IS NOT NULL) THEN
    UPDATE account SET role = new_role, email = new_email,
      disabled_at = CASE WHEN new_closed THEN coalesce(disabled_at, now()) END
    WHERE id = wanted;
  END IF;
  IF new_role <> was.role THEN
    PERFORM note_administration('role_changed', was.name, was.role, new_role);
  END IF;
  IF new_email IS DISTINCT FROM was.email THEN
    PERFORM note_administration('invited', was.name, was.email, new_email);
  END IF;
  IF new_closed <> (was.disabled_at IS NOT NULL) THEN
    PERFORM note_administration(CASE WHEN new_closed THEN 'closed' ELSE 'reopened' END, was.name, NULL, NULL);
  END IF;
EXCEPTION WHEN unique_violation THEN
  PERFORM refuse('email_taken');
END $$;
REVOKE ALL ON FUNCTION may_invite(text, text) FROM PUBLIC;

-- Which of these tokens, and of these people of an issuer, may ask now, and as whom: for lines that stay open.
CREATE FUNCTION held_tokens(wanted uuid[]) RETURNS TABLE (token uuid, account uuid, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT t.id, a.id, a.role FROM token t JOIN account a ON a.id = t.account
  WHERE t.id = ANY (wanted) AND t.revoked_at IS NULL AND a.disabled_at IS NULL
    AND (t.expires_at IS NULL OR t.expires_at > now())
$$;
CREATE FUNCTION held_identities(wanted_issuer text, wanted text[])
RETURNS TABLE (subject text, account uuid, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT i.subject, a.id, a.role FROM identity i JOIN account a ON a.id = i.account
  WHERE i.issuer = wanted_issuer AND i.subject = ANY (wanted) AND a.disabled_at IS NULL
$$;
REVOKE ALL ON FUNCTION held_tokens(uuid[]), held_identities(text, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION held_tokens(uuid[]), held_identities(text, text[]) TO begrip_server;

-- Jobs. How many rows are in which state stands with the job, so that nobody counts them: `questions` are
-- those that ask something of their own, `open` those of them that have no end yet.
ALTER TABLE job
  -- The token that asked for it, if it was one of ours: once withdrawn it asks for nothing more.
  ADD COLUMN token       uuid REFERENCES token (id),
  -- When a row of it had its end last.
  ADD COLUMN progress_at timestamptz NOT NULL DEFAULT now(),
  -- Why it was ended by the upkeep (JSON, for the user).
  ADD COLUMN ended_why   text,
  ADD COLUMN queued      integer NOT NULL DEFAULT 0,
  ADD COLUMN running     integer NOT NULL DEFAULT 0,
  ADD COLUMN done        integer NOT NULL DEFAULT 0,
  ADD COLUMN failed      integer NOT NULL DEFAULT 0,
  ADD COLUMN questions   integer NOT NULL DEFAULT 0,
  ADD COLUMN open        integer NOT NULL DEFAULT 0;

CREATE FUNCTION count_job(of_job uuid) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
  UPDATE job SET (queued, running, done, failed, questions, open) = (
    SELECT count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE state = 'running'),
      count(*) FILTER (WHERE state = 'done'), count(*) FILTER (WHERE state = 'failed'),
      count(*) FILTER (WHERE follows IS NULL AND NOT faulty),
      count(*) FILTER (WHERE follows IS NULL AND state IN ('queued', 'running'))
    FROM job_row WHERE job = of_job)
  WHERE id = of_job
$$;
SELECT count_job(id) FROM job;

CREATE FUNCTION job_rows_come() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM count_job(job) FROM (SELECT DISTINCT job FROM came) new;
  RETURN NULL;
END $$;
CREATE TRIGGER job_rows_come AFTER INSERT ON job_row REFERENCING NEW TABLE AS came
FOR EACH STATEMENT EXECUTE FUNCTION job_rows_come();

-- Whoever changes states of rows holds their job. A lease that is renewed changes none, and leaves the job alone.
-- Added up, and not put side by side: a plan that is kept from changes of one row would compare each with each.
CREATE FUNCTION job_rows_turn() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE job j SET queued = j.queued + d.queued, running = j.running + d.running, done = j.done + d.done,
    failed = j.failed + d.failed, open = j.open + d.open
  FROM (
    SELECT job,
      sum(change * (state = 'queued')::integer) AS queued,
      sum(change * (state = 'running')::integer) AS running,
      sum(change * (state = 'done')::integer) AS done,
      sum(change * (state = 'failed')::integer) AS failed,
      sum(change * (follows IS NULL AND state IN ('queued', 'running'))::integer) AS open
    FROM (
      SELECT job, state, follows, 1 AS change FROM came UNION ALL SELECT job, state, follows, -1 FROM went
    ) turned GROUP BY job
  ) d WHERE j.id = d.job AND (d.queued, d.running, d.done, d.failed, d.open) <> (0, 0, 0, 0, 0);
  RETURN NULL;
END $$;
CREATE TRIGGER job_rows_turn AFTER UPDATE ON job_row REFERENCING OLD TABLE AS went NEW TABLE AS came
FOR EACH STATEMENT EXECUTE FUNCTION job_rows_turn();

-- Why nothing may be asked for whoever asked for a job: they may ask nothing themselves any more. Nothing when
-- they may.
CREATE FUNCTION barred(by_account uuid, by_token uuid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT CASE
    WHEN a.disabled_at IS NOT NULL THEN 'account_closed'
    WHEN a.role = 'reader' THEN 'account_role'
    WHEN EXISTS (SELECT FROM token t WHERE t.id = by_token AND t.revoked_at IS NOT NULL) THEN 'token_revoked'
  END
  FROM account a WHERE a.id = by_account
$$;

-- The same for an open job of the organisation that is worked for.
CREATE FUNCTION job_barred(of_job uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT barred(j.account, j.token) FROM job j
  WHERE j.id = of_job AND j.organisation = own_organisation() AND j.state IN ('queued', 'running')
$$;

-- As before, but for jobs of whoever may ask nothing any more.
CREATE OR REPLACE FUNCTION claim_job_row(lease_seconds double precision, most integer)
RETURNS TABLE (organisation text, job uuid, number integer, claim uuid, attempts integer, halts integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
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
        AND j.state IN ('queued', 'running') AND j.not_before <= now() AND barred(j.account, j.token) IS NULL
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

-- As before; a row whose job may ask nothing any more is not kept, so that what is under way of it ends.
CREATE OR REPLACE FUNCTION renew_job_rows(claims uuid[], lease_seconds double precision)
RETURNS SETOF uuid
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  UPDATE job_row r SET lease_until = now() + make_interval(secs => lease_seconds)
  FROM job j
  WHERE r.state = 'running' AND r.claim = ANY (claims) AND j.id = r.job AND barred(j.account, j.token) IS NULL
  RETURNING r.claim
$$;

-- As before, by what stands with each job.
CREATE OR REPLACE FUNCTION job_figures() RETURNS TABLE (state text, many bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT s.state, coalesce(s.many, 0) FROM (
    SELECT sum(queued) AS queued, sum(running) AS running, sum(done) AS done, sum(failed) AS failed FROM job
  ) c, LATERAL (VALUES ('queued', c.queued), ('running', c.running), ('done', c.done), ('failed', c.failed))
    AS s (state, many)
$$;

-- For how many seconds no row had its end, of the open job that waits the longest; 0 without one. A job of
-- whoever may ask nothing any more waits for nothing.
CREATE FUNCTION job_waits() RETURNS double precision
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(extract(epoch FROM now() - min(progress_at)), 0)::float8 FROM job
  WHERE state IN ('queued', 'running') AND barred(account, token) IS NULL
$$;

-- As before, by the counts.
CREATE OR REPLACE FUNCTION job_went_on(of_job uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE job SET changed_at = now() WHERE id = of_job;
  UPDATE job SET state = 'done', ended_at = now(), halt = NULL, halts = 0
  WHERE id = of_job AND state IN ('queued', 'running') AND queued = 0 AND running = 0;
  PERFORM pg_notify('begrip_job', of_job::text);
END $$;

-- As before, and the end of a row is progress.
CREATE OR REPLACE FUNCTION end_job_row(of_organisation text, of_job uuid, of_number integer, by_claim uuid,
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
  UPDATE job SET progress_at = now() WHERE id = of_job;
  -- The model answers: nothing keeps the others from being asked.
  UPDATE job SET halt = NULL, halts = 0, not_before = now() WHERE id = of_job AND halts > 0;
  PERFORM job_went_on(of_job);
  RETURN true;
END $$;

-- Rows that are not asked any more, with what is said of them. One that follows a row under way ends with it.
CREATE FUNCTION stop_job_rows(of_job uuid, why text) RETURNS void LANGUAGE sql AS $$
  UPDATE job_row r SET state = 'failed', ended_at = now(), error = why
  WHERE r.job = of_job AND r.state = 'queued' AND NOT EXISTS (SELECT FROM job_row l
    WHERE l.job = of_job AND l.number = r.follows AND l.state = 'running')
$$;

-- As before: its owner stopped the job, or the upkeep did, which said why.
CREATE OR REPLACE FUNCTION stop_job_rows(of_job uuid) RETURNS void LANGUAGE sql AS $$
  SELECT stop_job_rows(of_job, coalesce((SELECT ended_why FROM job WHERE id = of_job),
    '{"error":"cancelled","message":"De reeks is gestopt voor deze rij aan de beurt was."}'))
$$;

-- Ends open jobs of which no row had its end for so many days, and says why, with what held them up at last. So
-- many at most; how many it were. Days on which nobody looked, with the server off or the database set back, are
-- not held against them: after more than one such day the days begin anew.
CREATE FUNCTION end_idle_jobs(days integer, why text, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  idle uuid;
  many bigint := 0;
BEGIN
  IF NOT EXISTS (SELECT FROM upkeep WHERE chore = 'idle_jobs' AND done_at > now() - interval '1 day') THEN
    UPDATE job SET progress_at = now() WHERE state IN ('queued', 'running');
    RETURN 0;
  END IF;
  -- One that somebody holds is being worked at: whoever waits for it here may hold what that one waits for.
  FOR idle IN
    SELECT id FROM job WHERE state IN ('queued', 'running') AND progress_at < now() - make_interval(days => days)
    ORDER BY progress_at LIMIT most
    FOR UPDATE SKIP LOCKED
  LOOP
    UPDATE job SET state = 'cancelled', ended_at = now(), halt = NULL, halts = 0,
      ended_why = (why::jsonb || jsonb_build_object('last', halt::jsonb))::text
    WHERE id = idle;
    PERFORM stop_job_rows(idle);
    PERFORM job_went_on(idle);
    many := many + 1;
  END LOOP;
  RETURN many;
END $$;
INSERT INTO upkeep (chore) VALUES ('idle_jobs');

-- Upkeep in portions, each a transaction of its own: what was done stays done, however much there is. A chore
-- that is due is held by one node at a time, for a portion, and is written down as done after the last one.
CREATE FUNCTION hold_chore(named text, pause_seconds double precision) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM FROM upkeep WHERE chore = named AND done_at <= now() - make_interval(secs => pause_seconds)
  FOR UPDATE SKIP LOCKED;
  RETURN FOUND;
END $$;

CREATE FUNCTION chore_done(named text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  UPDATE upkeep SET done_at = now() WHERE chore = named
$$;

DROP FUNCTION is_due(text, double precision);
DROP FUNCTION sweep_answers(double precision, bigint);
DROP FUNCTION tidy_calls(integer);
DROP FUNCTION sweep_jobs(integer);

-- Each of these changes so many rows at most, and tells how many: fewer is all that there were.

-- Removes answers that are too old, and then, the longest unused first, what is too much.
CREATE FUNCTION sweep_answers(fresh_seconds double precision, most_bytes bigint, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  removed bigint;
  went bigint;
  too_much bigint;
BEGIN
  DELETE FROM kept_answer WHERE ctid = ANY (ARRAY(SELECT ctid FROM kept_answer
    WHERE answered_at <= now() - make_interval(secs => fresh_seconds) ORDER BY answered_at LIMIT most));
  GET DIAGNOSTICS removed = ROW_COUNT;
  IF removed = most THEN RETURN removed; END IF;
  SELECT coalesce(sum(bytes), 0) - most_bytes INTO too_much FROM kept_answer;
  IF too_much > 0 THEN
    DELETE FROM kept_answer WHERE ctid = ANY (ARRAY(SELECT place FROM (
      SELECT ctid AS place, sum(bytes) OVER (ORDER BY used_at, key) - bytes AS before
      FROM (SELECT ctid, key, bytes, used_at FROM kept_answer ORDER BY used_at, key LIMIT most - removed) oldest
    ) summed WHERE before < too_much));
    GET DIAGNOSTICS went = ROW_COUNT;
    removed := removed + went;
  END IF;
  RETURN removed;
END $$;

-- Calls whose node went away are told as lost, and what was set aside for them stays spent: the model may
-- have answered. What is older than `keep_days` goes; the sums by day stay.
CREATE FUNCTION tidy_calls(keep_days integer, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  lost bigint;
  removed bigint;
BEGIN
  UPDATE model_call SET outcome = 'lost' WHERE id = ANY (ARRAY(SELECT id FROM model_call
    WHERE outcome = 'under_way' AND at < now() - interval '1 day' ORDER BY at LIMIT most));
  GET DIAGNOSTICS lost = ROW_COUNT;
  DELETE FROM model_call WHERE id = ANY (ARRAY(SELECT id FROM model_call
    WHERE day < today() - keep_days ORDER BY day LIMIT most - lost));
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN lost + removed;
END $$;

-- Removes jobs that ended so many days ago, each with all its rows.
CREATE FUNCTION sweep_jobs(days integer, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE removed bigint;
BEGIN
  DELETE FROM job WHERE id = ANY (ARRAY(SELECT id FROM job
    WHERE ended_at < now() - make_interval(days => days) ORDER BY ended_at LIMIT most));
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END $$;

REVOKE ALL ON FUNCTION barred(uuid, uuid), job_barred(uuid), job_waits(), end_idle_jobs(integer, text, integer),
  hold_chore(text, double precision), chore_done(text), sweep_answers(double precision, bigint, integer),
  tidy_calls(integer, integer), sweep_jobs(integer, integer)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION job_barred(uuid), job_waits(), end_idle_jobs(integer, text, integer),
  hold_chore(text, double precision), chore_done(text), sweep_answers(double precision, bigint, integer),
  tidy_calls(integer, integer), sweep_jobs(integer, integer)
TO begrip_server;
