#!/usr/bin/env python3
"""A Debian archive of two packages of a few hundred kilobytes, from which a whole image can be built, and hostile packages.

  tiny_archive.py mini FILE           the Essential package "mini": a shell, dpkg and what they need, from this machine
  tiny_archive.py deb KIND OUT FILE   the package that FILE (NAME_VERSION_all.deb) names, as KIND has it; OUT is a folder
                                      that its links lead to
  tiny_archive.py index FOLDER [FIELD=VALUE]…
                                      lists FOLDER/pool/NAME_VERSION_all.deb as they are in FOLDER/dists/tiny, the Release
                                      file with these fields besides; it is left to others to sign
  tiny_archive.py pack FOLDER TEXT    the same with this text as the index"""
import gzip, hashlib, lzma, os, shutil, subprocess, sys, tarfile, time

PROGRAMS = "sh dpkg dpkg-deb dpkg-query dpkg-divert dpkg-trigger rm mv tar diff ldconfig start-stop-daemon cat uname".split()
EPOCH = 1767225600


def control(name, version, more=""):
    return f"""Package: {name}
Version: {version}
Architecture: all
Maintainer: Somebody <somebody@example.org>
{more}Description: a package of a test
"""


def entry(name, content=b"", kind=tarfile.REGTYPE, target="", mode=0o644):
    member = tarfile.TarInfo(name)
    member.size, member.type, member.linkname, member.mode, member.mtime = len(content), kind, target, mode, EPOCH
    return member, content


def folder(name):
    return entry(name, kind=tarfile.DIRTYPE, mode=0o755)


def tar(entries):
    out = b""
    for member, content in entries:
        out += member.tobuf(tarfile.GNU_FORMAT) + content + bytes(-len(content) % 512)
    return out + bytes(1024)


def ar(members):
    out = b"!<arch>\n"
    for name, content, *claimed in members:
        size = claimed[0] if claimed else len(content)
        out += f"{name:16}{0:<12}{0:<6}{0:<6}{100644:<8}{size:<10}`\n".encode() + content + b"\n" * (len(content) % 2)
    return out


def deb(text, data, scripts=()):
    files = [folder("./"), entry("./control", text.encode())]
    files += [entry("./" + name, body.encode(), mode=0o755) for name, body in scripts]
    members = [("debian-binary", b"2.0\n")]
    members.append(("control.tar.gz", gzip.compress(tar(files), 1, mtime=0)))
    members.append(("data.tar.gz", gzip.compress(tar(data), 1, mtime=0)))
    return members


def mini():
    files = {}
    for name in PROGRAMS:
        program = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
        if not program:
            continue
        files["usr/bin/" + name] = os.path.realpath(program)
        for word in subprocess.run(["ldd", program], capture_output=True, text=True).stdout.split():
            if word.startswith("/") and "lib" in word:
                files["usr" + word if word.startswith("/lib") else word[1:]] = os.path.realpath(word)
    inside = "etc dev proc sys tmp run root var/log var/lib/dpkg".split() + [os.path.dirname(path) for path in files]
    folders = {"/".join(path.split("/")[:i]) for path in inside for i in range(1, path.count("/") + 2)}
    data = [folder("./")] + [folder(f"./{path}/") for path in sorted(folders)]
    for path, host in sorted(files.items()):
        with open(host, "rb") as program:
            data.append(entry("./" + path, program.read(), mode=0o755))
    # What the hardening controls look at.
    data.append(entry("./etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n"))
    data.append(entry("./etc/group", b"root:x:0:\nshadow:x:42:\n"))
    data.append(entry("./etc/shadow", b"root:*:20454:0:99999:7:::\n", mode=0o640))
    return ar(deb(control("mini", "1", "Essential: yes\n"), data))


def huge(name, content=b""):
    member, _ = entry(name)
    member.size = 1 << 50
    return member, content


def package(kind, out, name):
    text = control(name, "1")
    etc, out_link = [folder("./"), folder("./etc/")], entry("./etc/out", kind=tarfile.SYMTYPE, target="../" * 20 + out[1:])
    bad = b"bad\n"
    data = {
        "good": [entry(f"./etc/{name}", b"good\n")],
        "absolute": [entry("/etc/escaped", bad)],
        "dotdot": [entry("./etc/../../../../escaped", bad)],
        "link": [out_link, entry("./etc/out/escaped", bad)],
        "absolute-link": [entry("./etc/out", kind=tarfile.SYMTYPE, target=out), entry("./etc/out/escaped", bad)],
        "hard-link": [entry("./etc/escaped", kind=tarfile.LNKTYPE, target="../" * 20 + out[1:] + "/secret")],
        "link-alone": [out_link],
        "below-link": [folder("./etc/out/"), entry("./etc/out/escaped", bad)],
        "huge-file": [huge("./etc/huge")],
    }
    members = deb(text, etc + data.get(kind, data["good"]))
    if kind == "huge-member":
        members[2] = (*members[2], 9999999999)
    if kind == "huge-control":
        members[1] = ("control.tar", tar([huge("./control")]))
    if kind == "other-name":
        members[1] = deb(control("stranger", "1"), [])[1]
    if kind == "no-package":
        return b"<html>" * 100
    whole = ar(members)
    if kind == "cut":
        return whole[: len(whole) - 40]
    if kind == "cut-inside":
        members[2] = (members[2][0], members[2][1][:60])
        return ar(members)
    return whole


def stanza(path, name):
    package, version, _ = name[: -len(".deb")].split("_")
    with open(os.path.join(path, name), "rb") as file:
        content = file.read()
    more = f"Filename: pool/{name}\nSize: {len(content)}\nSHA256: {hashlib.sha256(content).hexdigest()}\n"
    return control(package, version, ("Essential: yes\n" if package == "mini" else "Priority: optional\n") + more)


def index(path, fields):
    packages = "\n".join(stanza(path + "/pool", name) for name in sorted(os.listdir(path + "/pool")))
    pack(path, packages, fields)


def pack(path, packages, fields=()):
    packages = packages.encode()
    architecture = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()
    date = time.strftime("%a, %d %b %Y %H:%M:%S UTC", time.gmtime(EPOCH))
    release = dict(Origin="Tiny", Label="Tiny", Suite="tiny", Codename="tiny", Date=date, Architectures=architecture, Components="main")
    release.update(field.split("=", 1) for field in fields)
    text = "".join(f"{key}: {value}\n" for key, value in release.items()) + "SHA256:\n"
    folder = f"main/binary-{architecture}"
    os.makedirs(f"{path}/dists/tiny/{folder}", exist_ok=True)
    for name, content in (("Packages", packages), ("Packages.xz", lzma.compress(packages))):
        with open(f"{path}/dists/tiny/{folder}/{name}", "wb") as file:
            file.write(content)
        text += f" {hashlib.sha256(content).hexdigest()} {len(content)} {folder}/{name}\n"
    with open(path + "/dists/tiny/Release", "w") as file:
        file.write(text)


verb, *rest = sys.argv[1:]
if verb == "index":
    index(rest[0], rest[1:])
elif verb == "pack":
    pack(*rest)
else:
    content = mini() if verb == "mini" else package(*rest[:2], os.path.basename(rest[2]).split("_")[0])
    with open(rest[-1], "wb") as file:
        file.write(content)
