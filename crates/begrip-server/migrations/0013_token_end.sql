-- Nobody is remembered as the holder of a token beyond its end: with who holds it is told for how many more seconds, and
-- nothing of one that has no end.
DROP FUNCTION find_token(uuid);
CREATE FUNCTION find_token(wanted uuid)
RETURNS TABLE (hash text, account uuid, name text, organisation text, role text, ends_in double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT t.hash, a.id, a.name, a.organisation, a.role,
    extract(epoch FROM t.expires_at - clock_timestamp())::double precision
  FROM public.token t JOIN public.account a ON a.id = t.account
  WHERE t.id = wanted AND t.revoked_at IS NULL AND a.disabled_at IS NULL
    AND (t.expires_at IS NULL OR t.expires_at > now())
$$;
REVOKE ALL ON FUNCTION find_token(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_token(uuid) TO begrip_server;
