#!/usr/bin/env bash
# A real Request Tracker 5 (Debian 12 package) for tests, on loopback:  rt.sh install|start|seed|health|stop|clean|all
# Address http://127.0.0.1:18180 (RT_PORT); state in $RB_DIR/rt, RB_DIR default ${TMPDIR:-/tmp}/quorate-servers.
# Tokens: $RB_DIR/rt/tokens, lines "name token" (root chair member implementer reader outsider); passwords <name>-pw-1.
# Tests read QUORATE_RT (address) and QUORATE_RT_TOKENS (that file); .ci/servers sets both and runs them.
# Seeded: queue Change with 25 changes; 1-4 have approvals of chair and member in ___Approvals unless Standard (3).
# chair and member are on the board, implementer raises, reader looks, outsider sees nothing. Server zone Asia/Kolkata.
# Needs root to install and start; the server itself runs as www-data.
set -euo pipefail
RB_DIR=${RB_DIR:-${TMPDIR:-/tmp}/quorate-servers}; D=$RB_DIR/rt
PORT=${RT_PORT:-18180}; RT_USER=${RT_USER:-www-data}
TZNAME=${RT_TZ:-Asia/Kolkata}            # deliberately not UTC: half-hour offset finds date bugs
ROOTPW=${RT_ROOTPW:-rt-root-pw-1}
BASE=http://127.0.0.1:$PORT
export RT_SITE_CONFIG=$D/RT_SiteConfig.pm RT_SITE_CONFIG_DIR=$D/conf.d
as() { if [ "$(id -u)" = 0 ]; then runuser -u "$RT_USER" -- env RT_SITE_CONFIG="$RT_SITE_CONFIG" RT_SITE_CONFIG_DIR="$RT_SITE_CONFIG_DIR" HOME="$D" LC_ALL=C.UTF-8 "$@"; else "$@"; fi; }

do_install() {  # ~25 s on a warm mirror, about 330 packages
  export DEBIAN_FRONTEND=noninteractive
  # Packages must not start daemons of their own meanwhile.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d
  fi
  # do not let dbconfig-common build a database of its own
  echo 'request-tracker5 request-tracker5/dbconfig-install boolean false' | debconf-set-selections 2>/dev/null || true
  apt-get update -q -o DPkg::Lock::Timeout=300
  apt-get install -y -q -o DPkg::Lock::Timeout=300 --no-install-recommends request-tracker5 rt5-db-sqlite rt5-standalone curl jq
}

do_init() {
  mkdir -p "$D/conf.d" "$D/mason" "$D/sessions"; if [ "$(id -u)" = 0 ]; then chmod 755 "$RB_DIR"; fi
  cat >"$RT_SITE_CONFIG" <<CONF
Set(\$rtname, 'cab.test');
Set(\$Organization, 'cab.test');
Set(\$WebDomain, '127.0.0.1');
Set(\$WebPort, $PORT);
Set(\$WebPath, '');
Set(\$DatabaseType, 'SQLite');
Set(\$DatabaseName, '$D/rt.sqlite');
Set(\$Timezone, '$TZNAME');
Set(\$LogToSyslog, undef);
Set(\$LogToSTDERR, 'warning');
Set(\$MailCommand, 'testfile');
Set(\$CorrespondAddress, 'rt\@cab.test');
Set(\$CommentAddress, 'rt-comment\@cab.test');
Set(\$WebSessionClass, 'Apache::Session::File');
# keep caches inside the instance as well, so that any user can run it
\$RT::MasonDataDir = '$D/mason'; \$RT::MasonSessionDir = '$D/sessions';
1;
CONF
  if [ "$(id -u)" = 0 ]; then chown -R "$RT_USER": "$D"; fi
  if [ ! -s "$D/rt.sqlite" ]; then
    (umask 077; printf '%s\n' "$ROOTPW" >"$D/rootpw"); if [ "$(id -u)" = 0 ]; then chown "$RT_USER": "$D/rootpw"; fi
    as /usr/sbin/rt-setup-database-5 --action init --root-password-file="$D/rootpw" >"$D/init.log" 2>&1 </dev/null
  fi
}

