# Everything a developer does, one word each. "make help" lists it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test check fuzz simulate chaos bench eval bundle generate fmt clean

# Modules of their own, beside the root.
MODULES := $(patsubst %/go.mod,%,$(wildcard internal/tools/go.mod infra/go.mod))
TOOL := go tool -modfile=internal/tools/go.mod

ifeq ($(shell command -v go),)
$(error Go is missing: install it from https://go.dev/dl/ and make sure that go is on the PATH)
endif

# What is run, tested and bundled comes from one build cache.
export GOFLAGS := $(shell go env GOFLAGS) -trimpath

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | sort | awk -F '\t' '{ printf "make %-9s %s\n", $$1, $$2 }'

run: ## run the whole system here, with a demo organisation (PORT=8080 DATA=folder)
	@mkdir -p .build/bin
	@go build -o .build/bin/dev ./cmd/dev
	@exec .build/bin/dev

test: ## run all tests, with the emulators around them
	go run ./internal/emulator/cmd/emulators -- go test -timeout 25m ./...
	@for module in $(MODULES); do echo "module $$module"; (cd "$$module" && go test ./...); done

check: ## check format, code, known vulnerabilities, generated files and house rules
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "not formatted (make fmt does it):"; echo "$$unformatted"; exit 1; }
	go vet ./...
	$(TOOL) staticcheck ./...
	@for module in $(MODULES); do echo "module $$module"; (cd "$$module" && go vet ./...); done
	@.ci/vulnerabilities
	@.ci/unchanged $(MAKE) --no-print-directory generate
	go test .

fuzz: ## send the API 20,000 odd requests, none of which may break it (SEED=number)
	go test ./internal/contract -run NoRequest -v -requests 20000 -seed $(or $(SEED),1) | grep -v '^{'

simulate: ## live through simulated days with faults (SEEDS=500 FIRST=0), or replay one (SEED=17 KEEP=0,3)
	@go run ./internal/simulate/cmd/simulate -seeds $(or $(SEEDS),500) -first $(or $(FIRST),0) -seed "$(SEED)" -keep "$(KEEP)"

chaos: ## break a whole system while people work on it, and count afterwards (FOR=3m KILLS=120)
	go run ./internal/strain/cmd/strain -for $(or $(FOR),3m) -kills $(or $(KILLS),120)

bench: ## measure each operation on a stack of its own
	go run ./internal/bench/cmd/bench

eval: ## judge the learned router on public data, and compare with the kept figures
	go run ./internal/eval/cmd/eval

bundle: ## write one archive per function for deployment
	go run ./internal/bundle/cmd/bundle

generate: ## write generated files anew
	go generate ./...

fmt: ## format the code
	gofmt -w .

clean: ## remove what was built here; caches of the user stay
	rm -rf .build
