-- Administration by administrators, each of the own organisation. The serving role still sees no account and
-- no token: it calls functions that look for themselves who acts (begrip.account, begrip.organisation).

-- Once an account is somebody's who signs in, it stays a person's: nobody else acts in that name by a token.
ALTER TABLE account ADD COLUMN person boolean NOT NULL DEFAULT false;
UPDATE account SET person = true
WHERE email IS NOT NULL OR EXISTS (SELECT 1 FROM identity i WHERE i.account = account.id);

CREATE FUNCTION account_is_invited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.person := NEW.person OR NEW.email IS NOT NULL;
  RETURN NEW;
END $$;
CREATE TRIGGER account_is_invited BEFORE INSERT OR UPDATE ON account
FOR EACH ROW EXECUTE FUNCTION account_is_invited();

CREATE FUNCTION account_is_linked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE public.account SET person = true WHERE id = NEW.account;
  RETURN NULL;
END $$;
CREATE TRIGGER account_is_linked AFTER INSERT ON identity
FOR EACH ROW EXECUTE FUNCTION account_is_linked();

-- Which administrator made it; nothing for the operator.
ALTER TABLE token ADD COLUMN made_by uuid REFERENCES account (id);

-- What an organisation allows itself, beside what the operator allows; of both the lower one holds.
ALTER TABLE budget
  ADD COLUMN own_day_tokens   bigint CHECK (own_day_tokens >= 0),
  ADD COLUMN own_month_tokens bigint CHECK (own_month_tokens >= 0),
  ADD COLUMN own_day_micros   bigint CHECK (own_day_micros >= 0),
  ADD COLUMN own_month_micros bigint CHECK (own_month_micros >= 0);

-- Every act of administration: who, what, when. `account` is nothing for the operator.
CREATE TABLE administration_log (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  organisation text NOT NULL REFERENCES organisation (name),
  at           timestamptz NOT NULL DEFAULT now(),
  account      uuid REFERENCES account (id),
  name         text NOT NULL,
  act          text NOT NULL,
  about        text NOT NULL,
  was          text,
  became       text
);
CREATE INDEX administration_log_own ON administration_log (organisation, id);
CREATE TRIGGER administration_log_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON administration_log
FOR EACH STATEMENT EXECUTE FUNCTION never();

CREATE VIEW users AS
SELECT a.id, a.organisation, a.name, a.role, a.email,
  EXISTS (SELECT 1 FROM identity i WHERE i.account = a.id) AS signs_in, a.person,
  (SELECT count(*) FROM token t WHERE t.account = a.id AND t.revoked_at IS NULL
   AND (t.expires_at IS NULL OR t.expires_at > now())) AS tokens,
  a.disabled_at IS NOT NULL AS closed, a.created_at
FROM account a;

CREATE VIEW tokens AS
SELECT t.id, a.organisation, a.name, coalesce(m.name, '') AS by_name, t.created_at, t.expires_at,
  t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now()) AND a.disabled_at IS NULL AS holds,
  t.revoked_at IS NOT NULL AS revoked
FROM token t JOIN account a ON a.id = t.account LEFT JOIN account m ON m.id = t.made_by;

-- The reason is a name that the server knows.
CREATE FUNCTION refuse(why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', why USING ERRCODE = 'BG001'; END $$;

-- Who acts, and for which organisation: its administrator, or the operator, who works as the owner. Who changes
-- something waits for whoever is changing something there, and only then is looked at: of two administrators
-- who close each other one is first, and the other is none any more.
CREATE FUNCTION administers(changing boolean, OUT organisation text, OUT account uuid, OUT name text)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  organisation := own_organisation();
  IF changing THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('begrip administration ' || organisation, 0));
  END IF;
  IF pg_has_role(session_user, (SELECT relowner FROM pg_class WHERE oid = 'public.account'::regclass), 'MEMBER') THEN
    name := '';
    RETURN;
  END IF;
  SELECT a.id, a.name INTO account, name FROM public.account a
  WHERE a.id::text = current_setting('begrip.account', true) AND a.organisation = own_organisation()
    AND a.role = 'administrator' AND a.disabled_at IS NULL;
  IF NOT FOUND THEN PERFORM refuse('not_administrator'); END IF;
END $$;

CREATE FUNCTION note_administration(act text, about text, was text, became text)
RETURNS void LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
  INSERT INTO administration_log (organisation, account, name, act, about, was, became)
  SELECT organisation, account, name, $1, $2, $3, $4 FROM administers(false)
$$;

