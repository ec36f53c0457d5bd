-- Versions of the rules and files with experiments that workstations take over. The owner publishes; the
-- serving role hands out what is for the organisation that asks.
CREATE TABLE published (
  id            uuid     PRIMARY KEY,
  place         bigint   GENERATED ALWAYS AS IDENTITY,
  kind          text     NOT NULL CHECK (kind IN ('pack', 'flags')),
  version       text     NOT NULL,
  document      text     NOT NULL,
  signer        text     NOT NULL,
  organisations text[]   NOT NULL,
  percent       smallint NOT NULL CHECK (percent BETWEEN 0 AND 100),
  published_at  timestamptz NOT NULL DEFAULT now(),
  UNIQUE (kind, version)
);

-- Grows with each change of the table, so that a workstation need not ask for what it has.
ALTER TABLE server ADD COLUMN published bigint NOT NULL DEFAULT 0;

CREATE FUNCTION published_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF to_jsonb(NEW) - 'percent' IS DISTINCT FROM to_jsonb(OLD) - 'percent' THEN
    RAISE EXCEPTION 'what was published stays as it was';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER published_stays BEFORE UPDATE ON published
FOR EACH ROW EXECUTE FUNCTION published_stays();

ALTER TABLE published ENABLE ROW LEVEL SECURITY;
CREATE POLICY visible ON published FOR SELECT USING (
  own_organisation() IS NOT NULL AND (organisations = '{}' OR own_organisation() = ANY (organisations))
);
GRANT SELECT ON published TO begrip_server;
