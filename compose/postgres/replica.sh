#!/usr/bin/env bash
# A streaming read replica: the command of a postgres:17 container, with the server's arguments.
#   bash /securecart/replica.sh [-c name=value ...]
# At the first start it waits for the primary, copies it with pg_basebackup and follows it from there
# (standby.signal, no slot: the primary keeps wal_keep_size for a replica that was away). Later starts
# go on with what is there. Works in the official image and in ours.
# Environment: PRIMARY_HOST, REPLICATION_PASSWORD (required), PRIMARY_PORT (5432),
# REPLICATION_USER (replicator), REPLICA_NAME (replica), PRIMARY_WAIT_SECONDS (60), PGDATA.
set -euo pipefail

host=${PRIMARY_HOST:?is not set}
port=${PRIMARY_PORT:-5432}
user=${REPLICATION_USER:-replicator}
export PGPASSWORD=${REPLICATION_PASSWORD:?is not set}

as_postgres() { # the entry point runs this as root, and the server must not be
  if [ "$(id -u)" = 0 ]; then gosu postgres "$@"; else "$@"; fi
}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  for ((tries = ${PRIMARY_WAIT_SECONDS:-60} * 5; ; tries--)); do
    if pg_isready --quiet --host "$host" --port "$port" --username "$user" --dbname postgres; then break; fi
    if [ "$tries" -le 0 ]; then
      echo "replica: primary $host:$port is not ready after ${PRIMARY_WAIT_SECONDS:-60} s" >&2
      exit 1
    fi
    sleep 0.2
  done
  mkdir -p "$PGDATA"
  if [ "$(id -u)" = 0 ]; then chown postgres "$PGDATA"; fi
  chmod 0700 "$PGDATA"
  # An attempt that was cut off leaves pieces, which pg_basebackup refuses.
  find "$PGDATA" -mindepth 1 -delete
  as_postgres pg_basebackup --pgdata "$PGDATA" --checkpoint=fast --wal-method=stream --write-recovery-conf \
    --dbname "host=$host port=$port user=$user application_name=${REPLICA_NAME:-replica} connect_timeout=10"
fi

unset PGPASSWORD
exec docker-entrypoint.sh postgres "$@"
