/* The two static programs of boot/ that only a test initrd carries (paths: CMakeLists.txt). */
    .section .rodata
    .global reburst_init_test_start
    .global reburst_init_test_end
    .global reburst_agent_start
    .global reburst_agent_end
    .balign 16
reburst_init_test_start:
    .incbin "reburst_init_test.bin"
reburst_init_test_end:
    .balign 16
reburst_agent_start:
    .incbin "reburst_agent.bin"
reburst_agent_end:
    .section .note.GNU-stack, "", @progbits
