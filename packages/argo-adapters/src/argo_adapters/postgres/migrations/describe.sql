-- Everything about the log's schemas that matters, a line each, the same on every version.
WITH named AS (
    SELECT oid, nspname, nspowner, nspacl FROM pg_catalog.pg_namespace
    WHERE nspname IN ('record', 'reading')
), boss AS (
    SELECT nspowner AS oid FROM named WHERE nspname = 'record'
), who AS (
    SELECT r.oid, CASE
        WHEN r.oid = (SELECT oid FROM boss) THEN 'owner'
        WHEN r.rolname = current_user THEN 'app'
        ELSE pg_catalog.quote_ident(r.rolname)
    END AS name FROM pg_catalog.pg_roles r
    UNION ALL SELECT 0, 'public'
), ours AS (
    SELECT c.*, n.nspname, n.nspname || '.' || c.relname AS name
    FROM pg_catalog.pg_class c JOIN named n ON n.oid = c.relnamespace
), rights AS (
    SELECT 'schema ' || nspname AS name, (pg_catalog.aclexplode(nspacl)).* FROM named
    UNION ALL
    SELECT 'relation ' || name, (pg_catalog.aclexplode(relacl)).* FROM ours
    UNION ALL
    SELECT 'column ' || ours.name || '.' || a.attname, (pg_catalog.aclexplode(a.attacl)).*
    FROM pg_catalog.pg_attribute a JOIN ours ON ours.oid = a.attrelid
    UNION ALL
    SELECT 'function ' || n.nspname || '.' || p.proname,
        (pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner)))).*
    FROM pg_catalog.pg_proc p JOIN named n ON n.oid = p.pronamespace
)
SELECT pg_catalog.format('schema %s of %s', nspname, who.name)
FROM named JOIN who ON who.oid = nspowner
UNION ALL
SELECT pg_catalog.format(
    'relation %s %s%s of %s%s%s', ours.name, relkind, relpersistence, who.name,
    CASE WHEN relrowsecurity OR relforcerowsecurity THEN ' secured by row' ELSE '' END,
    CASE WHEN relhasrules THEN ' with rules' ELSE '' END)
FROM ours JOIN who ON who.oid = relowner
UNION ALL
SELECT pg_catalog.format(
    'column %s.%s %s %s%s%s %s%s%s%s', ours.name, a.attnum, a.attname,
    pg_catalog.format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attnotnull THEN ' not null' ELSE '' END,
    CASE WHEN a.attcollation <> 0 THEN ' ' || coalesce(l.collname, '?') ELSE '' END,
    a.attstorage, a.attidentity, a.attgenerated,
    coalesce(' default ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid), ''))
FROM pg_catalog.pg_attribute a JOIN ours ON ours.oid = a.attrelid
LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND ours.relkind <> 'i'
UNION ALL
SELECT pg_catalog.format(
    'index %s %s%s', ours.name, pg_catalog.pg_get_indexdef(i.indexrelid),
    CASE WHEN i.indisvalid AND i.indisready THEN '' ELSE ' invalid' END)
FROM pg_catalog.pg_index i JOIN ours ON ours.oid = i.indexrelid
UNION ALL
-- That a column is filled is told above; since version 18 it is a constraint as well.
SELECT pg_catalog.format(
    'constraint %s.%s %s%s', ours.name, k.conname, pg_catalog.pg_get_constraintdef(k.oid),
    CASE WHEN k.convalidated THEN '' ELSE ' unchecked' END)
FROM pg_catalog.pg_constraint k JOIN ours ON ours.oid = k.conrelid WHERE k.contype <> 'n'
UNION ALL
SELECT pg_catalog.format(
    'trigger %s.%s %s %s', ours.name, t.tgname, t.tgenabled, pg_catalog.pg_get_triggerdef(t.oid))
FROM pg_catalog.pg_trigger t JOIN ours ON ours.oid = t.tgrelid WHERE NOT t.tgisinternal
UNION ALL
SELECT pg_catalog.format(
    'function %s.%s(%s) %s %s%s %s of %s', n.nspname, p.proname,
    pg_catalog.pg_get_function_identity_arguments(p.oid), l.lanname,
    pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(p.prosrc, 'UTF8')), 'hex'),
    CASE WHEN p.prosecdef THEN ' definer' ELSE '' END, p.proconfig, who.name)
FROM pg_catalog.pg_proc p JOIN named n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language l ON l.oid = p.prolang JOIN who ON who.oid = p.proowner
UNION ALL
-- Whom the owner lets read beside the app is the owner's affair, unless it is everybody.
SELECT pg_catalog.format(
    'right on %s: %s may %s%s', rights.name, who.name, privilege_type,
    CASE WHEN is_grantable THEN ' and hand it on' ELSE '' END)
FROM rights JOIN who ON who.oid = rights.grantee
WHERE who.name <> 'owner'
AND (who.name IN ('app', 'public') OR privilege_type NOT IN ('SELECT', 'USAGE'))
