#!/usr/bin/env python3
"""What a person sees in a real zsh: types lines and TAB into one on a pseudo-terminal.

  zsh_completion.py source|fpath SCRIPT LINE...

Prints for each LINE what the command line holds after TAB, and for a last TAB that changes nothing the list that is shown.
Ends with status 1 when the shell says anything else, such as an error."""
import os
import pty
import re
import select
import sys
import tempfile
import time

PROMPT, HELD, LIMIT = "@@ ", re.compile(r"<<(.*?)>>", re.S), 30.0


class Shell:
    def __init__(self):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="dumb", PS1=PROMPT, COLUMNS="2000", ZDOTDIR="/nonexistent")
            os.execvp("zsh", ["zsh", "-f", "-i"])

    def until(self, pattern):
        """Reads until `pattern` is seen; what was read."""
        text, end = "", time.monotonic() + LIMIT
        while not re.search(pattern, text):
            if time.monotonic() > end:
                sys.exit(f"zsh does not answer with {pattern!r}: {text!r}")
            if select.select([self.fd], [], [], 0.2)[0]:
                text += os.read(self.fd, 65536).decode(errors="replace").replace("\r", "")
        return text

    def send(self, text):
        os.write(self.fd, text.encode())

    def command(self, line):
        self.send(line + "; print -r -- done''ok\n")
        return self.until(r"doneok\n(?s:.*)" + re.escape(PROMPT))

    def end(self):
        os.close(self.fd)
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)


def start(how, script):
    shell = Shell()
    shell.until(re.escape(PROMPT))
    shell.command("unsetopt zle_bracketed_paste 2>/dev/null; stty -echo 2>/dev/null; setopt no_beep no_list_beep no_prompt_cr no_prompt_sp")
    folder = tempfile.mkdtemp()
    if how == "fpath":
        os.symlink(os.path.abspath(script), os.path.join(folder, "_reburst"))
    shell.command(f"fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -D")
    if how == "source":
        shell.command(f"source {script}")
    shell.command("held() { BUFFER=\"print -r -- '<<${BUFFER}>>'\"; zle accept-line }; zle -N held; bindkey '^Xh' held")
    return shell


def main():
    how, script, lines = sys.argv[1], sys.argv[2], sys.argv[3:]
    shell = start(how, script)
    try:
        for line in lines:
            shell.send(line + "\t\x18h")
            text = shell.until(r">>\n(?s:.*)" + re.escape(PROMPT))
            held = HELD.search(text.split("\n", 1)[1] if "\n" in text else text) or HELD.search(text)
            print(held.group(1))
            if re.search(r"not found|no such|error|bad |unknown", text, re.I):
                sys.exit(f"zsh complains: {text!r}")
    finally:
        shell.end()


main()
