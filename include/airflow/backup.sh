#!/usr/bin/env bash
# The evidence database, dumped every BACKUP_HOURS hours into /backups; dumps older than BACKUP_DAYS days go. A dump is whole or is not
# there: it gets its name when it is finished and can be read.
#   backup.sh           go on for ever (the service "backup")
#   backup.sh once      one dump
#   backup.sh restore FILE   into an empty database "evidence" (docs/scale.md)
set -euo pipefail

folder="${BACKUPS:-/backups}"
[ -z "${PGPASSFILE_SECRET:-}" ] || PGPASSWORD="$(<"$PGPASSFILE_SECRET")"
export PGPASSWORD="${PGPASSWORD:-}"

dump() {
  local name draft
  name="$folder/evidence-$(date -u +%Y%m%dT%H%M%SZ).dump"
  draft="$name.part"
  pg_dump --format=custom --no-owner --file "$draft" evidence
  pg_restore --list "$draft" >/dev/null
  mv "$draft" "$name"
  find "$folder" -name 'evidence-*.dump' -mtime "+${BACKUP_DAYS:-35}" -delete
  find "$folder" -name 'evidence-*.part' -mmin +1440 -delete
  echo "$name"
}

case "${1:-}" in
  once) dump ;;
  restore) pg_restore --no-owner --exit-on-error --single-transaction --dbname evidence "$2" ;;
  "")
    while :; do
      dump || echo "the dump failed; the next try is in ${BACKUP_HOURS:-24} h" >&2
      sleep "$((${BACKUP_HOURS:-24} * 3600))" &
      wait $!
    done
    ;;
  *)
    echo "usage: backup.sh [once | restore FILE]" >&2
    exit 2
    ;;
esac
