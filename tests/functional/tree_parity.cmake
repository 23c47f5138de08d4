# The program that tests/functional/tree_parity.sh drives.
add_executable(tree_driver ${CMAKE_CURRENT_LIST_DIR}/tree_driver.cpp)
target_link_libraries(tree_driver PRIVATE reburst_flags reburst_harden reburst_tree)
add_executable(tree_compare ${CMAKE_CURRENT_LIST_DIR}/tree_parity_compare.cpp)
target_link_libraries(tree_compare PRIVATE reburst_flags reburst_core)
add_test(NAME functional.tree_compare COMMAND ${CMAKE_CURRENT_LIST_DIR}/tree_compare_test.sh)
set_tests_properties(functional.tree_compare PROPERTIES TIMEOUT 60 ENVIRONMENT "TREE_COMPARE=$<TARGET_FILE:tree_compare>")

# `quick` is part of every check, `all` of ./check --all.
foreach(sets quick all)
  add_test(NAME functional.tree_parity.${sets} COMMAND ${CMAKE_CURRENT_LIST_DIR}/tree_parity.sh ${sets})
  set_tests_properties(functional.tree_parity.${sets} PROPERTIES TIMEOUT 2400 PROCESSORS 2 SKIP_RETURN_CODE 77
    ENVIRONMENT "REBURST=$<TARGET_FILE:reburst>;REBURST_RECIPES=${PROJECT_SOURCE_DIR}/recipes;TREE_DRIVER=$<TARGET_FILE:tree_driver>;TREE_COMPARE=$<TARGET_FILE:tree_compare>;SOURCE=${PROJECT_SOURCE_DIR};WORK=${PROJECT_BINARY_DIR}/functional")
endforeach()
set_tests_properties(functional.tree_parity.all PROPERTIES LABELS long)
