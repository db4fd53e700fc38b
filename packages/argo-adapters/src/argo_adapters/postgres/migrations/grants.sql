-- All that the app's role may do; `{app}` is its quoted name.
REVOKE ALL ON SCHEMA record, reading FROM PUBLIC, {app};
REVOKE ALL ON ALL TABLES IN SCHEMA record, reading FROM PUBLIC, {app};
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA record FROM PUBLIC, {app};
GRANT USAGE ON SCHEMA record, reading TO {app};
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA record TO {app};
REVOKE INSERT ON record.migrations FROM {app};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA reading TO {app};
