-- The trail: what happened to every shared concept, each entry bound to all before it.

-- How long the trail is and where it ended, so that one that was cut off is noticed too.
ALTER TABLE server ADD COLUMN trail_count bigint NOT NULL DEFAULT 0,
  ADD COLUMN trail_hash bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex');

-- `body` is what goes over the wire, letter for letter; everything else follows from it. The hash is
-- SHA-256 of the hash before and the SHA-256 of the body.
CREATE TABLE trail (
  number       bigint  PRIMARY KEY,
  body         text    NOT NULL,
  hash         bytea   NOT NULL,
  concept      uuid    NOT NULL GENERATED ALWAYS AS ((body::jsonb ->> 'concept')::uuid) STORED,
  version      integer NOT NULL GENERATED ALWAYS AS ((body::jsonb ->> 'version')::integer) STORED,
  organisation text    NOT NULL GENERATED ALWAYS AS (body::jsonb ->> 'organisation') STORED,
  account      uuid    NOT NULL GENERATED ALWAYS AS ((body::jsonb ->> 'account')::uuid) STORED,
  act          text    NOT NULL GENERATED ALWAYS AS (body::jsonb ->> 'act') STORED,
  UNIQUE (concept, version)
);

CREATE TRIGGER trail_is_never_changed BEFORE UPDATE OR DELETE ON trail
FOR EACH ROW EXECUTE FUNCTION never();
CREATE TRIGGER trail_is_never_emptied BEFORE TRUNCATE ON trail
FOR EACH STATEMENT EXECUTE FUNCTION never();
CREATE TRIGGER revision_is_never_emptied BEFORE TRUNCATE ON revision
FOR EACH STATEMENT EXECUTE FUNCTION never();

-- A text that was proposed or established stays as it is until the review is over.
CREATE FUNCTION reviewed_text_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was jsonb := OLD.item::jsonb -> 'texts';
  is_now jsonb := NEW.item::jsonb -> 'texts';
BEGIN
  IF coalesce(was ->> 'status', 'in_preparation') NOT IN ('in_preparation', 'withdrawn')
     AND was - 'status' IS DISTINCT FROM is_now - 'status' THEN
    RAISE EXCEPTION 'a text that was proposed or established is not changed';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER reviewed_text_stays BEFORE UPDATE ON concept
FOR EACH ROW EXECUTE FUNCTION reviewed_text_stays();

ALTER TABLE trail ENABLE ROW LEVEL SECURITY;
CREATE POLICY visible ON trail FOR SELECT USING (
  EXISTS (SELECT 1 FROM concept c WHERE c.id = trail.concept)
);
CREATE POLICY made ON trail FOR INSERT WITH CHECK (organisation = own_organisation());

-- For the doctor: the links of the chain without any text, from a number on. `same` tells whether the
-- version that an entry is about still stands as it was written down.
CREATE FUNCTION trail_links(after bigint, most integer)
RETURNS TABLE (number bigint, body bytea, hash bytea, same boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT t.number, sha256(convert_to(t.body, 'UTF8')), t.hash,
    t.body::jsonb ->> 'item' IS NOT DISTINCT FROM encode(sha256(convert_to(r.item, 'UTF8')), 'hex')
    AND t.body::jsonb ->> 'number' = t.number::text
  FROM public.trail t
  LEFT JOIN public.revision r ON r.concept = t.concept AND r.version = t.version
  WHERE t.number > after ORDER BY t.number LIMIT most
$$;

-- Concepts that do not stand as their latest revision, or whose latest version the trail does not tell.
CREATE FUNCTION concepts_astray() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT count(*) FROM public.concept c
  LEFT JOIN public.revision r ON r.concept = c.id AND r.version = c.version
  WHERE r.item IS DISTINCT FROM c.item
    OR NOT EXISTS (SELECT FROM public.trail t WHERE t.concept = c.id AND t.version = c.version)
$$;
REVOKE ALL ON FUNCTION trail_links(bigint, integer), concepts_astray() FROM PUBLIC;

GRANT UPDATE (trail_count, trail_hash) ON server TO begrip_server;
GRANT SELECT, INSERT ON trail TO begrip_server;
GRANT EXECUTE ON FUNCTION trail_links(bigint, integer), concepts_astray() TO begrip_server;
