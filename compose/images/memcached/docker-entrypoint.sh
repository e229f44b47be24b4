#!/bin/sh
# As in the official image: options alone mean memcached.
set -e
if [ "${1#-}" != "$1" ]; then
  set -- memcached "$@"
fi
exec "$@"
