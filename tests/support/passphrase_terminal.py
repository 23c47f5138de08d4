#!/usr/bin/env python3
"""passphrase_terminal.py REBURST: the questions for a new key's passphrase, at a terminal of their own."""
import os, select, signal, sys, termios, time

reburst = sys.argv[1]


class Terminal:
    def __init__(self, *command):
        self.fd, self.kept = os.openpty()  # kept open: it outlives the program
        self.pid = os.fork()
        if self.pid == 0:
            os.login_tty(self.kept)
            os.execv(reburst, [reburst, *command])
        self.shown = ""

    def echoes(self):
        return bool(termios.tcgetattr(self.kept)[3] & termios.ECHO)

    def until(self, text):
        end = time.monotonic() + 30
        while text not in self.shown:
            assert time.monotonic() < end, f"never said {text!r}: {self.shown!r}"
            if select.select([self.fd], [], [], 0.1)[0]:
                self.shown += os.read(self.fd, 4096).decode()

    def answer(self, question, line):
        self.until(question)
        assert not self.echoes(), "the echo is on at " + question
        os.write(self.fd, line.encode())

    def end(self):
        status = os.waitpid(self.pid, 0)[1]
        while select.select([self.fd], [], [], 0.1)[0]:
            self.shown += os.read(self.fd, 4096).decode()
        assert self.echoes(), "the echo stays off"
        assert "s3cret" not in self.shown, self.shown
        return status


first, again = "passphrase of ", "the same passphrase again: "

asked = Terminal("key", "create", "typed.pem", "--encrypt")
asked.answer(first, "s3cret\n")
asked.answer(again, "s3cret\n")
assert asked.end() == 0, asked.shown
assert "ENCRYPTED" in open("typed.pem").read()

asked = Terminal("key", "create", "other.pem", "--encrypt")
asked.answer(first, "s3cret\n")
asked.answer(again, "s3crte\n")
assert os.waitstatus_to_exitcode(asked.end()) == 2, asked.shown
assert 'the two passphrases of "other.pem" differ' in asked.shown, asked.shown

asked = Terminal("key", "create", "other.pem", "--encrypt")
asked.answer(first, "\n")
assert os.waitstatus_to_exitcode(asked.end()) == 2, asked.shown

for ends in (signal.SIGINT, signal.SIGTERM):
    asked = Terminal("key", "create", "other.pem", "--encrypt")
    asked.answer(first, "s3c\x03" if ends == signal.SIGINT else "s3c")
    if ends == signal.SIGTERM:
        os.kill(asked.pid, ends)
    status = asked.end()
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == ends, (status, asked.shown)

assert not os.path.exists("other.pem")
