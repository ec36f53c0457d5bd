-- What organisations share. The owner of these tables migrates and administers; the role
-- begrip_server serves, and sees no more than one organisation may see, whatever it asks.

-- One row. Whoever changes a concept holds it locked until the commit: numbers are given in the order
-- in which changes become visible, so a reader that has come to a number has missed none below it.
CREATE TABLE server (
  one      boolean PRIMARY KEY DEFAULT true CHECK (one),
  epoch    uuid   NOT NULL DEFAULT gen_random_uuid(),
  sequence bigint NOT NULL DEFAULT 0
);
INSERT INTO server DEFAULT VALUES;

CREATE TABLE organisation (
  name       text PRIMARY KEY CHECK (name ~ '^[[:alnum:]][[:alnum:] ._-]{0,63}$'),
  title      text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE account (
  id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organisation text NOT NULL REFERENCES organisation (name),
  name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  role         text NOT NULL CHECK (role IN ('reader', 'author', 'reviewer', 'administrator')),
  created_at   timestamptz NOT NULL DEFAULT now(),
  disabled_at  timestamptz,
  UNIQUE (organisation, name)
);

CREATE TABLE token (
  id         uuid PRIMARY KEY,
  account    uuid NOT NULL REFERENCES account (id),
  hash       text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  revoked_at timestamptz
);

-- The latest version of each concept. `item` is what goes over the wire, letter for letter.
CREATE TABLE concept (
  id          uuid PRIMARY KEY,
  version     integer  NOT NULL CHECK (version > 0),
  sequence    bigint   NOT NULL UNIQUE,
  owner       text     NOT NULL REFERENCES organisation (name),
  sharing     text     NOT NULL CHECK (sharing IN ('organisation', 'named', 'chain')),
  shared_with text[]   NOT NULL,
  deleted     boolean  NOT NULL,
  range       smallint NOT NULL GENERATED ALWAYS AS (get_byte(uuid_send(id), 15) & 15) STORED,
  mark        bigint   NOT NULL,
  item        text     NOT NULL
);
CREATE INDEX concept_owner ON concept (owner, deleted);
CREATE INDEX concept_range ON concept (range);

-- Every version that ever stood, and who made it.
CREATE TABLE revision (
  concept      uuid    NOT NULL,
  version      integer NOT NULL,
  organisation text    NOT NULL REFERENCES organisation (name),
  account      uuid    NOT NULL REFERENCES account (id),
  at           timestamptz NOT NULL,
  deleted      boolean NOT NULL,
  reason       text    NOT NULL,
  item         text    NOT NULL,
  PRIMARY KEY (concept, version)
);
CREATE INDEX revision_deleted ON revision (organisation, at) WHERE deleted;

-- What was answered to each command, to answer it again.
CREATE TABLE command (
  organisation text  NOT NULL REFERENCES organisation (name),
  key          uuid  NOT NULL,
  digest       bytea NOT NULL,
  answer       text  NOT NULL,
  at           timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organisation, key)
);

CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is only added to', TG_TABLE_NAME; END $$;
CREATE TRIGGER revision_is_never_changed BEFORE UPDATE OR DELETE ON revision
FOR EACH ROW EXECUTE FUNCTION never();
CREATE TRIGGER command_is_never_changed BEFORE UPDATE OR DELETE ON command
FOR EACH ROW EXECUTE FUNCTION never();

-- For which organisation this transaction works; nothing is visible when nobody said.
CREATE FUNCTION own_organisation() RETURNS text LANGUAGE sql STABLE AS $$
SELECT nullif(current_setting('begrip.organisation', true), '') $$;

CREATE FUNCTION concept_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.id <> OLD.id OR NEW.owner <> OLD.owner OR NEW.version <> OLD.version + 1
     OR NEW.sequence <= OLD.sequence THEN
    RAISE EXCEPTION 'a concept only goes on from its latest version';
  END IF;
  IF OLD.owner IS DISTINCT FROM own_organisation()
     AND (NEW.deleted <> OLD.deleted OR NEW.sharing <> OLD.sharing
          OR NEW.shared_with <> OLD.shared_with) THEN
    RAISE EXCEPTION 'only its owner shares or withdraws a concept';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER concept_goes_on BEFORE UPDATE ON concept
FOR EACH ROW EXECUTE FUNCTION concept_goes_on();

ALTER TABLE concept ENABLE ROW LEVEL SECURITY;
ALTER TABLE revision ENABLE ROW LEVEL SECURITY;
ALTER TABLE command ENABLE ROW LEVEL SECURITY;

CREATE POLICY visible ON concept FOR SELECT USING (
  owner = own_organisation() OR sharing = 'chain'
  AND own_organisation() IS NOT NULL OR sharing = 'named' AND own_organisation() = ANY (shared_with)
);
CREATE POLICY made ON concept FOR INSERT WITH CHECK (owner = own_organisation());
CREATE POLICY changed ON concept FOR UPDATE USING (
  owner = own_organisation() OR sharing = 'chain'
  AND own_organisation() IS NOT NULL OR sharing = 'named' AND own_organisation() = ANY (shared_with)
);
CREATE POLICY visible ON revision FOR SELECT USING (
  EXISTS (SELECT 1 FROM concept c WHERE c.id = revision.concept)
);
CREATE POLICY made ON revision FOR INSERT WITH CHECK (organisation = own_organisation());
CREATE POLICY own ON command USING (organisation = own_organisation())
  WITH CHECK (organisation = own_organisation());

-- The one way from a token to who holds it: the serving role cannot list tokens or accounts.
CREATE FUNCTION find_token(wanted uuid)
RETURNS TABLE (hash text, account uuid, name text, organisation text, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT t.hash, a.id, a.name, a.organisation, a.role
  FROM public.token t JOIN public.account a ON a.id = t.account
  WHERE t.id = wanted AND t.revoked_at IS NULL AND a.disabled_at IS NULL
    AND (t.expires_at IS NULL OR t.expires_at > now())
$$;
REVOKE ALL ON FUNCTION find_token(uuid) FROM PUBLIC;

CREATE FUNCTION tokens_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_notify('begrip_tokens', ''); RETURN NULL; END $$;
CREATE TRIGGER tokens_changed AFTER UPDATE OR DELETE ON token
FOR EACH STATEMENT EXECUTE FUNCTION tokens_changed();
CREATE TRIGGER accounts_changed AFTER UPDATE OR DELETE ON account
FOR EACH STATEMENT EXECUTE FUNCTION tokens_changed();

GRANT SELECT, UPDATE (sequence) ON server TO begrip_server;
GRANT SELECT, INSERT, UPDATE ON concept TO begrip_server;
GRANT SELECT, INSERT ON revision, command TO begrip_server;
GRANT EXECUTE ON FUNCTION find_token(uuid) TO begrip_server;
