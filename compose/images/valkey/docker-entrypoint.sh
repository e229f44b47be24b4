#!/bin/sh
# As in the official image: options or a configuration file alone mean valkey-server; it runs as user
# valkey with /data as its folder. The official server is compiled without protected mode; Debian's
# has it, so it is switched off here (a configuration file of one's own keeps what it says).
set -e

if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then
  set -- valkey-server "$@"
fi

if [ "$1" = valkey-server ] && [ "$(id -u)" = 0 ]; then
  find . \! -user valkey -exec chown valkey '{}' +
  exec setpriv --reuid=valkey --regid=valkey --clear-groups -- "$0" "$@"
fi

if [ "$1" = valkey-server ]; then
  shift
  case ${1-} in
    '' | -*) set -- valkey-server --protected-mode no "$@" ;;
    *) set -- valkey-server "$@" ;;
  esac
  # VALKEY_EXTRA_FLAGS is a list of words, as in the official image.
  # shellcheck disable=SC2086
  exec "$@" ${VALKEY_EXTRA_FLAGS-}
fi

exec "$@"
