#!/usr/bin/env bash
# Looks after the lab extension in labextension/, with the programs of the virtual environment first on the path:
#   tests/lab.sh build   install what it is built with, once, and build it into jupyter_kit/labextension
#   tests/lab.sh check   the same, and its style, types and tests
#   tests/lab.sh format  put its code in the standard form
# Without Node, says what is left out and succeeds: all but the lab extension works without it.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"

if ! node -e 'process.exit(+(Number(process.versions.node.split(".")[0]) < 20))' 2> /dev/null; then
  echo "Node.js 20 or newer is missing, so the lab extension is not built, and its tests, those of the wheel and those in a browser are" \
    "skipped. To run them: apt-get install nodejs, or https://nodejs.org" >&2
  exit 0
fi
cd labextension
key=$(cat package.json yarn.lock .yarnrc.yml | cksum | cut -d ' ' -f 1)
if [[ ! -e node_modules/.installed-$key ]]; then
  echo "Installing what the lab extension is built with"
  jlpm install --immutable > node_modules.log 2>&1 || { tail -20 node_modules.log >&2; exit 1; }
  rm -f node_modules.log node_modules/.installed-* && touch "node_modules/.installed-$key"
fi

# Built anew only when something it is made of has changed.
build() {
  local built=../jupyter_kit/labextension/static/style.js replies=../jupyter_kit/frontends/server/replies.schema.json
  if [[ -e $built && -z $(find src style schema package.json tsconfig.json types.mjs $replies -newer $built -print -quit) ]]; then return; fi
  echo "Building the lab extension"
  rm -rf ../jupyter_kit/labextension
  jlpm build:prod > build.log 2>&1 || { cat build.log >&2; exit 1; }
  rm -f build.log
}

case $1 in
  build) build ;;
  check)
    if grep -nE '__archiveUrl|%3A%2F%2F|https?://' yarn.lock; then
      echo "labextension/yarn.lock names the registry of one machine: remove ::__archiveUrl=..." >&2
      exit 1
    fi
    jlpm lint # Makes the types of replies, too, which all that follows needs.
    jlpm tsc -p tsconfig.test.json
    jlpm test
    build
    ;;
  format) jlpm format ;;
esac
