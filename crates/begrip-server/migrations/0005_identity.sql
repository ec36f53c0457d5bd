-- Who signs in by OpenID Connect. What somebody may do stands in their account and in no token.

-- An e-mail address is an invitation: whoever first signs in with it, verified by the issuer, is this account.
ALTER TABLE account ADD COLUMN email text UNIQUE CHECK (email = lower(email) AND email LIKE '_%@_%');

-- An issuer's own number of a person, for good: an address that is given to somebody else later is nobody's.
CREATE TABLE identity (
  issuer    text NOT NULL CHECK (length(issuer) BETWEEN 1 AND 500),
  subject   text NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
  account   uuid NOT NULL REFERENCES account (id),
  linked_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (issuer, subject),
  UNIQUE (issuer, account)
);

CREATE TRIGGER identities_changed AFTER UPDATE OR DELETE ON identity
FOR EACH STATEMENT EXECUTE FUNCTION tokens_changed();

-- The one way from a person to their account: the serving role can list neither.
CREATE FUNCTION find_identity(wanted_issuer text, wanted_subject text)
RETURNS TABLE (account uuid, name text, organisation text, role text, disabled boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT a.id, a.name, a.organisation, a.role, a.disabled_at IS NOT NULL
  FROM public.identity i JOIN public.account a ON a.id = i.account
  WHERE i.issuer = wanted_issuer AND i.subject = wanted_subject
$$;
REVOKE ALL ON FUNCTION find_identity(text, text) FROM PUBLIC;

-- Takes an invitation up; once for each account and issuer, and never for an account that is closed.
CREATE FUNCTION link_identity(wanted_issuer text, wanted_subject text, verified_email text)
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  INSERT INTO public.identity (issuer, subject, account)
  SELECT wanted_issuer, wanted_subject, a.id FROM public.account a
  WHERE a.email = lower(verified_email) AND a.disabled_at IS NULL
  ON CONFLICT DO NOTHING
$$;
REVOKE ALL ON FUNCTION link_identity(text, text, text) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION find_identity(text, text), link_identity(text, text, text) TO begrip_server;
