#!/usr/bin/env bash
# A real mail server (Exim of Debian) for tests, on loopback:  exim.sh install|start|seed|health|stop|clean|all
# STARTTLS at EXIM_PORT (18525), TLS from the first byte at EXIM_TLS_PORT (18465); its authority is $RB_DIR/exim/ca.pem.
# shops@ and night@example.com exist, each a Maildir under $RB_DIR/exim/mail; busy@ is told to come back, slow@ is answered
# after six seconds, anybody else is nobody. Tests read QUORATE_SMTP (the directory); .ci/servers sets it and runs them.
set -euo pipefail
RB_DIR=${RB_DIR:-${TMPDIR:-/tmp}/quorate-servers}; D=$RB_DIR/exim; PORT=${EXIM_PORT:-18525}; TLS=${EXIM_TLS_PORT:-18465}
do_install() {
  mkdir -p "$D"
  export DEBIAN_FRONTEND=noninteractive; apt-get update -q
  apt-get install -y -q -o DPkg::Lock::Timeout=300 --no-install-recommends exim4-daemon-light openssl python3
}
do_start() {
  if [ -s "$RB_DIR/exim.pid" ] && kill -0 "$(cat "$RB_DIR/exim.pid")" 2>/dev/null; then do_health; return; fi
  mkdir -p "$D/spool" "$D/log" "$D/mail"; chmod 755 "$RB_DIR" "$D"
  cd "$D"
  new() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 7 "$@" 2>/dev/null; }
  [ -s ca.pem ] || new -keyout ca.key -out ca.pem -subj /CN=authority
  [ -s cert.pem ] || new -CA ca.pem -CAkey ca.key -keyout key.pem -out cert.pem -subj /CN=localhost \
    -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=IP:127.0.0.1,DNS:localhost
  cat >exim.conf <<C
primary_hostname = mail.example.com
domainlist local_domains = example.com
local_interfaces = 127.0.0.1
daemon_smtp_ports = $PORT : $TLS
tls_on_connect_ports = $TLS
tls_advertise_hosts = *
tls_certificate = $D/cert.pem
tls_privatekey = $D/key.pem
spool_directory = $D/spool
log_file_path = $D/log/%slog
pid_file_path = $D/exim.pid
host_lookup =
rfc1413_hosts =
never_users =
deliver_drop_privilege = true
keep_environment =
message_size_limit = 1M
acl_smtp_rcpt = rcpt
acl_smtp_mail = encrypted
begin acl
encrypted:
  deny message = this server wants encryption
    !encrypted = *
  accept
rcpt:
  defer message = come back later
    local_parts = busy
  accept local_parts = slow
    delay = 6s
  accept local_parts = shops : night
    domains = +local_domains
  deny message = no such user here
begin routers
all:
  driver = accept
  transport = maildir
begin transports
maildir:
  driver = appendfile
  directory = $D/mail/\${lookup{\$local_part}lsearch{$D/users}{\$value}fail}
  maildir_format
  create_directory
  delivery_date_add
  envelope_to_add
  user = Debian-exim
  group = Debian-exim
C
  printf 'shops: shops\nnight: night\nslow: slow\n' >users
  chown -R Debian-exim:Debian-exim spool log mail key.pem cert.pem users
  exim4 -C "$D/exim.conf" -bV >version 2>&1 || { cat version; return 1; }
  nice -n 10 exim4 -C "$D/exim.conf" -bdf >server.log 2>&1 </dev/null & echo $! >"$RB_DIR/exim.pid"
  do_health
}
do_health() {
  for _ in $(seq 1 40); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; then echo "exim: up at 127.0.0.1:$PORT and $TLS"; return 0; fi; sleep .25
  done; echo "exim: not up" >&2; cat "$D/server.log" "$D"/log/* >&2; return 1
}
do_seed() { echo "exim: nothing to fill"; }
do_stop() { [ -s "$RB_DIR/exim.pid" ] || return 0; p=$(cat "$RB_DIR/exim.pid"); kill -TERM "$p" 2>/dev/null || true
  for _ in $(seq 1 20); do kill -0 "$p" 2>/dev/null || break; sleep .25; done; rm -f "$RB_DIR/exim.pid"; }
do_clean() { do_stop; rm -rf "$D"; }
case ${1:-} in
  install|start|seed|health|stop|clean) "do_$1";;
  all) do_install; do_start; do_seed;;
  *) sed -n 2,6p "$0"; exit 2;;
esac
