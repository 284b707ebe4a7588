#!/bin/sh
# Builds the fuzz targets and runs each one. Usage: Fuzz/run.sh [TARGET...]
#
# FUZZ_SECONDS  seconds for each target (20)
# FUZZ_ARGUMENTS  further arguments for libFuzzer
#
# Ends with 1 when something was found; the input that shows it is kept in .build/fuzz/findings/TARGET.
set -eu
cd "$(dirname "$0")/.."

build=.build/fuzz
yams=.build/checkouts/Yams/Sources
seconds=${FUZZ_SECONDS:-20}
modules=$build/modules
mkdir -p "$modules" "$build/objects" "$build/bin"

# The backtracer of a crashed process would hold the terminal after the process is gone.
export SWIFT_BACKTRACE=enable=no
export ASAN_OPTIONS=quarantine_size_mb=32:detect_leaks=0

# As in Package.swift, without the warnings: it is the ordinary build that refuses them.
features="-package-name swift_dalle -swift-version 6 -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault
    -enable-upcoming-feature MemberImportVisibility -enable-experimental-feature Lifetimes"
libraries=
system=
for library in CZstd CXXHash CZlib CPNG CJPEG CSystem/include; do system="$system -I Sources/$library"; done

# Whether the first file is there and older than none of the others, which may be folders.
is_new() {
    file=$1
    shift
    [ -f "$file" ] && [ -z "$(find "$@" -newer "$file" | head -1)" ]
}

# Compiles sources into one object and a module, which may import those before it: module NAME SOURCES...
module() {
    name=$1
    shift
    object=$build/objects/$name.o
    # shellcheck disable=SC2086 — a list of words
    if is_new "$object" "$@" Package.swift Fuzz/run.sh $libraries; then return; fi
    echo "building $name"
    # shellcheck disable=SC2086,SC2046 — lists of words
    swiftc -parse-as-library -wmo -O -g -sanitize=fuzzer,address -enable-testing $options $system -I "$modules" \
        -module-name "$name" -emit-module -emit-module-path "$modules/$name.swiftmodule" -emit-object -o "$object" \
        $(find "$@" -name '*.swift')
}

# One that the targets are linked with.
library() {
    module "$@"
    libraries="$libraries $build/objects/$1.o"
}

