-- role: owner

-- name: check_unclassified
-- R2: every table says in its comment which class it is.
SELECT c.relname || ': no class in its comment' AS problem
  FROM pg_class c
 WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r'
   AND coalesce(obj_description(c.oid, 'pg_class'), '') !~ '^(reference|by patient_id|by organisation_id|by own key|local):'
 ORDER BY 1;

-- name: check_keys
-- R3: primary keys and unique indexes of a distributed table hold its key.
SELECT c.relname || ': index ' || i.indexrelid::regclass::text || ' does not hold ' || k.key AS problem
  FROM pg_class c
  CROSS JOIN LATERAL (SELECT substring(obj_description(c.oid, 'pg_class') FROM '^by ([a-z_]+_id):') AS key) k
  JOIN pg_index i ON i.indrelid = c.oid AND i.indisunique
 WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r' AND k.key IS NOT NULL
   AND NOT EXISTS (SELECT FROM pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attname = k.key AND a.attnum = ANY (i.indkey))
 ORDER BY 1;

-- name: check_key_columns
-- R2: the key is bigint or uuid and NOT NULL; every table has a primary key.
SELECT c.relname || ': key is not a NOT NULL bigint or uuid, or there is no primary key' AS problem
  FROM pg_class c
  CROSS JOIN LATERAL (SELECT substring(obj_description(c.oid, 'pg_class') FROM '^by ([a-z_]+_id):') AS key) k
 WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r'
   AND (NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
        OR (k.key IS NOT NULL AND NOT EXISTS (
            SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = k.key AND a.attnotnull
               AND a.atttypid IN ('bigint'::regtype, 'uuid'::regtype))))
 ORDER BY 1;

-- name: check_foreign_keys
-- R4: only to a reference table, or within a patient with patient_id in it.
SELECT f.conrelid::regclass::text || ': foreign key ' || f.conname || ' crosses keys' AS problem
  FROM pg_constraint f
 WHERE f.contype = 'f' AND f.connamespace = 'app'::regnamespace
   AND obj_description(f.confrelid, 'pg_class') !~ '^reference:'
   AND NOT (obj_description(f.conrelid, 'pg_class') ~ '^by patient_id:'
            AND obj_description(f.confrelid, 'pg_class') ~ '^by patient_id:'
            AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = f.conrelid AND a.attname = 'patient_id'
                           AND a.attnum = ANY (f.conkey)))
 ORDER BY 1;

-- name: check_forbidden_objects
-- R9, R10, R16: no triggers of ours, no rules, no inheritance, no serial columns narrower than bigint.
SELECT 'trigger ' || t.tgname || ' on ' || t.tgrelid::regclass::text AS problem
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE NOT t.tgisinternal AND c.relnamespace = 'app'::regnamespace
UNION ALL SELECT 'rule ' || r.rulename || ' on ' || r.ev_class::regclass::text
  FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
 WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r'
UNION ALL SELECT 'inheritance of ' || i.inhrelid::regclass::text
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE c.relnamespace = 'app'::regnamespace
UNION ALL SELECT 'narrow identity ' || a.attname || ' of ' || a.attrelid::regclass::text
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
 WHERE c.relnamespace = 'app'::regnamespace AND a.attidentity <> '' AND a.atttypid <> 'bigint'::regtype
 ORDER BY 1;

-- name: check_walls
-- Wall two: every table of patients and of lists made from them has row-level security, enabled and forced, and no
-- role that runs the product owns or bypasses anything.
SELECT c.relname || ': row-level security is not enabled and forced' AS problem
  FROM pg_class c
 WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r'
   AND (obj_description(c.oid, 'pg_class') ~ '^by (patient_id|organisation_id):'
        OR c.relname IN ('audit', 'draft', 'receipt'))
   AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
UNION ALL SELECT 'role ' || r.rolname || ' may do too much'
  FROM pg_roles r
 WHERE r.rolname IN ('hersys_staff', 'hersys_door', 'hersys_public', 'hersys_jobs')
   AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb
        OR EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid)
        OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid))
UNION ALL SELECT p.proname || ': callable by everybody'
  FROM pg_proc p
 WHERE p.pronamespace = 'app'::regnamespace AND has_function_privilege('public', p.oid, 'EXECUTE')
UNION ALL SELECT p.proname || ': SECURITY DEFINER without a fixed search_path'
  FROM pg_proc p
 WHERE p.pronamespace = 'app'::regnamespace AND p.prosecdef
   AND NOT coalesce(p.proconfig::text, '') LIKE '%search_path=%'
 ORDER BY 1;

-- name: check_columns
-- The columns of the tables that hold items, for the comparison with the dictionary.
SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relnamespace = 'app'::regnamespace AND c.relname IN ('patient', 'notification', 'notification_person', 'test_record')
 ORDER BY 1, a.attnum;
