#!/usr/bin/env bash
# A real CalDAV server (Radicale) for tests, on loopback:  radicale.sh install|start|seed|health|stop|clean|all
# Address http://127.0.0.1:18480 (RADICALE_PORT), collection /chair/freeze/; users chair, reader (may read it), outsider
# (may not), passwords <name>-pw-1. RADICALE_FROM=debian (default: the package, 3.1.8) or pypi (a venv, the newest).
# Tests read QUORATE_CALDAV (the collection's address); .ci/servers sets it and runs them.
set -euo pipefail
RB_DIR=${RB_DIR:-${TMPDIR:-/tmp}/quorate-servers}; D=$RB_DIR/radicale; PORT=${RADICALE_PORT:-18480}; FROM=${RADICALE_FROM:-debian}
BASE=http://127.0.0.1:$PORT
do_install() {
  mkdir -p "$D"
  if [ "$FROM" = debian ]; then export DEBIAN_FRONTEND=noninteractive; apt-get update -q; apt-get install -y -q -o DPkg::Lock::Timeout=300 --no-install-recommends radicale curl
  else python3 -m venv "$D/venv"; "$D/venv/bin/pip" install -q "radicale${RADICALE_VERSION:+==$RADICALE_VERSION}"; fi
}
exe() { if [ "$FROM" = debian ]; then echo /usr/bin/radicale; else echo "$D/venv/bin/radicale"; fi; }
do_start() {
  if [ -s "$RB_DIR/radicale.pid" ] && kill -0 "$(cat "$RB_DIR/radicale.pid")" 2>/dev/null; then do_health; return; fi
  if curl -s -o /dev/null -m 3 "$BASE"; then echo "radicale: something else answers at $BASE" >&2; return 1; fi
  mkdir -p "$D/store"; printf 'chair:chair-pw-1\nreader:reader-pw-1\noutsider:outsider-pw-1\n' >"$D/users"
  # chair owns /chair/ ; reader may read /chair/freeze/ ; outsider only its own home
  cat >"$D/rights" <<R
[root]
user: .+
collection:
permissions: R
[own]
user: .+
collection: {user}(/.*)?
permissions: RrWw
[shared]
user: reader
collection: chair/freeze(/.*)?
permissions: Rr
[home-of-chair]
user: reader
collection: chair
permissions: R
R
  cat >"$D/config" <<C
[server]
hosts = 127.0.0.1:$PORT
[auth]
type = htpasswd
htpasswd_filename = $D/users
htpasswd_encryption = plain
delay = 0
[rights]
type = from_file
file = $D/rights
[storage]
filesystem_folder = $D/store
[web]
type = none
[logging]
level = warning
C
  cd "$D"; nice -n 10 setsid "$(exe)" --config "$D/config" >"$D/server.log" 2>&1 </dev/null &
  echo $! >"$RB_DIR/radicale.pid"; do_health
}
do_health() {
  for _ in $(seq 1 40); do
    c=$(curl -s -o /dev/null -m 3 -w '%{http_code}' -X PROPFIND -H 'Depth: 0' "$BASE/chair/" || true)
    [ "$c" = 401 ] && { echo "radicale: up at $BASE"; return 0; }; sleep .25
  done; echo "radicale: not up ($c)" >&2; tail "$D/server.log" >&2; return 1
}
do_seed() {
  a=(-sf -o /dev/null -u chair:chair-pw-1)
  [ ! -d "$D/store/collection-root/chair/freeze" ] || { echo 'radicale: already seeded'; return 0; }
  curl "${a[@]}" -X MKCALENDAR "$BASE/chair/freeze/" -H 'Content-Type: application/xml' --data '<?xml version="1.0"?><C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop><D:displayname>Change freezes</D:displayname><C:supported-calendar-component-set><C:comp name="VEVENT"/></C:supported-calendar-component-set></D:prop></D:set></C:mkcalendar>'
  ev() { printf 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//cab//test//EN\r\n%sEND:VCALENDAR\r\n' "$2" | curl "${a[@]}" -X PUT "$BASE/chair/freeze/$1.ics" -H 'Content-Type: text/calendar; charset=utf-8' --data-binary @-; }
  ny=$'BEGIN:VTIMEZONE\r\nTZID:America/New_York\r\nBEGIN:DAYLIGHT\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\nTZNAME:EDT\r\nDTSTART:20070311T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\nEND:DAYLIGHT\r\nBEGIN:STANDARD\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nTZNAME:EST\r\nDTSTART:20071104T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n'
  ev weekly "${ny}"$'BEGIN:VEVENT\r\nUID:weekly@cab.test\r\nDTSTAMP:20261101T000000Z\r\nDTSTART;TZID=America/New_York:20261005T220000\r\nDTEND;TZID=America/New_York:20261006T020000\r\nRRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20270331T035959Z\r\nEXDATE;TZID=America/New_York:20261221T220000\r\nSUMMARY:Weekly maintenance window\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:weekly@cab.test\r\nDTSTAMP:20261101T000000Z\r\nRECURRENCE-ID;TZID=America/New_York:20261214T220000\r\nDTSTART;TZID=America/New_York:20261215T220000\r\nDTEND;TZID=America/New_York:20261216T010000\r\nSUMMARY:Weekly maintenance window (moved)\r\nEND:VEVENT\r\n'
  ev yearend $'BEGIN:VEVENT\r\nUID:yearend@cab.test\r\nDTSTAMP:20261101T000000Z\r\nDTSTART;VALUE=DATE:20261220\r\nDTEND;VALUE=DATE:20270104\r\nSUMMARY:Year end freeze\\, all of EMEA\\; no exceptions – été\r\nDESCRIPTION:line 1\\nline 2 which is made long enough that a server folds it at seventy-f\r\n ive octets as the standard says\r\nCATEGORIES:FREEZE,EMEA\r\nTRANSP:OPAQUE\r\nEND:VEVENT\r\n'
  ev monthend $'BEGIN:VEVENT\r\nUID:monthend@cab.test\r\nDTSTAMP:20261101T000000Z\r\nDTSTART;VALUE=DATE:20261130\r\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=12\r\nSUMMARY:Month end close\r\nEND:VEVENT\r\n'
  ev utc $'BEGIN:VEVENT\r\nUID:utc@cab.test\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261201T180000Z\r\nDURATION:PT2H30M\r\nSUMMARY:Firewall change\r\nSTATUS:TENTATIVE\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\nEND:VEVENT\r\n'
  ev floating $'BEGIN:VEVENT\r\nUID:floating@cab.test\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261203T090000\r\nDTEND:20261203T100000\r\nSUMMARY:CAB meeting (floating time)\r\nEND:VEVENT\r\n'
  echo "radicale: seeded $BASE/chair/freeze/ (users chair, reader, outsider; <name>-pw-1)"
}
do_stop() { [ -s "$RB_DIR/radicale.pid" ] || return 0; p=$(cat "$RB_DIR/radicale.pid"); kill -TERM "$p" 2>/dev/null || true
  for _ in $(seq 1 20); do kill -0 "$p" 2>/dev/null || break; sleep .25; done; rm -f "$RB_DIR/radicale.pid"; }
do_clean() { do_stop; rm -rf "$D"; }
case ${1:-} in
  install|start|seed|health|stop|clean) "do_$1";;
  all) do_install; do_start; do_seed;;
  *) sed -n 2,5p "$0"; exit 2;;
esac
