#!/usr/bin/env bash
# A real Redmine 5.0 (Debian 12 package) for tests, on loopback:  redmine.sh install|start|seed|health|stop|clean|all
# Address http://127.0.0.1:18380 (REDMINE_PORT); state in $RB_DIR/redmine: a copy of the database the package prepared.
# API keys: $RB_DIR/redmine/keys, lines "name key" (chair member implementer reader outsider admin) and one line
# "ids <custom fields> statuses <name=id,...> tracker=<id>"; passwords <name>-pw-1.
# Tests read QUORATE_REDMINE (address) and QUORATE_REDMINE_KEYS (that file); .ci/servers sets both and runs them.
set -euo pipefail
RB_DIR=${RB_DIR:-${TMPDIR:-/tmp}/quorate-servers}; D=$RB_DIR/redmine
PORT=${REDMINE_PORT:-18380}; RUNAS=${REDMINE_USER:-www-data}
export TZ=${REDMINE_TZ:-Asia/Kolkata}
BASE=http://127.0.0.1:$PORT
PKGDB=/var/lib/dbconfig-common/sqlite3/redmine/instances/default/redmine_default
envs=(HOME="$D" TZ="$TZ" RAILS_ENV=production DATABASE_URL="sqlite3:$D/redmine.sqlite" RAILS_LOG_TO_STDOUT=1 LANG=C.UTF-8 BUNDLE_FROZEN=true)
as() { runuser -u "$RUNAS" -- env "${envs[@]}" "$@"; }

