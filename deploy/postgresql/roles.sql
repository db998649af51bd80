SET client_min_messages = warning;
-- Roles of the cluster, made once by its superuser before the first `hersys migrate`. Repeatable.
-- None of the roles that run the product owns anything; hersys_owner only migrates (design.md 1).
DO $$
DECLARE
    r text;
BEGIN
    FOREACH r IN ARRAY ARRAY['owner', 'staff', 'door', 'public', 'jobs'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hersys_' || r) THEN
            EXECUTE format('CREATE ROLE hersys_%s LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', r);
        END IF;
    END LOOP;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hersys_guard') THEN
        CREATE ROLE hersys_guard NOLOGIN BYPASSRLS;
    END IF;
END
$$;
GRANT hersys_guard TO hersys_owner;

-- A forgotten statement must not hold locks for ever; a person waits at most this long.
ALTER ROLE hersys_staff SET statement_timeout = '20s';
ALTER ROLE hersys_door SET statement_timeout = '10s';
ALTER ROLE hersys_public SET statement_timeout = '5s';
ALTER ROLE hersys_staff SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE hersys_door SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE hersys_public SET idle_in_transaction_session_timeout = '10s';
