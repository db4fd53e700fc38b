-- Once, by a superuser of your server; then `alpine migrate` with the owner's URL.
-- Take passwords that nobody has used before, such as those of `openssl rand -hex 32`.
CREATE ROLE alpine_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE alpine_app LOGIN PASSWORD :'app_password';
CREATE DATABASE alpine OWNER alpine_owner TEMPLATE template0 ENCODING 'UTF8';
-- psql -v owner_password=... -v app_password=... -f roles.sql
