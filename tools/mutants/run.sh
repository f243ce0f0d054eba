#!/usr/bin/env bash
# Runs the unit tests on mutants of modules, and prints those that none of them notices.
# usage: tools/mutants/run.sh PYTHON PATH... (PYTHON has mutmut; a PATH is a module or a package)
#
# mutmut works on a copy in .cache/mutants, so that the checkout stays as it is. It doesn't
# change decorated functions, nor what stands outside of functions.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
python=$1
shift
copy=.cache/mutants
# The package's dependencies, but not the package: that is the copy's.
export PYTHONPATH
PYTHONPATH=$("$root/.venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')

patterns=()
# Tests of the checkout's files, which aren't all here; and those of servers, whose deadlines
# make the whole run fail on a busy machine. They stay in where the web itself is changed.
ignored=(tests/unit/test_{deploy,hooks,links,manifests,repository}.py)
servers=(tests/unit/web tests/unit/test_health.py)
for path; do
  if [ -d "$path" ]; then patterns+=("${path%/}/*.py"); elif [ -f "$path" ]; then patterns+=("$path"); else
    echo "$path: no such module" >&2
    exit 2
  fi
  case $path in jmx_bridge | jmx_bridge/ | jmx_bridge/web* | jmx_bridge/health.py) servers=() ;; esac
done
ignored+=("${servers[@]}")

rm -rf "$copy"
mkdir -p "$copy"
cp -r jmx_bridge docs rules examples tests "$copy"
rm -r "$copy/tests/integration" "$copy/tests/java" "$copy/tests/products"
cat >"$copy/setup.cfg" <<END
[mutmut]
source_paths=jmx_bridge
only_mutate=
$(printf '    %s\n' "${patterns[@]}")
also_copy=
    docs
    rules
    examples
    jmx_bridge
pytest_add_cli_args_test_selection=
    tests/unit
pytest_add_cli_args=
    -pno:faulthandler
    -pno:cacheprovider
$(printf '    --ignore=%s\n' "${ignored[@]}")
[tool:pytest]
markers=
    soak: takes minutes
END
cd "$copy"
"$python" -m mutmut run >run.log 2>&1 || { tr '\r' '\n' <run.log | tail -n 30; exit 1; }
# Its progress is one line that is written over and over.
tr '\r' '\n' <run.log | grep -a '/' | tail -n 1
"$python" -m mutmut results >results
sed -n 's/^ *\(.*\): survived$/\1/p' results >survivors
while read -r name; do
  "$python" -m mutmut show "$name"
done <survivors
echo "$(wc -l <survivors) mutants survived, $(grep -c ': no tests$' results) are in functions that no test calls"
echo "to look at them: cd $copy && $python -m mutmut browse"
