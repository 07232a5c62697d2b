#!/usr/bin/env bash
# The demo without containers: exporter, Prometheus with the rules, Alertmanager, on loopback, until Ctrl-C.
# Run it as `make demo-stack`, which builds what it starts.
#
#   SCENARIO=trunk-outage make demo-stack      another scenario than the tour of all
#   TOOLS_DIR=…                                where prometheus and alertmanager are; default .tools/bin
#   EXPORTER=…                                 the exporter's binary; default ./ccaas_exporter
#   EXPORTER_PORT, PROMETHEUS_PORT, ALERTMANAGER_PORT    default 10054, 9090, 9093
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools=${TOOLS_DIR:-$root/.tools/bin}
binary=${EXPORTER:-$root/ccaas_exporter}
exporter=127.0.0.1:${EXPORTER_PORT:-10054}
prometheus=127.0.0.1:${PROMETHEUS_PORT:-9090}
alertmanager=127.0.0.1:${ALERTMANAGER_PORT:-9093}

fail() {
  echo "demo-stack: $*" >&2
  exit 1
}

[ -x "$binary" ] || fail "there is no $binary: run make build"
for tool in prometheus alertmanager; do
  [ -x "$tools/$tool" ] || fail "there is no $tools/$tool: run make tools"
done

data=$(mktemp -d)
pids=()

# shellcheck disable=SC2317 # the traps call it
stop() {
  trap - EXIT
  trap '' INT TERM # Ctrl-C reaches the programs, too: wait for them
  [ "${#pids[@]}" -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
  wait
  rm -rf "$data"
}
trap stop EXIT
trap 'exit 0' INT TERM

# start NAME URL COMMAND…: runs a program and waits until it is ready.
start() {
  local name=$1 url=$2 tries
  shift 2
  ! answers "$url" || fail "something listens at $url already"
  "$@" >"$data/$name.log" 2>&1 &
  pids+=($!)
  for ((tries = 0; tries < 120; tries++)); do
    kill -0 "$!" 2>/dev/null || {
      tail "$data/$name.log" >&2
      fail "$name ended"
    }
    ! answers "$url" || return 0
    sleep 0.5
  done
  tail "$data/$name.log" >&2
  fail "$name is not ready"
}

answers() { curl --silent --fail --output /dev/null --max-time 2 --noproxy '*' "$1"; }

# The same configurations as with containers, with the addresses of here. The secrets that the Alertmanager example names
# are nowhere to be found, so Alertmanager sends no message.
ln -s "$root/alerts" "$data/rules"
sed -e "s/exporter:10054/$exporter/" -e "s/alertmanager:9093/$alertmanager/" \
  "$root/deploy/compose/prometheus.yml" >"$data/prometheus.yml"
sed "s#/etc/alertmanager/secrets/#$data/no-secrets/#" "$root/alerts/alertmanager.example.yml" >"$data/alertmanager.yml"

start exporter "http://$exporter/-/ready" \
  "$binary" --demo --demo.scenario="${SCENARIO:-tour}" --web.listen-address="$exporter"
start alertmanager "http://$alertmanager/-/ready" \
  "$tools/alertmanager" --config.file="$data/alertmanager.yml" --storage.path="$data/alertmanager" \
  --web.listen-address="$alertmanager" --cluster.listen-address=
start prometheus "http://$prometheus/-/ready" \
  "$tools/prometheus" --config.file="$data/prometheus.yml" --storage.tsdb.path="$data/prometheus" \
  --web.listen-address="$prometheus"

cat <<END
exporter      http://$exporter/metrics
prometheus    http://$prometheus/api/v1/query?query=ccaas_platform_status==1
              http://$prometheus/api/v1/alerts
alertmanager  http://$alertmanager
logs          $data/*.log

another scenario: curl -X POST 'http://$exporter/demo/scenario?name=trunk-outage'
dashboards: import dashboards/*.json into a Grafana whose Prometheus data source is http://$prometheus
Ctrl-C stops everything.
END

wait -n || true
tail -n 5 "$data"/*.log >&2
fail "a program ended"
