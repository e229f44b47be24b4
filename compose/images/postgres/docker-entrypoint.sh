#!/usr/bin/env bash
# The documented interface of the official postgres image (hub.docker.com/_/postgres): POSTGRES_USER,
# POSTGRES_PASSWORD, POSTGRES_DB, POSTGRES_INITDB_ARGS, POSTGRES_HOST_AUTH_METHOD (the first four also
# as *_FILE), PGDATA, and *.sh, *.sql, *.sql.gz in /docker-entrypoint-initdb.d at the first start.
# Without: POSTGRES_INITDB_WALDIR, *.sql.xz, *.sql.zst, an arbitrary --user without a passwd entry.
set -Eeuo pipefail

from_file() { # NAME: the value of NAME, or what the file in NAME_FILE holds
  local name=$1 file=${1}_FILE
  if [ -n "${!name:-}" ] && [ -n "${!file:-}" ]; then
    echo >&2 "error: both $name and $file are set (but are exclusive)"
    exit 1
  fi
  if [ -n "${!file:-}" ]; then export "$name"="$(<"${!file}")"; fi
  unset "$file"
}

sql() { # psql in the temporary server; no ~/.psqlrc, and the first error ends it
  local query=(psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --no-password)
  if [ -n "${POSTGRES_DB:-}" ]; then query+=(--dbname "$POSTGRES_DB"); fi
  PGHOST='' PGHOSTADDR='' "${query[@]}" "$@"
}

# Sourced scripts of users call this name, as in the official image.
docker_process_sql() { sql "$@"; }

check_password() {
  if [ -z "${POSTGRES_PASSWORD:-}" ] && [ "${POSTGRES_HOST_AUTH_METHOD:-}" != trust ]; then
    echo >&2 'Error: Database is uninitialized and superuser password is not specified.'
    echo >&2 '       You must specify POSTGRES_PASSWORD to a non-empty value for the superuser,'
    echo >&2 '       or POSTGRES_HOST_AUTH_METHOD=trust to let everybody in without a password.'
    exit 1
  fi
}

make_cluster() { # arguments of the server, for its password_encryption
  # eval: POSTGRES_INITDB_ARGS is a piece of a command line, with its quotes.
  eval 'initdb --username="$POSTGRES_USER" --pwfile=<(printf "%s\n" "${POSTGRES_PASSWORD:-}") '"${POSTGRES_INITDB_ARGS:-}"
  local method=${POSTGRES_HOST_AUTH_METHOD:-}
  if [ -z "$method" ]; then method=$(postgres -C password_encryption "$@"); fi
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
}

run_init_files() {
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh)
        if [ -x "$file" ]; then
          echo "$0: running $file"
          "$file"
        else
          echo "$0: sourcing $file"
          # shellcheck disable=SC1090
          . "$file"
        fi
        ;;
      *.sql) echo "$0: running $file"; sql -f "$file"; echo ;;
      *.sql.gz) echo "$0: running $file"; gunzip -c "$file" | sql; echo ;;
      *'/*') ;;
      *) echo "$0: ignoring $file" ;;
    esac
  done
}

first_start() { # arguments of the server
  check_password
  make_cluster "$@"
  export PGPASSWORD=${PGPASSWORD:-${POSTGRES_PASSWORD:-}}
  # On its socket only: nobody connects from outside before the cluster is whole.
  PGUSER="${PGUSER:-$POSTGRES_USER}" \
    pg_ctl -D "$PGDATA" -o "$(printf '%q ' "$@" -c listen_addresses= -p 5432)" -w start
  if [ "$POSTGRES_DB" != postgres ] &&
    [ -z "$(POSTGRES_DB='' sql --dbname postgres -tAc "SELECT 1 FROM pg_database WHERE datname = '${POSTGRES_DB//\'/\'\'}'")" ]; then
    POSTGRES_DB='' sql --dbname postgres --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db";'
  fi
  run_init_files
  PGUSER="${PGUSER:-postgres}" pg_ctl -D "$PGDATA" -m fast -w stop
  unset PGPASSWORD
  printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

main() {
  if [ "${1:0:1}" = - ]; then set -- postgres "$@"; fi
  if [ "${1:-}" = postgres ]; then
    from_file POSTGRES_PASSWORD
    from_file POSTGRES_USER
    from_file POSTGRES_DB
    from_file POSTGRES_INITDB_ARGS
    export POSTGRES_USER=${POSTGRES_USER:-postgres}
    export POSTGRES_DB=${POSTGRES_DB:-$POSTGRES_USER}
    mkdir -p "$PGDATA"
    chmod 00700 "$PGDATA" || :
    mkdir -p /var/run/postgresql
    chmod 03775 /var/run/postgresql || :
    if [ "$(id -u)" = 0 ]; then
      find "$PGDATA" /var/run/postgresql \! -user postgres -exec chown postgres '{}' +
      exec gosu postgres "$BASH_SOURCE" "$@"
    fi
    if [ -s "$PGDATA/PG_VERSION" ]; then
      printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
    else
      first_start "${@:2}"
    fi
  fi
  exec "$@"
}

main "$@"