do_start() {
  if [ -s "$RB_DIR/rt.pid" ] && kill -0 "$(cat "$RB_DIR/rt.pid")" 2>/dev/null; then do_health; return; fi
  if curl -s -o /dev/null -m 3 "$BASE"; then echo "rt: something else answers at $BASE" >&2; return 1; fi
  do_init
  cd "$D"
  # plackup picks Starlet when asked: several workers; setsid so that "stop" can end the whole group
  if [ "$(id -u)" = 0 ]; then
    RT_SITE_CONFIG=$RT_SITE_CONFIG RT_SITE_CONFIG_DIR=$RT_SITE_CONFIG_DIR HOME=$D \
    setsid nice -n 10 setpriv --reuid "$RT_USER" --regid "$RT_USER" --init-groups \
      /usr/share/request-tracker5/libexec/rt-server --server Starlet --max-workers "${RT_WORKERS:-2}" --host 127.0.0.1 --port "$PORT" >"$D/server.log" 2>&1 </dev/null &
  else
    setsid /usr/share/request-tracker5/libexec/rt-server --server Starlet --max-workers "${RT_WORKERS:-2}" --host 127.0.0.1 --port "$PORT" >"$D/server.log" 2>&1 </dev/null &
  fi
  echo $! >"$RB_DIR/rt.pid"
  do_health
}

do_health() {  # 401 from REST2 means: up, database answered, auth layer on
  for _ in $(seq 1 "${RT_WAIT:-240}"); do
    c=$(curl -s -o /dev/null -m 5 -w '%{http_code}' "$BASE/REST/2.0/rt" || true)
    [ "$c" = 401 ] && { echo "rt: up at $BASE/REST/2.0"; return 0; }
    sleep 1
  done
  echo "rt: not up (last code $c)" >&2; tail -20 "$D/server.log" >&2; return 1
}

