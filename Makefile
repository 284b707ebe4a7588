# swift-dalle: everything is done from here. `make` lists the targets.

RELEASE = .build/release
SOURCES = Sources Tests Benchmarks Examples Fuzz Package.swift

# Where `make install` puts the commands, and their completions for bash, zsh and fish.
PREFIX ?= /usr/local
COMMANDS = dalle-convert dalle-quant dalle-run

.PHONY: help setup build install demo score test tsan lint format ci fuzz bench examples docs clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-8s %s\n", $$1, $$2 }'

setup: ## Install the system libraries that are missing
	@scripts/setup.sh

build: setup ## Build the three commands, optimised
	swift build -c release
	@echo "dalle-convert, dalle-quant and dalle-run are in $(RELEASE)"

install: build ## Install the commands and their completions below PREFIX (/usr/local)
	@for name in $(COMMANDS); do \
		install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions \
			$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d || exit; \
		install -m 755 $(RELEASE)/$$name $(DESTDIR)$(PREFIX)/bin/$$name || exit; \
		$(RELEASE)/$$name --generate-completion-script bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$name; \
		$(RELEASE)/$$name --generate-completion-script zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_$$name; \
		$(RELEASE)/$$name --generate-completion-script fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/$$name.fish; \
	done
	@echo "They are in $(DESTDIR)$(PREFIX)/bin, and need Swift's libraries where they are now"

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
TSAN = --build-path .build-tsan --sanitize=thread

tsan: export DALLE_OPTIMIZE_DEBUG = 1
tsan: export DALLE_TESTS = ConcurrencyTests
tsan: setup ## Run the tests of what threads share with thread sanitizer
	swift build $(TSAN) --product swift-dallePackageTests
	swift test $(TSAN) --skip-build --disable-xctest

lint: ## Check the format of the Swift code, and warnings of the C code
	swift format lint --strict -r $(SOURCES)
	clang -fsyntax-only -std=gnu17 -Wall -Wextra -Werror -ISources/CKernels/include -ISources/CSystem/include \
		-ITests/TileModel/include Sources/CKernels/*.c Sources/CKernels/*/*.c Sources/CSystem/*.c Tests/TileModel/*.c

format: ## Bring the Swift code into the house's format
	swift format -i -r $(SOURCES)

ci: setup lint test score examples ## What must pass before a change lands

fuzz: setup ## Give the readers of files random ones, with address sanitizer (FUZZ_SECONDS=20 each)
	@Fuzz/run.sh

EXAMPLES = swift run -c release --package-path Examples --scratch-path .build/examples

examples: demo ## Build the examples, and draw with one of them
	swift build -c release --package-path Examples --scratch-path .build/examples
	$(EXAMPLES) --skip-build draw .build/demo/demo.dalle "a blue star left of a red circle" .build/demo/example

docs: export DALLE_OPTIMIZE_DEBUG = 1
docs: setup ## Make the library's documentation: a web site in .build/documentation
	@scripts/docs.sh

bench: build ## Take a model of the real Mega size from checkpoint to picture (15 GB of disk)
	@Benchmarks/real_size.sh mega .build/real-size

clean: ## Remove everything that was built
	rm -rf .build .build-tsan
