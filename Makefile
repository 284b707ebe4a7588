# swift-dalle: everything is done from here. `make` lists the targets.

PACKAGES = pkg-config libopenblas-dev libzstd-dev libpng-dev zlib1g-dev libxxhash-dev
FORMULAE = openblas zstd libpng zlib xxhash
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
RELEASE = .build/release
SOURCES = Sources Tests Package.swift

.PHONY: help setup build demo test lint format ci bench clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-8s %s\n", $$1, $$2 }'

setup: ## Install the system libraries that are missing
	@command -v swift >/dev/null || { echo "Swift 6.2 or later is needed: https://www.swift.org/install"; exit 1; }
	@if command -v dpkg >/dev/null; then \
		missing=$$(for p in $(PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || echo $$p; done); \
		if [ -n "$$missing" ]; then \
			echo "Installing with apt-get:" $$missing; \
			$(SUDO) apt-get update -qq && \
			DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq $$missing >/dev/null; \
		fi; \
	elif command -v brew >/dev/null; then \
		missing=$$(for p in $(FORMULAE); do brew list $$p >/dev/null 2>&1 || echo $$p; done); \
		if [ -n "$$missing" ]; then echo "Installing with brew:" $$missing; brew install $$missing; fi; \
	else \
		echo "Neither dpkg nor brew: these are needed: $(PACKAGES)"; \
	fi

build: setup ## Build the three commands, optimised
	swift build -c release
	@echo "dalle-convert, dalle-quant and dalle-run are in $(RELEASE)"

demo: build ## Convert the demo model and draw with it
	@scripts/demo.sh $(RELEASE)

test: setup ## Run all tests
	swift build --build-tests
	swift test --skip-build

lint: ## Check the format of the Swift code, and warnings of the C code
	swift format lint --strict -r $(SOURCES)
	clang -fsyntax-only -std=c17 -Wall -Wextra -Werror -pedantic -ISources/CKernels/include Sources/CKernels/*.c

format: ## Bring the Swift code into the house's format
	swift format -i -r $(SOURCES)

ci: setup lint test demo ## What must pass before a change lands

bench: build ## Take a model of the real Mega size from checkpoint to picture (15 GB of disk)
	@Benchmarks/real_size.sh mega .build/real-size

clean: ## Remove everything that was built
	rm -rf .build
