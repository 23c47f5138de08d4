# Helpers shared by every folder's CMakeLists.txt.

# What a developer waits for is the compiler: -O1 and line numbers are enough to test and to read a backtrace.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

add_library(reburst_flags INTERFACE)
# g++ 12 reports -Wrestrict, -Warray-bounds, -Wstringop-overflow and -overread inside std::string itself (GCC bugs 105651, 105329).
target_compile_options(reburst_flags INTERFACE -Wall -Wextra -Wconversion -Werror "$<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-array-bounds;-Wno-stringop-overflow;-Wno-stringop-overread>")
target_include_directories(reburst_flags INTERFACE ${PROJECT_SOURCE_DIR})

# The standard headers that most files include, compiled once. Off for sanitizers, fuzzing and clang-tidy, where every file must
# stand on its own includes.
set(REBURST_TEST_OPTIONS -O0) # tests are compiled more often than they run
option(REBURST_PCH "precompile the common headers" ON)
set(REBURST_COMMON_HEADERS <algorithm> <array> <filesystem> <functional> <map> <memory> <optional> <set> <span> <string> <string_view>
                           <utility> <variant> <vector> <tl/expected.hpp>)
file(WRITE ${PROJECT_BINARY_DIR}/generated/empty.cpp "")

# reburst_precompile(NAME HEADERS <…> … LINKS … OPTIONS …): the common headers and HEADERS, compiled once with OPTIONS for the targets
# that reburst_precompiled() gives them to.
function(reburst_precompile name)
  cmake_parse_arguments(ARG "" "" "HEADERS;LINKS;OPTIONS" ${ARGN})
  if(REBURST_PCH)
    add_library(${name} OBJECT ${PROJECT_BINARY_DIR}/generated/empty.cpp)
    target_link_libraries(${name} PRIVATE reburst_flags tl::expected ${ARG_LINKS})
    target_compile_options(${name} PRIVATE ${ARG_OPTIONS})
    target_precompile_headers(${name} PRIVATE ${REBURST_COMMON_HEADERS} ${ARG_HEADERS})
  endif()
endfunction()

function(reburst_precompiled name from)
  if(REBURST_PCH)
    target_precompile_headers(${name} REUSE_FROM ${from})
  endif()
endfunction()

reburst_precompile(reburst_pch)

# reburst_library(NAME SOURCES a.cpp … LINKS reburst_core … PRIVATE_LINKS vendor …)
# One static library per folder. PRIVATE_LINKS are the vendor libraries that the folder's adapters own.
function(reburst_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC reburst_flags ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS})
  reburst_precompiled(${name} reburst_pch)
endfunction()

# reburst_test(NAME SOURCES a_test.cpp … LINKS …): a GoogleTest program, each case a ctest.
function(reburst_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE reburst_flags ${ARG_LINKS} GTest::gtest_main GTest::gmock)
  target_compile_definitions(${name} PRIVATE REBURST_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_compile_options(${name} PRIVATE ${REBURST_TEST_OPTIONS})
  reburst_precompiled(${name} reburst_test_pch)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 30 PROPERTIES TIMEOUT 300)
endfunction()