do_install() {
  export DEBIAN_FRONTEND=noninteractive
  # Packages must not start daemons of their own meanwhile.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d
  fi
  apt-get update -q -o DPkg::Lock::Timeout=300
  apt-get install -y -q -o DPkg::Lock::Timeout=300 --no-install-recommends redmine redmine-sqlite puma sqlite3 curl jq || settle
}
# The Bundler of Debian's Ruby 3.1.7 takes a gem without a folder for deleted, and Debian keeps the files of most gems
# elsewhere: Redmine's own installation step fails. With empty folders it goes through.
settle() {
  dpkg -s redmine >/dev/null || return 1
  for place in /usr/share/rubygems-integration/all /usr/share/rubygems-integration/3.1.0 /usr/lib/*/rubygems-integration/3.1.0; do
    for spec in "$place"/specifications/*.gemspec; do
      [ ! -e "$spec" ] || mkdir -p "$place/gems/$(basename "$spec" .gemspec)"
    done
  done
  dpkg --configure -a
}
do_start() {
  if [ -s "$RB_DIR/redmine.pid" ] && kill -0 "$(cat "$RB_DIR/redmine.pid")" 2>/dev/null; then do_health; return; fi
  if curl -s -o /dev/null -m 3 "$BASE"; then echo "redmine: something else answers at $BASE" >&2; return 1; fi
  mkdir -p "$D"
  [ -s "$D/redmine.sqlite" ] || cp "$PKGDB" "$D/redmine.sqlite"
  chown -R "$RUNAS": "$D"; cd /usr/share/redmine
  # the puma command starts fine outside of Redmine's Gemfile
  env "${envs[@]}" nice -n 10 setsid setpriv --reuid "$RUNAS" --regid "$RUNAS" --init-groups \
    puma -e production -t 1:"${REDMINE_THREADS:-2}" -b "tcp://127.0.0.1:$PORT" -C - --dir /usr/share/redmine config.ru >"$D/server.log" 2>&1 </dev/null &
  echo $! >"$RB_DIR/redmine.pid"; do_health
}
do_health() {
  for _ in $(seq 1 240); do
    c=$(curl -s -o /dev/null -m 10 -w '%{http_code}' "$BASE/users/current.json" || true)
    case $c in 401|403) echo "redmine: up at $BASE (probe $c)"; return 0;; esac; sleep 1
  done; echo "redmine: not up ($c)" >&2; tail -20 "$D/server.log" >&2; return 1
}
do_seed() {
  [ ! -s "$D/keys" ] || { echo "redmine: already seeded"; return 0; }
  cat >"$D/seed.rb" <<'RUBY'
Setting.rest_api_enabled = '1'; Setting.login_required = '1'; Setting.text_formatting = 'textile'
Setting.mail_from = 'redmine@cab.test'
def st(n, closed = false) IssueStatus.find_or_create_by!(name: n) { |s| s.is_closed = closed } end
S = { new: st('New'), review: st('CAB review'), approved: st('Approved'), rejected: st('Rejected', true), done: st('Implemented', true),
      progress: st('In Progress'), hold: st('On hold') }
PRI = IssuePriority.active.to_a.presence || [IssuePriority.create!(name: 'Normal', is_default: true)]
role = lambda { |n, perms| r = Role.find_or_initialize_by(name: n); r.permissions = perms; r.issues_visibility = 'all'; r.save!; r }
look = %i[view_issues view_calendar]
R = { cab: role['CAB', look + %i[add_issue_notes edit_issues view_private_notes set_notes_private]],
      impl: role['Implementer', look + %i[add_issues edit_issues add_issue_notes manage_versions]],
      reader: role['Reader', look] }
T = Tracker.find_or_initialize_by(name: 'Change'); T.default_status = S[:new]; T.save!
P = Project.find_or_initialize_by(identifier: 'change'); P.name = 'Change'; P.is_public = false
P.enabled_module_names = %w[issue_tracking calendar]; P.trackers = [T]; P.save!
cf = lambda do |n, fmt, **o|
  f = IssueCustomField.find_or_initialize_by(name: n); f.field_format = fmt; f.is_for_all = true; f.is_filter = true; f.trackers = [T]
  o.each { |k, v| f.send("#{k}=", v) }; f.save!; f end
CF = { type: cf['Change Type', 'list', possible_values: %w[Standard Normal Emergency]], risk: cf['Risk', 'list', possible_values: %w[Low Moderate High]],
       start: cf['Planned Start', 'string'], day: cf['Freeze Day', 'date'], svc: cf['Affected Services', 'list', possible_values: %w[svc-a svc-b svc-common], multiple: true] }
WorkflowTransition.where(tracker_id: T.id).delete_all
tr = lambda { |r, a, b| WorkflowTransition.create!(role_id: R[r].id, tracker_id: T.id, old_status_id: S[a].id, new_status_id: S[b].id) }
tr[:impl, :new, :review]; tr[:impl, :approved, :done]; tr[:cab, :review, :approved]; tr[:cab, :review, :rejected]
tr[:cab, :approved, :progress]; tr[:cab, :progress, :done]; tr[:cab, :approved, :hold]; tr[:cab, :hold, :approved]; tr[:impl, :hold, :progress]
zones = { 'chair' => 'UTC', 'member' => 'Eastern Time (US & Canada)', 'implementer' => '', 'reader' => 'UTC', 'outsider' => 'UTC' }
U = zones.map { |n, z|
  u = User.find_by(login: n) || User.new(firstname: n.capitalize, lastname: 'Tester', mail: "#{n}@cab.test", language: 'en').tap { |x| x.login = n }
  u.password = u.password_confirmation = "#{n}-pw-1"; u.status = User::STATUS_ACTIVE; u.must_change_passwd = false; u.save!
  u.pref.update!(time_zone: z); [n, u] }.to_h
adm = User.find_by(login: 'admin'); adm.password = adm.password_confirmation = 'admin-pw-1'; adm.must_change_passwd = false; adm.save!
{ 'chair' => :cab, 'member' => :cab, 'implementer' => :impl, 'reader' => :reader }.each { |n, r| m = Member.find_or_initialize_by(project_id: P.id, user_id: U[n].id); m.roles = [R[r]]; m.save! }
File.open(ENV['SEED_OUT'], 'w') { |f| (U.to_a + [['admin', adm]]).each { |n, u| f.puts "#{n} #{u.api_key}" } ; f.puts "ids #{CF.values.map(&:id).join(',')} statuses #{S.map { |k, v| "#{k}=#{v.id}" }.join(',')} tracker=#{T.id}" }
RUBY
  chown "$RUNAS": "$D/seed.rb"
  (cd /usr/share/redmine && as env SEED_OUT="$D/keys" nice -n 10 bin/rails runner "$D/seed.rb") >"$D/seed.log" 2>&1 || { tail -20 "$D/seed.log" >&2; return 1; }
  # the server caches settings per process: ask it once
  k() { awk -v n="$1" '$1==n{print $2}' "$D/keys"; }
  ids=$(awk '$1=="ids"{print $2}' "$D/keys"); IFS=, read -r cft cfr cfs cfd cfv <<<"$ids"; tr=$(sed -n 's/.*tracker=//p' "$D/keys"); rev=$(sed -n 's/.*review=\([0-9]*\).*/\1/p' "$D/keys")
  v=$(curl -sf -m 30 -H "X-Redmine-API-Key: $(k implementer)" -H 'Content-Type: application/json' "$BASE/projects/change/versions.json" \
     -d '{"version":{"name":"2026.12 release","status":"open","due_date":"2026-12-15","description":"December train"}}' | jq -r .version.id)
  for i in $(seq 1 "${REDMINE_SEED_CHANGES:-25}"); do
    case $((i % 3)) in 0) t=Standard;; 1) t=Normal;; *) t=Emergency;; esac
    id=$(curl -sf -m 30 -H "X-Redmine-API-Key: $(k implementer)" -H 'Content-Type: application/json' "$BASE/issues.json" \
      -d "{\"issue\":{\"project_id\":\"change\",\"tracker_id\":$tr,\"subject\":\"Change $i: upgrade node $i\",\"description\":\"*bold* & <b>not html</b>\\n\\n* item\",\"start_date\":\"2026-12-$(printf %02d $((i % 28 + 1)))\",\"due_date\":\"2026-12-$(printf %02d $((i % 28 + 1)))\",\"fixed_version_id\":$v,\"custom_fields\":[{\"id\":$cft,\"value\":\"$t\"},{\"id\":$cfr,\"value\":\"High\"},{\"id\":$cfs,\"value\":\"2026-12-24T22:00:00+05:30\"},{\"id\":$cfv,\"value\":[\"svc-a\",\"svc-common\"]}]}}" | jq -r .issue.id)
    if [ "$i" -le 6 ]; then curl -sf -m 30 -o /dev/null -X PUT -H "X-Redmine-API-Key: $(k implementer)" -H 'Content-Type: application/json' "$BASE/issues/$id.json" -d "{\"issue\":{\"status_id\":$rev,\"notes\":\"Please review\"}}"; fi
  done
  echo "redmine: seeded; API keys in $D/keys, passwords <user>-pw-1"
}
do_stop() {
  [ -s "$RB_DIR/redmine.pid" ] || return 0; p=$(cat "$RB_DIR/redmine.pid"); kill -TERM -- "-$p" 2>/dev/null || kill -TERM "$p" 2>/dev/null || true
  for _ in $(seq 1 40); do kill -0 "$p" 2>/dev/null || break; sleep .25; done; rm -f "$RB_DIR/redmine.pid"
}
do_clean() { do_stop; rm -rf "$D"; }
case ${1:-} in
  install|start|seed|health|stop|clean) "do_$1";;
  all) do_install; do_start; do_seed;;
  *) sed -n 2,6p "$0"; exit 2;;
esac
