-- Walls that stand also before whoever has taken over the server's role, or the tables.

-- What runs as the owner finds the owner's tables, and never one that a session made for itself under the same name:
-- temporary tables are looked at first unless they are named, here as the last.
DO $$
DECLARE held regprocedure;
BEGIN
  FOR held IN
    SELECT p.oid FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef AND p.prokind = 'f'
      -- Those of others are theirs.
      AND p.proowner = (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user)
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, public, pg_temp', held);
  END LOOP;
END $$;

-- Concepts that do not stand as their latest revision, or whose latest version the trail does not tell; the columns by
-- which is decided who sees them are held against the text, which the trail is about.
CREATE OR REPLACE FUNCTION concepts_astray() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT count(*) FROM public.concept c
  CROSS JOIN LATERAL (SELECT c.item::jsonb AS said) i
  LEFT JOIN public.revision r ON r.concept = c.id AND r.version = c.version
  WHERE r.item IS DISTINCT FROM c.item
    OR (c.id::text, c.version::text, c.sequence::text, c.owner, c.deleted::text, c.sharing)
      IS DISTINCT FROM (i.said ->> 'id', i.said ->> 'version', i.said ->> 'sequence', i.said ->> 'owner',
        i.said ->> 'deleted', i.said -> 'sharing' ->> 'with')
    OR to_jsonb(c.shared_with) IS DISTINCT FROM coalesce(i.said -> 'sharing' -> 'organisations', '[]')
    OR (r.organisation, r.deleted::text) IS DISTINCT FROM (i.said ->> 'organisation', i.said ->> 'deleted')
    OR NOT EXISTS (SELECT FROM public.trail t WHERE t.concept = c.id AND t.version = c.version)
$$;