do_seed() {  # once per instance: queue, custom fields, users, groups, rights, approval scrips, tokens
  [ ! -s "$D/tokens" ] || { echo "rt: already seeded"; return 0; }
  cat >"$D/seed.pl" <<'PERL'
use strict; use warnings;
our $DIR = $ENV{RT_SEED_DIR};
our (@Users, @Groups, @Queues, @CustomFields, @ACL, @Templates, @Scrips, @Final);
@Users = map { my ($n, $tz) = @$_;
    { Name => $n, EmailAddress => "$n\@cab.test", RealName => ucfirst $n, Password => "$n-pw-1", Timezone => $tz, Privileged => 1 } }
  ( ['chair', 'UTC'], ['member', 'America/New_York'], ['implementer', ''], ['reader', 'UTC'], ['outsider', 'UTC'] );
@Groups = map { { Name => $_->[0], Description => $_->[1], Members => { Users => $_->[2] } } }
  ( ['CAB', 'Change Advisory Board', ['chair', 'member']],
    ['Implementers', 'who raise changes', ['implementer']],
    ['Readers', 'may only look', ['reader']] );
@Queues = ( { Name => 'Change', Description => 'Requests for change', Lifecycle => 'default' },
            { Name => 'Secret', Description => 'Nobody may look', Lifecycle => 'default' } );
sub cf { my ($n, $t, %o) = @_; return { Name => $n, Type => $t, Queue => ['Change'], LookupType => 'RT::Queue-RT::Ticket', %o } }
sub vals { my $i = 0; return Values => [ map { { Name => $_, SortOrder => ++$i } } @_ ] }
@CustomFields = (
    cf('Change Type', 'SelectSingle', vals(qw(Standard Normal Emergency))),
    cf('Risk', 'SelectSingle', vals(qw(Low Moderate High))),
    cf('Planned Start', 'DateTimeSingle'), cf('Planned End', 'DateTimeSingle'),
    cf('Freeze Day', 'DateSingle'),
    cf('Backout Plan', 'TextSingle'), cf('Affected Services', 'FreeformMultiple') );
sub acl { my ($g, $q, @r) = @_; map { { GroupDomain => 'UserDefined', GroupId => $g, ($q ? (Queue => $q) : ()), Right => $_ } } @r }
@ACL = (
    acl('CAB', 'Change', qw(SeeQueue ShowTicket ShowTicketComments CommentOnTicket ReplyToTicket ModifyTicket OwnTicket WatchAsAdminCc SeeCustomField ModifyCustomField)),
    acl('CAB', '___Approvals', qw(SeeQueue ShowTicket ShowTicketComments CommentOnTicket ReplyToTicket ModifyTicket OwnTicket)),
    acl('Implementers', 'Change', qw(SeeQueue ShowTicket ShowTicketComments CreateTicket CommentOnTicket ReplyToTicket ModifyTicket OwnTicket SeeCustomField ModifyCustomField SetInitialCustomField)),
    acl('Readers', 'Change', qw(SeeQueue ShowTicket SeeCustomField)),
    (map { { GroupDomain => 'SystemInternal', GroupType => 'Privileged', Right => $_ } } qw(ModifySelf ManageAuthTokens)) );
# one approval per board member, made by RT itself when a change with type Normal/Emergency is created
@Templates = ( { Queue => 'Change', Name => 'CAB approvals', Type => 'Perl', Description => 'approval tickets', Content => join "\n",
    map { my $u = $_; ("===Create-Ticket: approve-$u", 'Subject: CAB decision by ' . $u . ' for #{$Tickets{TOP}->Id}: {$Tickets{TOP}->Subject}',
      'Depended-On-By: TOP', 'Queue: ___Approvals', 'Type: approval', 'Owner: ' . $u, 'Requestor: {$Tickets{TOP}->RequestorAddresses}',
      'Content-Type: text/plain', 'Content: Please decide on change {$Tickets{TOP}->Id}.', 'ENDOFCONTENT') } qw(chair member) } );
@Scrips = ( { Queue => 'Change', Description => 'Create CAB approvals', ScripCondition => 'User Defined', ScripAction => 'Create Tickets', Template => 'CAB approvals',
    CustomIsApplicableCode => q[return $self->TransactionObj->Type eq 'Create' && ($self->TicketObj->FirstCustomFieldValue('Change Type') || '') ne 'Standard';] } );
@Final = ( sub {
    open my $f, '>', "$DIR/tokens" or die $!;
    for my $n (qw(root chair member implementer reader outsider)) {
        my $u = RT::User->new(RT->SystemUser); $u->Load($n) or die "no $n";
        my ($ok, $msg, $str) = do { my $t = RT::AuthToken->new(RT->SystemUser); $t->Create(Owner => $u->id, Description => 'tests') };
        die "token $n: $msg" unless $ok; print $f "$n $str\n"; }
    close $f } );
1;
PERL
  if [ "$(id -u)" = 0 ]; then chown "$RT_USER": "$D/seed.pl"; fi
  as env RT_SEED_DIR="$D" /usr/sbin/rt-setup-database-5 --action insert --datafile "$D/seed.pl" >"$D/seed.log" 2>&1 </dev/null || { cat "$D/seed.log" >&2; return 1; }
  tok() { awk -v n="$1" '$1==n{print $2}' "$D/tokens"; }
  # N changes through the real API, as the implementer
  for i in $(seq 1 "${RT_SEED_CHANGES:-25}"); do
    case $((i % 3)) in 0) t=Standard;; 1) t=Normal;; *) t=Emergency;; esac
    case $((i % 3)) in 0) r=Low;; 1) r=Moderate;; *) r=High;; esac
    [ "$i" -gt "${RT_SEED_APPROVED:-4}" ] && t=Standard       # keeps the number of approval tickets small
    curl -sf -m 30 -o /dev/null -H "Authorization: token $(tok implementer)" -H 'Content-Type: application/json' -X POST "$BASE/REST/2.0/ticket" \
      -d "{\"Queue\":\"Change\",\"Subject\":\"Change number $i: upgrade node $i\",\"Content\":\"<p>Upgrade &amp; restart <b>node $i</b></p>\",\"ContentType\":\"text/html\",\"CustomFields\":{\"Change Type\":\"$t\",\"Risk\":\"$r\",\"Planned Start\":\"2026-12-$(printf %02d $((i % 28 + 1))) 22:00:00\",\"Planned End\":\"2026-12-$(printf %02d $((i % 28 + 1))) 23:30:00\",\"Affected Services\":[\"svc-$i\",\"svc-common\"],\"Backout Plan\":\"line 1\\nline 2\"}}"
  done
  echo "rt: seeded; tokens in $D/tokens, passwords are <user>-pw-1 (root: $ROOTPW)"
}

do_stop() {
  [ -s "$RB_DIR/rt.pid" ] || return 0
  p=$(cat "$RB_DIR/rt.pid"); kill -TERM -- "-$p" 2>/dev/null || kill -TERM "$p" 2>/dev/null || true
  for _ in $(seq 1 20); do kill -0 "$p" 2>/dev/null || break; sleep .25; done
  rm -f "$RB_DIR/rt.pid"
}
do_clean() { do_stop; rm -rf "$D"; }
case ${1:-} in
  install|start|seed|health|stop|clean) "do_$1";;
  all) do_install; do_start; do_seed;;
  *) sed -n 2,8p "$0"; exit 2;;
esac
