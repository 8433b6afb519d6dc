# What a developer runs. `make` lists it.
GO      ?= go
TOOLS   := $(GO) tool -modfile=tools/go.mod
SEED    ?= 1
ROUNDS  ?= 20

.PHONY: help demo test check fmt vet lint generate generated types schema race bench chaos chaos-short

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: ## a whole shop on an embedded PostgreSQL, with an order placed before your eyes
	$(GO) run . demo

test: ## every test; starts the PostgreSQL it needs
	$(GO) test ./...

check: fmt vet lint generated schema ## what a change must pass before it is pushed, besides the tests

fmt: ## formatting, gofumpt's
	@bad=$$($(TOOLS) gofumpt -l $$(git ls-files '*.go' | grep -v -e '\.generated\.go$$' -e '_gen\.go$$')); \
	if [ -n "$$bad" ]; then echo "not formatted (run: go tool -modfile=tools/go.mod gofumpt -w FILE):"; echo "$$bad"; exit 1; fi

vet: ## go vet, also of what only the failpoints' tag builds
	$(GO) vet ./...
	$(GO) vet -tags failpoint ./internal/failpoint

lint: ## golangci-lint
	$(TOOLS) golangci-lint run ./...

generate: ## write the generated code anew
	$(GO) generate ./internal/id ./graph

types: ## write the types of examples/typescript anew; needs Node.js and npm ci
	@schema=$$(mktemp --suffix=.json) && trap 'rm -f $$schema' EXIT && $(GO) run . schema --json > $$schema && \
	cd examples/typescript && WHARF_SCHEMA=$$schema npm run --silent generate

generated: ## the committed generated code is what the generators write
	@before=$$(cat graph/*.generated.go graph/models_gen.go internal/id/kinds_gen.go | sha256sum); \
	$(MAKE) --no-print-directory generate; \
	after=$$(cat graph/*.generated.go graph/models_gen.go internal/id/kinds_gen.go | sha256sum); \
	if [ "$$before" != "$$after" ]; then echo "generated code was stale: commit what make generate wrote"; git status --short graph internal/id; exit 1; fi

schema: ## no breaking change against the released schema; import rules and table owners
	$(GO) test -count=1 -run 'TestSchema|TestWhoMayImportWhom|TestADomainTouches' .

# Who may see what, refusals one by one, counts of statements and plans: what is done there at once is done in other tests too,
# and under the race detector these take minutes. What starts databases for the demo and for tests is left out likewise.
NO_RACE := ^Test(Foreign.*TheSame|Scopes|PromotionsByTheirWords)|Statements|UseTheirIndexes|StockConstraints|WhatIsBrokenIsFoundAndNamed

# Where nothing is started beside something else, neither by the code nor by its tests, nothing can race.
STARTS := (^|[^a-z])go (func|[a-zA-Z.]+\()|\.Go\(

race: ## the tests under the race detector
	$(GO) test -race -timeout 15m -skip '$(NO_RACE)' $$(grep -rlE '$(STARTS)' --include='*.go' internal graph jobs | \
		xargs -n1 dirname | sort -u | sed 's|^|./|' | grep -v -e '/pg/embedded$$' -e '/pg/pgtest$$')

bench: ## the load scenarios beside their floors; prints a table
	$(GO) run ./bench

# The fault matrix is tests that run only when WHARF_FAULTS says in which form: short, as in CI, or full. A row of
# WHARF_FAULTS_MUST that did not run fails the run, so that none is skipped unseen. WHARF_FAULTS_TABLE is the document
# whose table is written. Rows 5 and 6 mount a small file system, which needs root.
CI_ROWS := 1,2,10,13,14,21,26,ACIDRain

chaos: ## every scenario and every fault in full form; writes the tables of docs/reliability.md (SEED=, ROUNDS=)
	@failed=0; \
	$(GO) run ./chaos -seed $(SEED) -rounds $(ROUNDS) -table docs/reliability.md || failed=1; \
	WHARF_FAULTS=full WHARF_FAULTS_SEED=$(SEED) WHARF_FAULTS_TABLE=$(CURDIR)/docs/reliability.md \
		$(GO) test -count=1 -timeout 4h -v ./chaos/faults || failed=1; \
	exit $$failed

chaos-short: ## what CI runs of it: rows 1, 2, 10, 13, 14, 21 and 26 of the fault matrix, and the attacks of ACIDRain, in short form
	WHARF_FAULTS=short WHARF_FAULTS_SEED=$(SEED) WHARF_FAULTS_MUST=$(CI_ROWS) \
		$(GO) test -count=1 -timeout 15m -parallel 4 -v -run '^(TestFault(01|02|10|13|14|21|26)_|TestACIDRain$$)' ./chaos/faults
