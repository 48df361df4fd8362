#!/bin/sh
# Makes sure that the programs Forecourt needs are here: PostgreSQL, with the argument "browser"
# Chromium too, and with "audit" also Node and Java. What is missing is installed where that is possible without asking
# (root on Debian); else the ways out are printed and the script fails.
set -eu

# Where packages put the programs; a test of this script may look elsewhere.
postgres_dirs=${FORECOURT_POSTGRES_DIRS:-/usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin /opt/homebrew/opt/postgresql@*/bin}

has_postgres_in() {
	[ -x "$1/initdb" ] && [ -x "$1/postgres" ]
}

have_postgres() {
	[ -n "${DATABASE_URL:-}" ] && return 0
	if [ -n "${PG_BIN:-}" ]; then
		has_postgres_in "$PG_BIN" && return 0
		echo "PG_BIN is $PG_BIN, but initdb and postgres are not in that folder." >&2
		return 1
	fi
	for dir in $postgres_dirs; do
		has_postgres_in "$dir" && return 0
	done
	initdb=$(command -v initdb) || return 1
	has_postgres_in "$(dirname "$(readlink -f "$initdb")")"
}

have_browser() {
	if [ -n "${CHROMIUM:-}" ]; then
		command -v "$CHROMIUM" >/dev/null && return 0
		echo "CHROMIUM is $CHROMIUM, but that is not a program." >&2
		return 1
	fi
	for name in chromium chromium-browser google-chrome; do
		command -v "$name" >/dev/null && return 0
	done
	return 1
}

may_install() {
	[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

install_packages() {
	echo "Installing: $*"
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

# Debian's package would create and start a cluster of its own that nobody asked for.
without_a_cluster() {
	conf=/etc/postgresql-common/createcluster.conf
	[ -e "$conf" ] && return 0
	mkdir -p "${conf%/*}"
	echo "create_main_cluster = false" >"$conf"
}

need_postgres() {
	have_postgres && return 0
	if [ -z "${PG_BIN:-}" ] && may_install; then
		without_a_cluster
		install_packages postgresql
		have_postgres && return 0
	fi
	cat >&2 <<-'END'
		PostgreSQL is needed and was not found. Do one of these:
		  - install the package "postgresql" (Debian, Ubuntu: sudo apt-get install postgresql)
		  - set PG_BIN to the folder that holds initdb and postgres
		  - set DATABASE_URL to a database that runs already, such as
		    postgres://user:password@host:5432/name
	END
	return 1
}

need_browser() {
	have_browser && return 0
	if [ -z "${CHROMIUM:-}" ] && may_install; then
		install_packages chromium fonts-liberation
		have_browser && return 0
	fi
	cat >&2 <<-'END'
		Chromium is needed for the browser tests and was not found. Do one of these:
		  - install the package "chromium" (Debian: sudo apt-get install chromium fonts-liberation)
		  - set CHROMIUM to the path of Chromium or Google Chrome
	END
	return 1
}

need_java() {
	command -v java >/dev/null && return 0
	if may_install; then
		install_packages default-jre-headless
		return 0
	fi
	echo 'Java 11 or newer is needed to check the HTML and was not found: install the package "default-jre-headless".' >&2
	return 1
}

# Which Node runs the audit is decided by tools/audit/run.sh; here only npm has to be there.
need_npm() {
	command -v npm >/dev/null && return 0
	if may_install; then
		install_packages npm
		return 0
	fi
	echo 'npm is needed for the audit and was not found: install Node 20.19 or newer, or the package "npm".' >&2
	return 1
}

failed=0
need_postgres || failed=1
case ${1:-} in
browser) need_browser || failed=1 ;;
audit)
	need_browser || failed=1
	need_npm || failed=1
	need_java || failed=1
	;;
esac
exit "$failed"
