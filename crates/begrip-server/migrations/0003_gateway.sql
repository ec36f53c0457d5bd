-- The gateway: answers that are kept for all nodes, what was spent, and what may be spent.

-- What a model answered, for whoever asks the same within one organisation. Text from a case is never
-- here: the table itself refuses it.
CREATE TABLE kept_answer (
  organisation   text  NOT NULL REFERENCES organisation (name),
  key            bytea NOT NULL CHECK (length(key) = 32),
  data_class     text  NOT NULL CHECK (data_class = 'general'),
  model          text  NOT NULL,
  prompt_version text  NOT NULL,
  pack_version   text  NOT NULL,
  answered_at    timestamptz NOT NULL,
  used_at        timestamptz NOT NULL DEFAULT now(),
  body           bytea NOT NULL,
  PRIMARY KEY (organisation, key)
);
CREATE INDEX kept_answer_used ON kept_answer (used_at);

-- What an organisation may spend; nothing there is no bound. Money is in millionths of a euro.
CREATE TABLE budget (
  organisation text PRIMARY KEY REFERENCES organisation (name),
  day_tokens   bigint CHECK (day_tokens >= 0),
  month_tokens bigint CHECK (month_tokens >= 0),
  day_micros   bigint CHECK (day_micros >= 0),
  month_micros bigint CHECK (month_micros >= 0)
);

-- What was spent on a day, with what is set aside for calls under way.
CREATE TABLE spending (
  organisation text   NOT NULL REFERENCES organisation (name),
  day          date   NOT NULL,
  calls        bigint NOT NULL,
  tokens       bigint NOT NULL,
  micros       bigint NOT NULL,
  PRIMARY KEY (organisation, day)
);

-- Each call, written down before it leaves with the most that it may take.
CREATE TABLE model_call (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organisation  text NOT NULL REFERENCES organisation (name),
  account       uuid,
  at            timestamptz NOT NULL DEFAULT now(),
  day           date    NOT NULL,
  upstream      text    NOT NULL,
  model         text    NOT NULL,
  request_id    text    NOT NULL,
  tokens_in     integer NOT NULL,
  tokens_out    integer NOT NULL,
  tokens_cached integer NOT NULL DEFAULT 0,
  micros        bigint  NOT NULL,
  latency_ms    integer,
  outcome       text    NOT NULL DEFAULT 'under_way'
);
CREATE INDEX model_call_day ON model_call (organisation, day);

-- Questions by what became of them, with what was saved by not calling.
CREATE TABLE question_count (
  organisation text   NOT NULL REFERENCES organisation (name),
  day          date   NOT NULL,
  model        text   NOT NULL,
  fate         text   NOT NULL,
  questions    bigint NOT NULL,
  tokens_saved bigint NOT NULL,
  micros_saved bigint NOT NULL,
  PRIMARY KEY (organisation, day, model, fate)
);

ALTER TABLE kept_answer ENABLE ROW LEVEL SECURITY;
ALTER TABLE budget ENABLE ROW LEVEL SECURITY;
ALTER TABLE spending ENABLE ROW LEVEL SECURITY;
ALTER TABLE model_call ENABLE ROW LEVEL SECURITY;
ALTER TABLE question_count ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON kept_answer USING (organisation = own_organisation())
  WITH CHECK (organisation = own_organisation());
CREATE POLICY own ON budget USING (organisation = own_organisation());
CREATE POLICY own ON spending USING (organisation = own_organisation())
  WITH CHECK (organisation = own_organisation());
CREATE POLICY own ON model_call USING (organisation = own_organisation())
  WITH CHECK (organisation = own_organisation());
CREATE POLICY own ON question_count USING (organisation = own_organisation())
  WITH CHECK (organisation = own_organisation());

CREATE FUNCTION today() RETURNS date LANGUAGE sql STABLE AS $$
SELECT (now() AT TIME ZONE 'Europe/Amsterdam')::date $$;

-- These say for whom they work, so that each is one question to the database.

CREATE FUNCTION find_answer(wanted_by text, wanted bytea, fresh_seconds double precision)
RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE found bytea;
BEGIN
  PERFORM set_config('begrip.organisation', wanted_by, true);
  UPDATE kept_answer SET used_at = now()
  WHERE organisation = wanted_by AND key = wanted
    AND answered_at > now() - make_interval(secs => fresh_seconds)
  RETURNING body INTO found;
  RETURN found;
END $$;

CREATE FUNCTION keep_answer(made_for text, made_key bytea, class text, asked text, prompt text,
  pack text, made_at timestamptz, made bytea)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('begrip.organisation', made_for, true);
  INSERT INTO kept_answer (organisation, key, data_class, model, prompt_version, pack_version,
    answered_at, body)
  VALUES (made_for, made_key, class, asked, prompt, pack, made_at, made)
  ON CONFLICT (organisation, key) DO UPDATE
  SET body = excluded.body, answered_at = excluded.answered_at, used_at = now();
