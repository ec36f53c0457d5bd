-- An administrator names the bounds to change, and no others are written: what a colleague set in between stays.

-- What the organisation allows itself, by the names of the columns; never more than the operator allows. A bound that is
-- not named is not looked at either: the operator may have allowed less since it was set.
CREATE FUNCTION change_own_bounds(changed jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  me record;
  stands budget%ROWTYPE;
  wanted budget%ROWTYPE;
BEGIN
  SELECT * INTO me FROM administers(true);
  INSERT INTO budget (organisation) VALUES (me.organisation) ON CONFLICT (organisation) DO NOTHING;
  SELECT * INTO stands FROM budget b WHERE b.organisation = me.organisation FOR UPDATE;
  -- What is not named is as it stands.
  SELECT * INTO wanted FROM jsonb_populate_record(stands, changed);
  IF changed ? 'own_day_tokens' AND wanted.own_day_tokens > stands.day_tokens
    OR changed ? 'own_month_tokens' AND wanted.own_month_tokens > stands.month_tokens
    OR changed ? 'own_day_micros' AND wanted.own_day_micros > stands.day_micros
    OR changed ? 'own_month_micros' AND wanted.own_month_micros > stands.month_micros THEN
    PERFORM refuse('above_budget');
  END IF;
  -- The operator's own bounds are never taken from what is asked.
  UPDATE budget SET own_day_tokens = wanted.own_day_tokens, own_month_tokens = wanted.own_month_tokens,
    own_day_micros = wanted.own_day_micros, own_month_micros = wanted.own_month_micros
  WHERE organisation = me.organisation;
  PERFORM note_bounds('own_bound',
    ARRAY[stands.own_day_tokens, stands.own_month_tokens, stands.own_day_micros, stands.own_month_micros],
    ARRAY[wanted.own_day_tokens, wanted.own_month_tokens, wanted.own_day_micros, wanted.own_month_micros]);
END $$;

-- As before, by the one above. Servers of the version before ask it until they are restarted.
CREATE OR REPLACE FUNCTION set_own_bounds(day_tokens bigint, month_tokens bigint, day_micros bigint, month_micros bigint)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT change_own_bounds(jsonb_build_object('own_day_tokens', $1, 'own_month_tokens', $2,
    'own_day_micros', $3, 'own_month_micros', $4))
$$;

REVOKE ALL ON FUNCTION change_own_bounds(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION change_own_bounds(jsonb) TO begrip_server;
