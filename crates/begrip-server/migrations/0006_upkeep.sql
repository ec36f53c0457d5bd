-- Upkeep of the gateway's tables: by one node at a time, and no more often than is asked for.
CREATE TABLE upkeep (
  chore   text PRIMARY KEY,
  done_at timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO upkeep (chore) VALUES ('answers'), ('calls');

-- Whether a chore is due, for the one who asks first; a chore that fails is due again.
CREATE FUNCTION is_due(named text, pause_seconds double precision)
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  UPDATE public.upkeep SET done_at = now()
  WHERE chore IN (
    SELECT chore FROM public.upkeep
    WHERE chore = named AND done_at <= now() - make_interval(secs => pause_seconds)
    FOR UPDATE SKIP LOCKED
  );
  RETURN FOUND;
END $$;
REVOKE ALL ON FUNCTION is_due(text, double precision) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_due(text, double precision) TO begrip_server;

-- What a row takes stands in the row, so that adding it all up reads no answer.
ALTER TABLE kept_answer ADD COLUMN bytes integer NOT NULL GENERATED ALWAYS AS (length(body) + 300) STORED;
CREATE INDEX kept_answer_answered ON kept_answer (answered_at);

-- A look at an answer is written down once an hour: that says well enough which are used.
CREATE OR REPLACE FUNCTION find_answer(wanted_by text, wanted bytea, fresh_seconds double precision)
RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE found record;
BEGIN
  PERFORM set_config('begrip.organisation', wanted_by, true);
  SELECT body, used_at INTO found FROM kept_answer
  WHERE organisation = wanted_by AND key = wanted
    AND answered_at > now() - make_interval(secs => fresh_seconds);
  IF found.used_at < now() - interval '1 hour' THEN
    UPDATE kept_answer SET used_at = now() WHERE organisation = wanted_by AND key = wanted;
  END IF;
  RETURN found.body;
END $$;

-- As before, but what is too much goes by the index, the longest unused first, and only as far as it must.
CREATE OR REPLACE FUNCTION sweep_answers(fresh_seconds double precision, most_bytes bigint)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  removed bigint;
  too_much bigint;
  went bigint;
  freed bigint;
BEGIN
  DELETE FROM public.kept_answer WHERE answered_at <= now() - make_interval(secs => fresh_seconds);
  GET DIAGNOSTICS removed = ROW_COUNT;
  SELECT coalesce(sum(bytes), 0) - most_bytes INTO too_much FROM public.kept_answer;
  WHILE too_much > 0 LOOP
    WITH oldest AS (
      SELECT organisation, key, bytes, used_at FROM public.kept_answer ORDER BY used_at, key LIMIT 500
    ), summed AS (
      SELECT organisation, key, sum(bytes) OVER (ORDER BY used_at, key) - bytes AS before FROM oldest
    ), gone AS (
      DELETE FROM public.kept_answer k USING summed s
      WHERE k.organisation = s.organisation AND k.key = s.key AND s.before < too_much
      RETURNING k.bytes
    )
    SELECT count(*), coalesce(sum(bytes), 0) INTO went, freed FROM gone;
    EXIT WHEN went = 0;
    removed := removed + went;
    too_much := too_much - freed;
  END LOOP;
  RETURN removed;
END $$;

-- The serving role removes answers by that function alone.
REVOKE DELETE ON kept_answer FROM begrip_server;

CREATE INDEX model_call_old ON model_call (day);
CREATE INDEX model_call_under_way ON model_call (at) WHERE outcome = 'under_way';

-- Calls whose node went away are told as lost, and what was set aside for them stays spent: the model may
-- have answered. What is older than `keep_days` goes; the sums by day stay. Tells how many went.
CREATE FUNCTION tidy_calls(keep_days integer)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE removed bigint;
BEGIN
  UPDATE public.model_call SET outcome = 'lost'
  WHERE outcome = 'under_way' AND at < now() - interval '1 day';
  DELETE FROM public.model_call WHERE day < today() - keep_days;
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END $$;
REVOKE ALL ON FUNCTION tidy_calls(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tidy_calls(integer) TO begrip_server;