CREATE FUNCTION list_organisations() RETURNS TABLE (name text, title text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM administers(false);
  RETURN QUERY SELECT o.name, o.title FROM organisation o ORDER BY o.name;
END $$;

CREATE FUNCTION list_users() RETURNS SETOF users
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM administers(false);
  RETURN QUERY SELECT * FROM users u WHERE u.organisation = own_organisation() ORDER BY u.name;
END $$;

CREATE FUNCTION list_tokens() RETURNS SETOF tokens
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM administers(false);
  RETURN QUERY SELECT * FROM tokens t WHERE t.organisation = own_organisation()
  ORDER BY t.holds DESC, t.name, t.created_at;
END $$;

-- What each user spent today and this month.
CREATE FUNCTION spent_by_user()
RETURNS TABLE (name text, day_calls bigint, day_tokens bigint, day_micros bigint,
  month_calls bigint, month_tokens bigint, month_micros bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM administers(false);
  RETURN QUERY
  SELECT coalesce(a.name, ''),
    count(*) FILTER (WHERE c.day = today()),
    coalesce(sum(c.tokens_in::bigint + c.tokens_out) FILTER (WHERE c.day = today()), 0)::bigint,
    coalesce(sum(c.micros) FILTER (WHERE c.day = today()), 0)::bigint,
    count(*), sum(c.tokens_in::bigint + c.tokens_out)::bigint, sum(c.micros)::bigint
  FROM model_call c LEFT JOIN account a ON a.id = c.account
  WHERE c.organisation = own_organisation() AND c.day >= date_trunc('month', today())::date
  GROUP BY c.account, a.name ORDER BY 6 DESC, 1;
END $$;

CREATE FUNCTION list_administration(before bigint, most integer) RETURNS SETOF administration_log
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM administers(false);
  RETURN QUERY SELECT * FROM administration_log l
  WHERE l.organisation = own_organisation() AND l.id < before ORDER BY l.id DESC LIMIT most;
END $$;

-- Whether an administrator made a token of an account that holds, now or when the account is opened again.
CREATE FUNCTION has_given_token(wanted uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM token WHERE account = wanted AND made_by IS NOT NULL AND revoked_at IS NULL
    AND (expires_at IS NULL OR expires_at > now()))
$$;

CREATE FUNCTION add_user(new_name text, new_role text, new_email text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  me record;
  made uuid;
  stands text;
BEGIN
  SELECT * INTO me FROM administers(true);
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

-- A user of the organisation that is worked for, held until the end of the act.
CREATE FUNCTION own_user(wanted uuid) RETURNS account
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE held account%ROWTYPE;
BEGIN
  SELECT * INTO held FROM account a WHERE a.id = wanted AND a.organisation = own_organisation() FOR UPDATE;
  IF NOT FOUND THEN PERFORM refuse('no_user'); END IF;
  RETURN held;
END $$;

-- Changes what is not null.
CREATE FUNCTION change_user(wanted uuid, new_role text, new_closed boolean, new_email text) RETURNS void
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

-- Nobody signs in as this user any more, and the invitation is forgotten.
CREATE FUNCTION unlink_user(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  me record;
  was account%ROWTYPE;
BEGIN
  SELECT * INTO me FROM administers(true);
  was := own_user(wanted);
  IF me.account = wanted THEN PERFORM refuse('oneself'); END IF;
  DELETE FROM identity i WHERE i.account = wanted;
  UPDATE account SET email = NULL WHERE id = wanted;
  PERFORM note_administration('unlinked', was.name, was.email, NULL);
END $$;

-- An administrator makes tokens for machines that read and write: one of a person would let the administrator
-- act in another's name, and one that decides would pass by the four eyes of a review.
CREATE FUNCTION add_token(new_id uuid, wanted uuid, new_hash text, days integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  me record;
  holder account%ROWTYPE;
BEGIN
  SELECT * INTO me FROM administers(true);
  holder := own_user(wanted);
  IF me.account IS NOT NULL THEN
    IF holder.person THEN PERFORM refuse('person'); END IF;
    IF holder.role IN ('reviewer', 'administrator') THEN PERFORM refuse('decides'); END IF;
    IF holder.disabled_at IS NOT NULL THEN PERFORM refuse('closed'); END IF;
  END IF;
  INSERT INTO token (id, account, hash, expires_at, made_by)
  VALUES (new_id, wanted, new_hash, now() + make_interval(days => add_token.days), me.account);
  PERFORM note_administration('token_made', holder.name, NULL, new_id::text);
END $$;

-- The accounts in whose name somebody may have acted: their own, and those of which they made a token. Who made a
-- text with such a token had a hand in it.
CREATE FUNCTION acted_as(who uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT who UNION SELECT account FROM token WHERE made_by = who
$$;

-- As before, and with the account held: who unlinks it at the same moment is first or sees this.
CREATE OR REPLACE FUNCTION link_identity(wanted_issuer text, wanted_subject text, verified_email text)
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  INSERT INTO identity (issuer, subject, account)
  SELECT wanted_issuer, wanted_subject, a.id FROM account a
  WHERE a.email = lower(verified_email) AND a.disabled_at IS NULL
  FOR UPDATE OF a
  ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION revoke_token(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  me record;
  held record;
BEGIN
  SELECT * INTO me FROM administers(true);
  SELECT a.name, t.revoked_at INTO held FROM token t JOIN account a ON a.id = t.account
  WHERE t.id = wanted AND a.organisation = me.organisation FOR UPDATE OF t;
  IF NOT FOUND THEN PERFORM refuse('no_token'); END IF;
  IF held.revoked_at IS NULL THEN
    UPDATE token SET revoked_at = now() WHERE id = wanted;
    PERFORM note_administration('token_revoked', held.name, wanted::text, NULL);
  END IF;
END $$;

-- One line in the log for each bound that changed.
CREATE FUNCTION note_bounds(act text, was bigint[], became bigint[]) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT note_administration($1, bound, trim_scale($2[place] / per)::text, trim_scale($3[place] / per)::text)
  FROM (VALUES (1, 'day_tokens', 1.0), (2, 'month_tokens', 1.0), (3, 'day_euro', 1000000.0), (4, 'month_euro', 1000000.0))
    AS bounds (place, bound, per)
  WHERE $2[place] IS DISTINCT FROM $3[place] ORDER BY place
$$;

-- What the organisation allows itself: never more than the operator allows.
CREATE FUNCTION set_own_bounds(day_tokens bigint, month_tokens bigint, day_micros bigint, month_micros bigint)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  me record;
  stands budget%ROWTYPE;
BEGIN
  SELECT * INTO me FROM administers(true);
  INSERT INTO budget (organisation) VALUES (me.organisation) ON CONFLICT (organisation) DO NOTHING;
  SELECT * INTO stands FROM budget b WHERE b.organisation = me.organisation FOR UPDATE;
  IF $1 > stands.day_tokens OR $2 > stands.month_tokens OR $3 > stands.day_micros OR $4 > stands.month_micros THEN
    PERFORM refuse('above_budget');
  END IF;
  UPDATE budget SET own_day_tokens = $1, own_month_tokens = $2, own_day_micros = $3, own_month_micros = $4
  WHERE organisation = me.organisation;
  PERFORM note_bounds('own_bound',
    ARRAY[stands.own_day_tokens, stands.own_month_tokens, stands.own_day_micros, stands.own_month_micros],
    ARRAY[$1, $2, $3, $4]);
END $$;

-- What the operator allows.
CREATE FUNCTION set_budget(day_tokens bigint, month_tokens bigint, day_micros bigint, month_micros bigint)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  me record;
  stands budget%ROWTYPE;
BEGIN
  SELECT * INTO me FROM administers(true);
  INSERT INTO budget (organisation) VALUES (me.organisation) ON CONFLICT (organisation) DO NOTHING;
  SELECT * INTO stands FROM budget b WHERE b.organisation = me.organisation FOR UPDATE;
  UPDATE budget SET day_tokens = $1, month_tokens = $2, day_micros = $3, month_micros = $4
  WHERE organisation = me.organisation;
  PERFORM note_bounds('budget',
    ARRAY[stands.day_tokens, stands.month_tokens, stands.day_micros, stands.month_micros],
    ARRAY[$1, $2, $3, $4]);
END $$;

-- As before, with the lower of what the operator and the organisation allow.
CREATE OR REPLACE FUNCTION reserve_call(spent_by text, by_account uuid, at_upstream text, asked text, named text,
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
    -- The least of a bound and nothing is the bound.
    IF so_far.day_tokens + most > least(bounds.day_tokens, bounds.own_day_tokens)
      OR so_far.day_micros + most_micros > least(bounds.day_micros, bounds.own_day_micros) THEN
      RETURN -1;
    END IF;
    IF so_far.month_tokens + most > least(bounds.month_tokens, bounds.own_month_tokens)
      OR so_far.month_micros + most_micros > least(bounds.month_micros, bounds.own_month_micros) THEN
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

REVOKE ALL ON FUNCTION refuse(text), administers(boolean), note_administration(text, text, text, text),
  acted_as(uuid), own_user(uuid), has_given_token(uuid), note_bounds(text, bigint[], bigint[]), set_budget(bigint, bigint, bigint, bigint),
  list_organisations(), list_users(), list_tokens(), spent_by_user(), list_administration(bigint, integer),
  add_user(text, text, text), change_user(uuid, text, boolean, text), unlink_user(uuid),
  add_token(uuid, uuid, text, integer), revoke_token(uuid), set_own_bounds(bigint, bigint, bigint, bigint)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  acted_as(uuid), list_organisations(), list_users(), list_tokens(), spent_by_user(), list_administration(bigint, integer),
  add_user(text, text, text), change_user(uuid, text, boolean, text), unlink_user(uuid),
  add_token(uuid, uuid, text, integer), revoke_token(uuid), set_own_bounds(bigint, bigint, bigint, bigint)
TO begrip_server;
