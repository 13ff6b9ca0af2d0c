#!/bin/sh
# Runs once, when the database's volume is new: two roles, and a database that the first one owns.
# callus_owner migrates. callus_app runs the site and owns nothing, so that triggers and row rules bind it.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  -v owner_password="$CALLUS_OWNER_PASSWORD" -v app_password="$CALLUS_APP_PASSWORD" <<'SQL'
CREATE ROLE callus_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE callus_app LOGIN PASSWORD :'app_password';
CREATE DATABASE callus OWNER callus_owner;
SQL
