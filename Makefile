# rustup's folder is not in PATH until the next log-in
export PATH := $(PATH):$(HOME)/.cargo/bin

.PHONY: run test check

run: ## builds Demarc and opens its window
	@scripts/set-up run
	@scripts/as-user scripts/run

test: ## all tests
	@scripts/set-up test
	@scripts/as-user scripts/test

check: ## format, types and lints; changes nothing
	@scripts/set-up run
	@scripts/check
