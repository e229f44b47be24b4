#!/usr/bin/env bash
# Entry point of a streaming replica, on the official postgres image or one with its interface.
# The first start clones PRIMARY_HOST with POSTGRES_USER and POSTGRES_PASSWORD; each later one goes on
# from what is there. Arguments are the server's options.
set -euo pipefail
done=$PGDATA/securecart.cloned
# A primary that is cut off is noticed after seconds, not after TCP's minutes.
primary="host=$PRIMARY_HOST user=$POSTGRES_USER password=$POSTGRES_PASSWORD application_name=$HOSTNAME
  connect_timeout=2 keepalives_idle=2 keepalives_interval=1 keepalives_count=3"

if [ ! -e "$done" ]; then
  install -d -o postgres -g postgres -m 0700 "$PGDATA"
  until gosu postgres pg_basebackup --dbname="$primary" --pgdata="$PGDATA" --wal-method=stream --checkpoint=fast \
    --write-recovery-conf; do
    # A clone that broke off leaves files behind, and pg_basebackup wants an empty folder.
    find "$PGDATA" -mindepth 1 -delete
    sleep 0.5
  done
  touch "$done"
fi
exec docker-entrypoint.sh postgres "$@"
