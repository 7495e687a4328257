# The commands of the project. `make demo` and `make test` are the two that matter.

SHELL := bash
.SHELLFLAGS := -o pipefail -ec

export PEELIAN_SHARED ?= $(abspath ../shared)

.PHONY: demo test prove check bench clean

demo: target/debug/peelian
	@target/debug/peelian demo

# Everything that ends within minutes, browser tests included.
test: target/debug/peelian
	tests/rust
	target/debug/peelian measure check
	tests/browser/run

# What takes longer: kill points, seeds and mutations in number. The last
# results are kept in benches/prove.txt.
prove: target/debug/peelian
	date -u +"make prove, %d %B %Y" >benches/prove.txt
	PEELIAN_PROVE=1 cargo test --workspace -- prove_ 2>&1 | \
		grep -E '^test (prove|.*::prove)|panicked|FAILED|^error' | tee -a benches/prove.txt

# Formatting, lints and licences.
check: web/dist/site.css
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	@command -v cargo-deny >/dev/null || cargo install --quiet --locked --debug cargo-deny
	cargo deny --log-level error check licenses bans sources

bench: web/dist/site.css
	benches/run

target/debug/peelian: web/dist/site.css FORCE
	cargo build --quiet --workspace

web/dist/site.css: web/package.json web/package-lock.json web/build.mjs $(wildcard web/sass/*.scss)
	npm ci --prefix web --no-fund --no-audit --loglevel=error
	@touch $@

clean:
	rm -rf target web/dist web/node_modules tests/browser/node_modules peelian-demo

FORCE:
