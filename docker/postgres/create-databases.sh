#!/bin/sh
# Run once by PostgreSQL's own start-up in an empty data folder: one role and database a service.
set -eu
for name in airflow superset ledger; do
    psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
        --set=name="$name" --set=password="$(cat "/run/secrets/${name}_database_password")" <<'SQL'
create role :"name" login password :'password';
create database :"name" owner :"name" template template0 encoding 'UTF8' locale 'C.UTF-8';
revoke all on database :"name" from public;
SQL
done
