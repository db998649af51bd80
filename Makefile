# run · check · bench · fuzz: thin, over Meson and a little shell.

.PHONY: run check bench fuzz build web packages clean

run: build
	@deploy/stand.sh run

build: packages web
	@tools/configure.sh build
	@ninja -C build hersys hersys-voice

# Front end and reference data, made when their sources are newer.
web: node_modules/.package-lock.json
	@tools/build_web.sh

node_modules/.package-lock.json: package.json package-lock.json
	@npm ci --no-progress --loglevel=error
	@touch $@

packages:
	@deploy/packages.sh

check: build
	@deploy/packages.sh tests
	@tests/run.sh

bench: build
	@ninja -C build load
	@node bench/run.js

# Ten minutes for each parser; `make check` gives each half a minute.
fuzz: build
	@deploy/packages.sh tests
	@FUZZ_SECONDS=600 tests/run.sh builds fuzz

clean:
	rm -rf build build-*