END $$;

-- Sets aside what a call may take: its number, or -1 when the day has no room and -2 when the month
-- has none. Who works for one organisation waits for each other here, on any number of nodes.
CREATE FUNCTION reserve_call(spent_by text, by_account uuid, at_upstream text, asked text, named text,
  most_in integer, most_out integer, most_micros bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  bounds budget%ROWTYPE;
  so_far record;
  most bigint := most_in::bigint + most_out;
  number bigint;
BEGIN
  PERFORM set_config('begrip.organisation', spent_by, true);
  SELECT * INTO bounds FROM budget WHERE organisation = spent_by;
  IF FOUND THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('begrip budget ' || spent_by, 0));
    SELECT coalesce(sum(tokens) FILTER (WHERE day = today()), 0) AS day_tokens,
      coalesce(sum(tokens), 0) AS month_tokens,
      coalesce(sum(micros) FILTER (WHERE day = today()), 0) AS day_micros,
      coalesce(sum(micros), 0) AS month_micros
    INTO so_far FROM spending
    WHERE organisation = spent_by AND day >= date_trunc('month', today())::date;
    IF so_far.day_tokens + most > bounds.day_tokens
      OR so_far.day_micros + most_micros > bounds.day_micros THEN
      RETURN -1;
    END IF;
    IF so_far.month_tokens + most > bounds.month_tokens
      OR so_far.month_micros + most_micros > bounds.month_micros THEN
      RETURN -2;
    END IF;
  END IF;
  INSERT INTO spending (organisation, day, calls, tokens, micros)
  VALUES (spent_by, today(), 1, most, most_micros)
  ON CONFLICT (organisation, day) DO UPDATE
  SET calls = spending.calls + 1, tokens = spending.tokens + excluded.tokens,
    micros = spending.micros + excluded.micros;
  INSERT INTO model_call (organisation, account, day, upstream, model, request_id, tokens_in,
    tokens_out, micros)
  VALUES (spent_by, by_account, today(), at_upstream, asked, named, most_in, most_out, most_micros)
  RETURNING id INTO number;
  RETURN number;
END $$;

-- Writes down what a call took, and gives back the rest of what was set aside.
CREATE FUNCTION settle_call(spent_by text, number bigint, took_in integer, took_out integer,
  took_cached integer, took_micros bigint, took_ms integer, ended text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE was model_call%ROWTYPE;
BEGIN
  PERFORM set_config('begrip.organisation', spent_by, true);
  SELECT * INTO was FROM model_call
  WHERE id = number AND organisation = spent_by AND outcome = 'under_way' FOR UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  UPDATE model_call SET tokens_in = took_in, tokens_out = took_out, tokens_cached = took_cached,
    micros = took_micros, latency_ms = took_ms, outcome = ended WHERE id = number;
  UPDATE spending
  SET tokens = tokens - was.tokens_in - was.tokens_out + took_in + took_out,
    micros = micros - was.micros + took_micros
  WHERE organisation = spent_by AND day = was.day;
END $$;

CREATE FUNCTION count_questions(asked_by text, asked text, became text, many bigint, tokens bigint,
  micros bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('begrip.organisation', asked_by, true);
  INSERT INTO question_count VALUES (asked_by, today(), asked, became, many, tokens, micros)
  ON CONFLICT (organisation, day, model, fate) DO UPDATE
  SET questions = question_count.questions + excluded.questions,
    tokens_saved = question_count.tokens_saved + excluded.tokens_saved,
    micros_saved = question_count.micros_saved + excluded.micros_saved;
END $$;

-- Removes what is too old, and then what was used longest ago until the rest fits. Works for all
-- organisations and tells how many went; it shows none of them.
CREATE FUNCTION sweep_answers(fresh_seconds double precision, most_bytes bigint)
RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH sized AS (
    SELECT organisation, key, answered_at,
      sum(length(body) + 300) OVER (ORDER BY used_at DESC, key) AS bytes
    FROM public.kept_answer
  ), gone AS (
    DELETE FROM public.kept_answer k USING sized s
    WHERE k.organisation = s.organisation AND k.key = s.key
      AND (s.bytes > most_bytes OR s.answered_at <= now() - make_interval(secs => fresh_seconds))
    RETURNING 1
  )
  SELECT count(*) FROM gone
$$;
REVOKE ALL ON FUNCTION sweep_answers(double precision, bigint) FROM PUBLIC;

GRANT SELECT, INSERT, UPDATE, DELETE ON kept_answer TO begrip_server;
GRANT SELECT ON budget TO begrip_server;
GRANT SELECT, INSERT, UPDATE ON spending, model_call, question_count TO begrip_server;
GRANT EXECUTE ON FUNCTION sweep_answers(double precision, bigint) TO begrip_server;
