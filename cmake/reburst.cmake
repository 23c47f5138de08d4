# Helpers shared by every folder's CMakeLists.txt.

# What a developer waits for is the compiler: -O1 and line numbers are enough to test and to read a backtrace.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

add_library(reburst_flags INTERFACE)
# g++ 12 reports -Wrestrict inside std::string itself (GCC bug 105651).
target_compile_options(reburst_flags INTERFACE -Wall -Wextra -Wconversion -Werror $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
target_include_directories(reburst_flags INTERFACE ${PROJECT_SOURCE_DIR})

# reburst_library(NAME SOURCES a.cpp … LINKS reburst_core … PRIVATE_LINKS vendor …)
# One static library per folder. PRIVATE_LINKS are the vendor libraries that the folder's adapters own.
function(reburst_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC reburst_flags ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS})
endfunction()

# reburst_test(NAME SOURCES a_test.cpp … LINKS …): a GoogleTest program, each case a ctest.
function(reburst_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE reburst_flags ${ARG_LINKS} GTest::gtest_main GTest::gmock)
  target_compile_definitions(${name} PRIVATE REBURST_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 30 PROPERTIES TIMEOUT 300)
endfunction()
