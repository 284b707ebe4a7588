# swift-dalle: everything is done from here. `make` lists the targets.

RELEASE = .build/release
SOURCES = Sources Tests Benchmarks Fuzz Package.swift

.PHONY: help setup build demo score test tsan lint format ci fuzz bench clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-8s %s\n", $$1, $$2 }'

setup: ## Install the system libraries that are missing
	@scripts/setup.sh

build: setup ## Build the three commands, optimised
	swift build -c release
	@echo "dalle-convert, dalle-quant and dalle-run are in $(RELEASE)"

demo: build ## Convert the demo model and draw with it
	@scripts/demo.sh $(RELEASE)

score: demo ## Judge what the demo model draws of 96 captions, against upstream's pictures
	$(RELEASE)/demo-score .build/demo/demo.dalle --exact --best-of 48
	$(RELEASE)/demo-score .build/demo/demo.dalle --exact --fast

test: export DALLE_OPTIMIZE_DEBUG = 1
test: setup ## Run all tests
	swift build --build-tests
	swift test --skip-build --disable-xctest

# Whatever threads share: the pool, spread work, the queue of chunks, contexts and generators used by several.
TSAN_TESTS = ThreadPoolTests|ThreadsTests|SharedContextTests
TSAN = --build-path .build-tsan --sanitize=thread

tsan: export DALLE_OPTIMIZE_DEBUG = 1
tsan: setup ## Run the tests of what threads share with thread sanitizer
	swift build $(TSAN) --build-tests
	swift test $(TSAN) --skip-build --disable-xctest --filter '$(TSAN_TESTS)'

lint: ## Check the format of the Swift code, and warnings of the C code
	swift format lint --strict -r $(SOURCES)
	clang -fsyntax-only -std=gnu17 -Wall -Wextra -Werror -ISources/CKernels/include -ISources/CSystem/include \
		-ITests/TileModel/include Sources/CKernels/*.c Sources/CKernels/*/*.c Sources/CSystem/*.c Tests/TileModel/*.c

format: ## Bring the Swift code into the house's format
	swift format -i -r $(SOURCES)

ci: setup lint test score ## What must pass before a change lands

fuzz: setup ## Give the readers of files random ones, with address sanitizer (FUZZ_SECONDS=20 each)
	@Fuzz/run.sh

bench: build ## Take a model of the real Mega size from checkpoint to picture (15 GB of disk)
	@Benchmarks/real_size.sh mega .build/real-size

clean: ## Remove everything that was built
	rm -rf .build .build-tsan
