# The commands that people type. Everything else is in CONTRIBUTING.md.

.PHONY: help run test short lint renew ci

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## a run over the made-up fleet, into demo.db
	go run ./cmd/execute --demo

test: ## all tests; those of Neo4j are skipped where no server can be had
	go test -timeout 30m ./...

short: ## the tests that take seconds
	go test -short ./...

lint: ## formatting, vet, linters, generated files
	.ci/run lint

renew: ## make generated documents and golden files anew
	go run ./tools/docs
	UPDATE_GOLDEN=1 go test ./converters/... >/dev/null
	git status --short

ci: ## everything that is checked for each change
	.ci/run
