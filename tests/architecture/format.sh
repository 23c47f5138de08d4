#!/usr/bin/env bash
# Every C++ file is as clang-format (.clang-format) writes it. Mend with: git ls-files '*.cpp' '*.hpp' | xargs clang-format -i
set -euo pipefail
cd "$1"
find core cache fetch signing registry builder boot trial attack cli tests -name '*.cpp' -o -name '*.hpp' | sort | xargs clang-format --dry-run --Werror --ferror-limit=1
