#!/usr/bin/env bash
# Installs the programs that tests talk to, where this machine lets us: as root or with a sudo that asks for no password, by apt-get.
# Where it does not, says what is missing and which tests are skipped for it. Never fails: those tests are skipped, the others run.
set -uo pipefail

declare -A tests_of=(
  [docker-registry]="pushes to and pulls from a real registry"
  [skopeo]="layouts and registries beside other tools"
  [umoci]="layouts beside other tools"
  [chromium]="the panel in a browser"
)

# What a program is called elsewhere.
declare -A also=([chromium]="chromium-browser google-chrome")

missing() {
  local program
  for program in docker-registry skopeo umoci chromium; do
    # shellcheck disable=SC2086 # several names
    command -v "$program" ${also[$program]:-} > /dev/null || echo "$program"
  done
}

install() {
  local as_root=()
  command -v apt-get > /dev/null || return
  if [[ $(id -u) != 0 ]]; then
    command -v sudo > /dev/null && sudo --non-interactive true 2> /dev/null || return
    as_root=(sudo --non-interactive)
  fi
  # Debian's package starts a registry on port 5000, for good; the tests start their own.
  if [[ -d /run/systemd/system && " $* " == *" docker-registry "* ]]; then
    "${as_root[@]}" systemctl mask docker-registry.service &> /dev/null
  fi
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::http::Timeout=20 -o Acquire::Retries=1 -qq)
  local get=("${apt[@]}" install --yes --no-install-recommends)
  echo "Installing $* with apt-get"
  "${get[@]}" "$@" &> /dev/null && return
  "${apt[@]}" update &> /dev/null
  local program
  for program in "$@"; do # one by one: what one distribution lacks must not keep the others away
    "${get[@]}" "$program" &> /dev/null
  done
}

mapfile -t absent < <(missing)
[[ ${#absent[@]} == 0 ]] || install "${absent[@]}"
for program in $(missing); do
  echo "$program is missing, so tests of ${tests_of[$program]} are skipped. To run them: apt-get install $program" >&2
done
exit 0
