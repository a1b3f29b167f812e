#!/usr/bin/env bash
# The evidence database, dumped every BACKUP_HOURS hours into /backups; dumps older than BACKUP_DAYS days go. A dump is whole or is not
# there: it gets its name when it is finished and all of it can be read.
#   backup.sh           go on for ever (the service "backup")
#   backup.sh once      one dump
#   backup.sh restore FILE   into an empty database "evidence" (docs/scale.md)
set -euo pipefail
umask 077

folder="${BACKUPS:-/backups}"
[ -z "${PGPASSFILE_SECRET:-}" ] || PGPASSWORD="$(<"$PGPASSFILE_SECRET")"
export PGPASSWORD="${PGPASSWORD:-}"

dump() {
  local name
  name="$folder/evidence-$(date -u +%Y%m%dT%H%M%SZ).dump"
  draft="$name.part"
  trap 'rm -f "$draft"' EXIT
  pg_dump --format=custom --no-owner --file "$draft" evidence
  pg_restore --file /dev/null "$draft"
  mv "$draft" "$name"
  find "$folder" -name 'evidence-*.dump' -mmin "+$((${BACKUP_DAYS:-35} * 1440))" -delete
  find "$folder" -name 'evidence-*.part' -mmin +1440 -delete
  echo "$name"
}

case "${1:-}" in
  once) dump ;;
  restore) pg_restore --no-owner --exit-on-error --single-transaction --dbname evidence "${2:?the dump to restore}" ;;
  "")
    # The first process of a container gets no signal that it does not ask for.
    trap 'kill $(jobs -p) 2>/dev/null || true; exit 0' TERM INT
    while :; do
      # A process of its own: within `||` bash would go on after a command that fails, and name what is left of the dump.
      "$BASH" "$0" once || echo "the dump failed; the next try is in ${BACKUP_HOURS:-24} h" >&2
      sleep "$((${BACKUP_HOURS:-24} * 3600))" &
      wait $!
    done
    ;;
  *)
    echo "usage: backup.sh [once | restore FILE]" >&2
    exit 2
    ;;
esac
