# What a developer runs. `make` lists it.
GO      ?= go
TOOLS   := $(GO) tool -modfile=tools/go.mod
SEED    ?= 1
ROUNDS  ?= 20

.PHONY: help demo test check fmt vet lint generate generated schema race bench chaos chaos-short

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

vet: ## go vet, with and without the failpoints
	$(GO) vet ./...
	$(GO) vet -tags failpoint ./...

lint: ## golangci-lint
	$(TOOLS) golangci-lint run ./...

generate: ## write the generated code anew
	$(GO) generate ./internal/id ./graph

generated: ## the committed generated code is what the generators write
	@before=$$(cat graph/*.generated.go graph/models_gen.go internal/id/kinds_gen.go | sha256sum); \
	$(MAKE) --no-print-directory generate; \
	after=$$(cat graph/*.generated.go graph/models_gen.go internal/id/kinds_gen.go | sha256sum); \
	if [ "$$before" != "$$after" ]; then echo "generated code was stale: commit what make generate wrote"; git status --short graph internal/id; exit 1; fi

schema: ## no breaking change against the released schema; import rules and table owners
	$(GO) test -count=1 -run 'TestSchema|TestWhoMayImportWhom|TestADomainTouches' .

race: ## the tests under the race detector
	$(GO) test -race -timeout 15m ./internal/... ./graph/... ./jobs/...

bench: ## the load scenarios beside their floors; prints a table
	$(GO) run ./bench

chaos: ## kill the server and its PostgreSQL at every failpoint and at random, then verify (SEED=, ROUNDS=)
	$(GO) run ./chaos -seed $(SEED) -rounds $(ROUNDS) -failpoints

chaos-short: ## what CI runs of it
	$(GO) run ./chaos -seed $(SEED) -rounds 3 -short
