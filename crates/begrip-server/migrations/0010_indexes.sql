-- Questions of every day that walked over tables which grow with use.

-- Tokens of an account, tokens that somebody made, and who is bound to an account.
CREATE INDEX token_account ON token (account);
CREATE INDEX token_made_by ON token (made_by) WHERE made_by IS NOT NULL;
CREATE INDEX identity_account ON identity (account);

-- The jobs of an organisation, the newest first: those that are shown, and no others.
CREATE INDEX job_of ON job (organisation, created_at DESC, id);

-- What all answers take is added up each minute: from the index alone, and not from a gigabyte of answers.
CREATE INDEX kept_answer_size ON kept_answer (used_at, key) INCLUDE (bytes);
DROP INDEX kept_answer_used;

-- As before; the account is found by its number and not by walking over all accounts.
CREATE OR REPLACE FUNCTION administers(changing boolean, OUT organisation text, OUT account uuid, OUT name text)
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
  WHERE a.id = CASE WHEN current_setting('begrip.account', true) ~ '^[0-9a-f-]{36}$'
      THEN current_setting('begrip.account', true)::uuid END
    AND a.organisation = own_organisation()
    AND a.role = 'administrator' AND a.disabled_at IS NULL;
  IF NOT FOUND THEN PERFORM refuse('not_administrator'); END IF;
END $$;
