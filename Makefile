# rustup's folder is not in PATH until the next log-in
export PATH := $(PATH):$(HOME)/.cargo/bin

.PHONY: run test check bench generate

run: ## builds Demarc and opens its window
	@scripts/set-up run
	@scripts/as-user scripts/run

test: ## all tests
	@scripts/set-up test
	@scripts/as-user scripts/test

check: ## format, types and lints; changes nothing
	@scripts/set-up run
	@scripts/check

bench: ## speeds at a million customers, against FreeRADIUS's own tables; about ten minutes
	@scripts/set-up test
	@scripts/bench

generate: ## writes the TypeScript of the commands again, after a change in Rust
	@mkdir -p ui/dist
	@DEMARC_GENERATE=1 scripts/as-user cargo test -q -p tests --features demarc/custom-protocol --test desktop typescript
