# make run    starts the whole demo: shop, portals, worker, card bank, PostgreSQL
# make test   everything that guards main
# make lint   formatting, vet, staticcheck, code that nothing reaches
# make bench  the table of speeds (ten minutes; BENCH_FLAGS='-profiles DIR' keeps CPU profiles,
#             '-templates' is over in seconds, '-bookings' and '-signals' in one minute)
# make chaos  the table of faults: kills (CHAOS_KILLS, 100), a bad database, bank and clock, and 2,000 random
#             walks through a purchase (a quarter of an hour with 100 kills; CHAOS_FLAGS='-seed N' repeats one);
#             64 who race for queue entries for a minute, and a week of a market with 500 orders
# make audit  every page, as people and tools see it (half an hour); the table goes to docs/audit.md
# make screenshots  twelve key pages of both brands, for people to look at
# make build  bin/forecourt
# make clean  removes what was built; never data

GO ?= go
VERSION ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null)
STATICCHECK = $(GO) tool -modfile=tools/go.mod staticcheck
DEADCODE = $(GO) tool -modfile=tools/go.mod deadcode

.PHONY: run test lint bench chaos audit screenshots build clean deps deps-browser deps-audit
.DEFAULT_GOAL := run

# exec: Ctrl-C reaches the program itself, and make waits until it has stopped everything.
run: deps build
	@exec bin/forecourt demo

build:
	$(GO) build -trimpath -ldflags "-X forecourt/internal/app.version=$(VERSION)" -o bin/forecourt ./cmd/forecourt

deps:
	@sh tools/install-deps.sh

deps-browser:
	@sh tools/install-deps.sh browser

deps-audit:
	@sh tools/install-deps.sh audit

# Instances of FORECOURT_INSTANCES may be huge: they are tried without the race detector, which would
# take ten times as long; the generated ones run with it.
test: deps-audit build lint
	FORECOURT_INSTANCES= $(GO) test -race -timeout 30m ./...
	@if [ -n "$$FORECOURT_INSTANCES" ]; then $(GO) test -count=1 -v -timeout 60m ./internal/configurator -run Instance; fi
	sh tools/audit/run.sh --short

lint:
	@files=$$(gofmt -l $(wildcard cmd config internal migrations static templates)) || exit 1; \
	if [ -n "$$files" ]; then echo "gofmt would change:"; echo "$$files"; exit 1; fi
	$(GO) vet ./...
	$(STATICCHECK) ./...
	@dead=$$($(DEADCODE) -test ./...) || exit 1; if [ -n "$$dead" ]; then echo "nothing reaches:"; echo "$$dead"; exit 1; fi

bench: deps build
	$(GO) run ./internal/bench $(BENCH_FLAGS)

chaos: deps
	CHAOS_KILLS=$${CHAOS_KILLS:-100} $(GO) test -count=1 -v -timeout 8h ./internal/chaos $(CHAOS_FLAGS)
	$(GO) test -count=1 -v -timeout 20m ./internal/flow/newcar -run TestAnyOrderOfEventsEndsWell -rapid.checks=2000
	$(GO) test -count=1 -v -timeout 30m ./internal/flow/newcar -run 'TestSixtyFour|TestAWeek' -storm 60s -week.orders 500

audit: deps-audit build
	sh tools/audit/run.sh $(AUDIT_FLAGS)

screenshots: deps-audit build
	sh tools/audit/run.sh --screenshots

clean:
	rm -rf bin artefacts tools/audit/node_modules tools/audit/.node
