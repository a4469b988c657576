#!/usr/bin/env bash
# A real S3-compatible store for the tests, on a Debian machine without Docker: OpenStack Swift with its S3 API.
#   scripts/s3-store.sh start [dir]   installs what is missing, starts it, prints the S3_* settings; again: does nothing
#   scripts/s3-store.sh stop [dir]
# It checks signatures (SigV4), and knows ranges and uploads in parts. What it stores lies in dir, which is in /tmp unless
# it is named. It listens on 127.0.0.1 only.
set -euo pipefail
act=${1:-start}
dir=${2:-${TMPDIR:-/tmp}/rookery-s3}
port=${S3_PORT:-18080}
packages="curl swift-proxy swift-account swift-container swift-object memcached python3-swift"

settings() {
  printf 'S3_ENDPOINT=http://127.0.0.1:%s\nS3_REGION=us-east-1\nS3_BUCKET=rookery\nS3_ACCESS_KEY_ID=test:tester\nS3_SECRET_ACCESS_KEY=testing\n' "$port"
}
as_root() { if [[ $(id -u) -eq 0 ]]; then "$@"; else sudo "$@"; fi; }
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
# The proxy is healthy before the servers behind it are: without them it answers 503 to everything.
up() {
  curl -fs "http://127.0.0.1:$port/healthcheck" >/dev/null 2>&1 &&
    answers $((port + 10)) && answers $((port + 11)) && answers $((port + 12)) && answers $((port + 20))
}

if [[ $act == stop ]]; then
  for p in "$dir"/*.pid; do
    [[ -f $p ]] && kill "$(cat "$p")" 2>/dev/null || true
    rm -f "$p"
  done
  exit 0
fi
if [[ $act != start ]]; then
  echo "usage: $0 start|stop [dir]" >&2
  exit 2
fi
if up; then settings; exit 0; fi
missing=
for program in curl memcached swift-{proxy,account,container,object}-server; do
  command -v "$program" >/dev/null || missing=yes
done
if [[ -n $missing ]]; then
  # In two steps, so that what fails stops the script: `set -e` overlooks the first half of an `&&`.
  as_root apt-get update -qq >&2
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >&2
  # The installation may start them with settings of its own.
  for s in swift-proxy swift-account swift-container swift-object memcached; do
    as_root service "$s" stop >/dev/null 2>&1 || true
  done
fi
mkdir -p "$dir/dev/d1" && cd "$dir"
cat >swift.conf <<EOF
[swift-hash]
swift_hash_path_suffix = rookery
swift_hash_path_prefix = rookery
[swift-constraints]
EOF
offset=0
for kind in account container object; do
  kindport=$((port + 10 + offset)); offset=$((offset + 1))
  cat >$kind.conf <<EOF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $kindport
workers = 0
user = $(id -un)
swift_dir = $dir
devices = $dir/dev
mount_check = false
disable_fallocate = true
[pipeline:main]
pipeline = $kind-server
[app:$kind-server]
use = egg:swift#$kind
EOF
  rm -f $kind.builder
  { swift-ring-builder $kind.builder create 4 1 1 && swift-ring-builder $kind.builder add "r1z1-127.0.0.1:$kindport/d1" 1 && swift-ring-builder $kind.builder rebalance; } >&2 || true
done
cat >proxy.conf <<EOF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $port
workers = 0
user = $(id -un)
swift_dir = $dir
[pipeline:main]
pipeline = catch_errors healthcheck cache listing_formats bulk s3api tempauth copy slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
reseller_prefix = AUTH
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
location = us-east-1
check_bucket_owner = false
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:$((port + 20))
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
EOF
launch() { setsid nohup "$@" >>"$dir/$(basename "$1").log" 2>&1 </dev/null & echo $! >"$dir/$(basename "$1").pid"; }
launch memcached -l 127.0.0.1 -p $((port + 20)) -u "$(id -un)"
for kind in account container object; do launch swift-$kind-server "$dir/$kind.conf" -v; done
launch swift-proxy-server "$dir/proxy.conf" -v
for _ in $(seq 300); do
  if up; then settings; exit 0; fi
  sleep 0.1
done
echo "the S3 store did not come up; see $dir/*.log" >&2
exit 1
