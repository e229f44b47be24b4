# Sourced at the first start of a primary: lets replicas in, with the method of everybody else.
# The official image's line for clients, `host all all all`, does not cover replication.
printf '\nhost replication all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >>"$PGDATA/pg_hba.conf"
