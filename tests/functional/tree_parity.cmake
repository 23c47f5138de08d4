# The program that tests/functional/tree_parity.sh drives.
add_executable(tree_driver ${CMAKE_CURRENT_LIST_DIR}/tree_driver.cpp)
target_link_libraries(tree_driver PRIVATE reburst_flags reburst_harden reburst_tree)