build_modules() {
    [ -d "$yams" ] || swift package resolve
    for source in Sources/CSystem/*.c; do
        object=$build/objects/system_$(basename "$source" .c).o
        libraries="$libraries $object"
        is_new "$object" Sources/CSystem ||
            clang -O1 -g -fsanitize=fuzzer-no-link,address -I Sources/CSystem/include -c "$source" -o "$object"
    done
    options="$features"
    library DalleThreads Sources/Threads
    library DalleFormat Sources/Format
    if ! is_new "$build/objects/CYaml.o" "$yams/CYaml"; then
        echo "building CYaml"
        for source in "$yams"/CYaml/src/*.c; do
            clang -O1 -g -fsanitize=fuzzer-no-link,address -DYAML_DECLARE_STATIC -I "$yams/CYaml/include" \
                -c "$source" -o "$build/objects/yaml_$(basename "$source" .c).o"
        done
        ld.lld -r -o "$build/objects/CYaml.o" "$build"/objects/yaml_*.o
    fi
    options="-swift-version 5 -DSWIFT_PACKAGE -I $yams/CYaml/include -Xcc -DYAML_DECLARE_STATIC"
    libraries="$libraries $build/objects/CYaml.o"
    library Yams "$yams/Yams"
    options="$features -I $yams/CYaml/include"
    library DalleConvert Sources/Convert
}

# What a target takes beside its own file.
more() {
    case $1 in
    Zip | NPY) echo Sources/Verification/NPYArray.swift ;;
    PNG | JPEG) echo Fuzz/Matrix.swift Sources/Runtime/Image Sources/Runtime/Ops/FeatureMap.swift ;;
    esac
}

build_target() {
    options="$features -I $yams/CYaml/include"
    # shellcheck disable=SC2046 — a list of words
    module "Fuzz$1" "Fuzz/$1.swift" Fuzz/Input.swift $(more "$1")
    # shellcheck disable=SC2086 — a list of words
    is_new "$build/bin/$1" "$build/objects/Fuzz$1.o" $libraries ||
        swiftc -sanitize=fuzzer,address -use-ld=lld -o "$build/bin/$1" "$build/objects/Fuzz$1.o" $libraries \
            -lzstd -lxxhash -lz -lpng -ljpeg
}

# The longest input of a target, and the most megabytes that one allocation for it may take.
limits() {
    case $1 in
    MessagePack) echo 32768 8 ;;
    Pickle) echo 16384 8 ;;
    Torch) echo 16384 8 ;;
    # 64 kB deflated to what Input.longestTensor allows, as doubles.
    Zip) echo 65536 16 ;;
    NPY) echo 4096 2 ;;
    Safetensors) echo 8192 8 ;;
    # A chunk may have 64 MB.
    Model) echo 16384 80 ;;
    Tokenizer) echo 65536 16 ;;
    # 64 kB deflated to what a list of merges may have.
    Settings) echo 16384 70 ;;
    # A picture may have 2^26 pixels, with opacity; a decoder of JPEG keeps less than that.
    PNG | JPEG) echo 32768 280 ;;
    esac
}

# Puts fixtures that are short enough into a target's corpus.
seed() {
    corpus=$build/corpus/$1
    mkdir -p "$corpus"
    [ ! -d "Fuzz/seeds/$1" ] || cp Fuzz/seeds/"$1"/* "$corpus"
    case $1 in
    MessagePack) copy -name '*.msgpack' ;;
    Torch) copy '(' -name '*.pt' -o -name '*.ckpt' ')' ;;
    Zip) copy '(' -name '*.npz' -o -name '*.pt' ')' ;;
    Safetensors) copy -name '*.safetensors' ;;
    Tokenizer) copy -name tokenizer.json ;;
    PNG) copy -name '*.png' ;;
    JPEG) copy -name '*.jpg' ;;
    Settings)
        copy_as d '(' -path '*/flax/*' -name config.json -o -path '*/hostile/Settings/*.json' ')'
        copy_as c -path '*/clip*' -name config.json
        copy_as v '(' -path '*vqgan*' -name config.json -o -name '*.yaml' ')'
        copy_as m '(' -name merges.txt -o -name '*.txt.gz' ')'
        copy_as w -name '*-words-frequency.txt'
        copy_as u -path '*/unidecode/x*.py'
        copy_as s '(' -name special_tokens_map.json -o -name tokenizer_config.json ')'
        copy_as i -name '*.index.json'
        ;;
    esac
}

# The fixtures that `find` finds by these conditions, each under a name of its own.
short() { find fixtures "$@" -type f -size -"$longest"c | LC_ALL=C sort; }

copy() {
    short "$@" | while read -r file; do cp "$file" "$corpus/$(echo "$file" | tr / _)"; done
}

# The same behind a letter.
copy_as() {
    letter=$1
    shift
    short "$@" | while read -r file; do
        { printf %s "$letter" && cat "$file"; } >"$corpus/$(echo "$file" | tr / _)"
    done
}

run() {
    read -r longest megabytes <<limits
$(limits "$1")
limits
    seed "$1"
    findings=$build/findings/$1
    mkdir -p "$findings"
    words=
    [ ! -f "Fuzz/dictionaries/$1.dict" ] || words=-dict=Fuzz/dictionaries/$1.dict
    echo "$1: $seconds s"
    # shellcheck disable=SC2086 — a list of words
    if ! "$build/bin/$1" "$corpus" -max_len="$longest" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=512 \
        -malloc_limit_mb="$megabytes" -artifact_prefix="$findings/" -print_final_stats=1 $words ${FUZZ_ARGUMENTS:-} \
        >"$build/$1.log" 2>&1; then
        tail -40 "$build/$1.log"
        echo "$1: found something; the input is in $findings" >&2
        return 1
    fi
    grep -E '^stat::number_of_executed_units|^stat::average_exec_per_sec|^stat::peak_rss_mb' "$build/$1.log" |
        sed "s/^stat::/  /"
}

targets=${*:-MessagePack Pickle Torch Zip NPY Safetensors Model Tokenizer Settings PNG JPEG}
build_modules
status=0
for target in $targets; do build_target "$target"; done
for target in $targets; do run "$target" || status=1; done
exit $status
