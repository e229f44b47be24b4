#!/usr/bin/env bash
# At a primary's first start, in /docker-entrypoint-initdb.d: a role for replicas, and leave for it
# to connect. (The official image's `host all all all` does not cover replication connections.)
# Runs or is sourced by the entry point of the official image and of ours alike.
# Environment: REPLICATION_USER (replicator), REPLICATION_PASSWORD (required).

psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set role="${REPLICATION_USER:-replicator}" --set password="${REPLICATION_PASSWORD:?is not set}" <<'SQL'
CREATE ROLE :"role" WITH REPLICATION LOGIN PASSWORD :'password';
SQL
printf 'host replication %s all scram-sha-256\n' "${REPLICATION_USER:-replicator}" >>"$PGDATA/pg_hba.conf"
