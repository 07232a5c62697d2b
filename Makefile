# What a contributor runs. `make help` lists the targets; `make test` is what CI runs.
# Needs Go, git, make and, for the race detector, a C compiler. Every other tool is linked from the PATH, when its version is
# that of its module under tools/, or built into .tools/bin, again only when the module changes.

TOOLS     := $(CURDIR)/.tools/bin
# tools/sbom is for releases only.
STAMPS    := $(filter-out .tools/sbom.stamp,$(patsubst tools/%/go.mod,.tools/%.stamp,$(wildcard tools/*/go.mod)))
FUZZTIME  ?= 10s
# What generate-check compares with the repository. A new kind of generated file belongs here.
CHART     := deploy/helm/ccaas-exporter
GENERATED := 'dashboards/*.json' '$(CHART)/files/*'
RACE      := $(if $(filter 1,$(shell go env CGO_ENABLED)),-race)

VERSION   ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
REVISION  ?= $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
BRANCH    ?= $(shell git branch --show-current 2>/dev/null)
BINARY    ?= ccaas_exporter
DIST      ?= dist
GOARCH    ?= $(shell go env GOARCH)
IMAGE     ?= ccaas_exporter:$(VERSION)
X         := github.com/prometheus/common/version
BUILD     ?= -trimpath -buildvcs=false
LDFLAGS    = -s -w -X $X.Version=$(VERSION) -X $X.Revision=$(REVISION) -X $X.Branch=$(BRANCH)

# Tests and scripts find promtool, prometheus, amtool and alertmanager by PATH or by TOOLS_DIR.
export PATH      := $(TOOLS):$(PATH)
export TOOLS_DIR := $(TOOLS)

# The steps of make test with their time on two cores. What fails soon comes first.
define STEPS
tools           10 min for all of them, once
fmt-check       1 s
vet             30 s
lint            30 s
generate-check  5 s
alerts          50 s
actionlint      1 s
govulncheck     10 s
packages        1 s
go-test         10 min
endef
export STEPS
# Packages that mostly wait, for programs or for time to pass, while the others compute.
WAITING   := alerts dashboards platform/presence
# Checks have memory to spare: less collecting of garbage halves their time.
SPARE     := GOGC=400

.PHONY: help test fmt fmt-check vet lint generate generate-check alerts actionlint govulncheck packages go-test
.PHONY: build bench fuzz golden demo demo-stack picture docker package dist tools clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' Makefile

test: ## every check; green here is green in CI
	@printf '%s\n' 'make test has these steps, with their time on two cores:' "$$STEPS"
	@all=$$(date +%s); echo "$$STEPS" | while read -r step _; do \
	  began=$$(date +%s); echo "== $$step"; \
	  $(MAKE) --no-print-directory $$step </dev/null || { echo "== make $$step failed"; exit 1; }; \
	  echo "== $$step: $$(($$(date +%s) - began)) s"; \
	done && echo "== make test is green after $$(($$(date +%s) - all)) s"

fmt: tools ## format all Go code
	gofumpt -w .

fmt-check: tools
	@out=$$(gofumpt -l .) && [ -z "$$out" ] || { echo "not formatted, run make fmt: $$out"; exit 1; }

vet:
	go mod tidy -diff
	go vet ./...

lint: tools ## golangci-lint, configured in .golangci.yml
	$(SPARE) golangci-lint run
	@files=$$(grep -rl --include='*_test.go' 'time\.Sleep' . | xargs -r grep -L testing/synctest); \
	  [ -z "$$files" ] || { echo "time.Sleep outside testing/synctest: $$files"; exit 1; }

generate: ## write the generated files anew
	go run ./dashboards
	@# Helm packs only what is in the chart's folder.
	@mkdir -p $(CHART)/files/rules $(CHART)/files/boards && rm -f $(CHART)/files/*/*
	cp alerts/*.rules.yml $(CHART)/files/rules && cp dashboards/*.json $(CHART)/files/boards

generate-check: generate
	@git diff --exit-code -- $(GENERATED) || { echo "generated files differ: commit what make generate writes"; exit 1; }
	@new=$$(git ls-files --others --exclude-standard -- $(GENERATED)); \
	  [ -z "$$new" ] || { echo "generated files that git does not know, git add them: $$new"; exit 1; }

alerts: tools ## check and unit-test the rules, check the Alertmanager example and every query
	promtool check rules alerts/*.rules.yml
	@# Two processes, each with a few files at a time. Only failures are printed.
	ls alerts/tests/*.yml | $(SPARE) xargs -n 6 -P 2 sh -c 'out=$$(promtool test rules "$$@" 2>&1) || { echo "$$out"; exit 1; }' promtool
	amtool check-config alerts/alertmanager.example.yml
	@# Every metric and label that a rule or a panel reads is one that the exporter exports.
	go run . --metrics.list > .tools/families.json
	go run ./dashboards -queries | promqlcheck --families=.tools/families.json --queries=- alerts/*.rules.yml

actionlint: tools
	actionlint

govulncheck: tools ## known vulnerabilities; says so when the database is out of reach
	tools/govulncheck.sh

# What some tests run. Elsewhere than in CI they are skipped without it.
PACKAGES := sip-tester kamailio kamailio-tls-modules systemd redis-server chromium
packages:
	@[ "$(CI)" != true ] || tools/install-packages.sh $(PACKAGES)

go-test: tools
	@[ -n "$(RACE)" ] || echo "NOT CHECKED: data races (the race detector needs cgo and a C compiler)"
	@# Two runs side by side, one package after the other in each, about as long as each other. On a busy
	@# machine one may take more than Go's 10 minutes.
	$(SPARE) go test $(RACE) -p 1 -parallel 4 -timeout 30m $(WAITING:%=./%) & waiting=$$!; \
	  $(SPARE) go test $(RACE) -p 1 -parallel 4 -timeout 30m $$(go list ./... | grep -v $(WAITING:%=-e '/%$$')) || failed=1; \
	  wait $$waiting && [ -z "$$failed" ]
	@# Allocations are counted without the race detector, which adds to them.
	go test -run '^TestMemory$$' ./platform/cxone

build: ## the static binary ./ccaas_exporter, the same for the same commit wherever it is built
	CGO_ENABLED=0 go build $(BUILD) -ldflags '$(LDFLAGS)' -o $(BINARY) .

SELF = env -u GOOS -u GOARCH go run $(BUILD) -ldflags '$(LDFLAGS)' .
# The same commit gives the same package: times are those of the commit.
package: build .tools/nfpm.stamp ## a Debian package of ./ccaas_exporter in DIST (dist)
	@mkdir -p $(DIST)/staged && cp $(BINARY) $(DIST)/staged/ccaas_exporter
	@# Printed by a program for this machine: the packaged one may be for another.
	@for format in bash zsh; do $(SELF) --completion-script-$$format > $(DIST)/staged/completion.$$format || exit 1; done
	@$(SELF) --help-man | gzip -9n > $(DIST)/staged/ccaas_exporter.1.gz
	DIST=$(DIST)/staged ARCH=$(GOARCH) VERSION=$(VERSION) SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) \
	  nfpm package --config deploy/package/nfpm.yaml --packager deb --target $(DIST)/
	@rm -r $(DIST)/staged

dist: .tools/sbom.stamp ## what a release holds, in DIST: binaries, packages, SBOMs and their checksums
	@rm -f $(DIST)/ccaas[-_]exporter* $(DIST)/sha256sums.txt
	for arch in amd64 arm64; do \
	  binary=$(DIST)/ccaas_exporter-$(VERSION).linux-$$arch; \
	  GOOS=linux GOARCH=$$arch $(MAKE) --no-print-directory package BINARY=$$binary && \
	  cyclonedx-gomod bin -json -noserial -notimestamp -version $(VERSION) -output $$binary.cdx.json $$binary || exit 1; \
	done
	cd $(DIST) && sha256sum -- ccaas[-_]exporter* > sha256sums.txt

bench: ## all benchmarks
	go test -run '^$$' -bench . -benchmem ./...

fuzz: ## every fuzz target for FUZZTIME (10s)
	@grep -rHoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | sort | while IFS=: read -r file func; do \
	  echo "$$file $${func#func }"; \
	  go test -C "$$(dirname "$$file")" -run '^$$' -fuzz "^$${func#func }\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x || exit 1; \
	done

golden: tools ## write the golden files anew, where a package has some
	@grep -rlE --include='*_test.go' 'flag\.Bool\("update"' . | xargs -rn1 dirname | sort -u | \
	  while read -r pkg; do go test "$$pkg" -update || exit 1; done

demo: build ## the exporter against its own simulator, on :10054
	./$(BINARY) --demo

demo-stack: build tools ## the demo with Prometheus and Alertmanager beside it
	deploy/demo-stack.sh

# The picture of the README is drawn from what a real Prometheus knows of the demo. It takes the time that alerts take.
picture: build tools ## draw docs/overview.svg from the demo's trunk outage, 20 minutes long
	@SCENARIO=trunk-outage EXPORTER_PORT=21054 PROMETHEUS_PORT=21090 ALERTMANAGER_PORT=21093 deploy/demo-stack.sh >/dev/null & stack=$$!; \
	  trap 'kill $$stack' EXIT; sleep 1200; kill -0 $$stack && mkdir -p docs && \
	  go run ./dashboards -draw http://127.0.0.1:21090 -caption '$(CAPTION)' > docs/overview.svg
CAPTION := Drawn from ccaas_exporter --demo in a trunk outage by make picture; the queries are those of the board. Not a screenshot.

docker: ## the container image
	docker build -t $(IMAGE) --build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION) --build-arg BRANCH=$(BRANCH) .

tools: ## link or build the tools that are missing, two modules at a time
	@$(MAKE) --no-print-directory -s -j2 $(STAMPS)
.SECONDEXPANSION:
.tools/%.stamp: tools/%/go.mod tools/%/go.sum $$(wildcard tools/$$*/*.go)
	tools/provide.sh $*
	touch $@

clean: ## what was built, but not the tools
	rm -rf $(BINARY) $(DIST)
