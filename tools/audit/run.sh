#!/bin/sh
# Runs the audit: sh tools/audit/run.sh [--short] [--screenshots] [--no-lighthouse] [--only PATTERN].
# Its modules come from the lock file. Debian's Node may be older than they need; then a newer one comes
# from the npm registry into the same folder.
set -eu
cd "$(dirname "$0")"

node_version=22.20.0

new_enough() {
	command -v "$1" >/dev/null 2>&1 && "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || a === 20 && b >= 19 ? 0 : 1)'
}

# The modules are put there whole or not at all: a marker tells that this very lock file was installed.
marker=node_modules/.forecourt-lock
if ! cmp -s package-lock.json "$marker"; then
	echo "Installing the audit's modules from the npm registry"
	PUPPETEER_SKIP_DOWNLOAD=1 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	cp package-lock.json "$marker"
fi

node=node
if ! new_enough "$node"; then
	case $(uname -m) in
	x86_64) arch=x64 ;;
	aarch64) arch=arm64 ;;
	*)
		echo "Node 20.19 or newer is needed for the audit." >&2
		exit 1
		;;
	esac
	node=$PWD/.node/node_modules/node-linux-$arch/bin/node
	new_enough "$node" || npm install --prefix .node --ignore-scripts --no-audit --no-fund --loglevel=error "node-linux-$arch@$node_version"
fi
exec "$node" main.mjs "$@"
