/* The bytes of reburst-init, found by the assembler's include path (CMakeLists.txt). */
    .section .rodata
    .global reburst_init_start
    .global reburst_init_end
    .balign 16
reburst_init_start:
    .incbin "reburst_init.bin"
reburst_init_end:
    .section .note.GNU-stack, "", @progbits
