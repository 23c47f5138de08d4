"""A disk as `reburst build` lays it out, but for what is on it: a partition table, data and its dm-verity tree. It does not boot."""
import hashlib, struct, zlib

BLOCK, SECTOR, START = 4096, 512, 1 << 20


def sha(data):
    return hashlib.sha256(data).digest()


def verity(data):
    level = b"".join(sha(data[i : i + BLOCK]) for i in range(0, len(data), BLOCK))
    levels = []
    while True:
        level += bytes(-len(level) % BLOCK)
        levels.append(level)
        if len(level) == BLOCK:
            break
        level = b"".join(sha(level[i : i + BLOCK]) for i in range(0, len(level), BLOCK))
    root = sha(levels[-1])
    uuid = bytearray(sha(b"reburst verity\n" + root.hex().encode())[:16])
    uuid[6], uuid[8] = uuid[6] & 0x0F | 0x80, uuid[8] & 0x3F | 0x80
    head = b"verity\0\0" + struct.pack("<II", 1, 1) + bytes(uuid) + b"sha256".ljust(32, b"\0")
    head += struct.pack("<IIQ", BLOCK, BLOCK, len(data) // BLOCK)
    return root, head.ljust(BLOCK, b"\0") + b"".join(reversed(levels))


def guid(raw):
    return raw[3::-1] + raw[5:3:-1] + raw[7:5:-1] + raw[8:]


def gpt(partitions, sectors):
    entries = b""
    for kind, uuid, first, last in partitions:
        entries += guid(bytes.fromhex(kind)) + guid(uuid) + struct.pack("<QQQ", first, last, 1 << 60) + bytes(72)
    entries = entries.ljust(128 * 128, b"\0")

    def header(own, other, table):
        def pack(crc):
            return struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, crc, 0, own, other, 34, sectors - 34,
                               bytes(range(16)), table, 128, 128, zlib.crc32(entries))
        return pack(zlib.crc32(pack(0))).ljust(SECTOR, b"\0")

    return header(1, sectors - 1, 2) + entries, entries + header(sectors - 1, 1, sectors - 33)


def disk(data, size=None):
    """Whole blocks of data as a disk, the least or of `size` bytes, and its root hash."""
    root, tree = verity(data)
    tree_start = START + len(data)
    size = size or (tree_start + len(tree) + (1 << 20) - 1 >> 20) + 1 << 20
    kinds = ("4f68bce3e8cd4db196e7fbcaf984b709", "2c7357edebd246d9aec123d437ec2bf5")
    table = [(kinds[0], root[:16], START // SECTOR, tree_start // SECTOR - 1),
             (kinds[1], root[16:], tree_start // SECTOR, (tree_start + len(tree)) // SECTOR - 1)]
    head, tail = gpt(table, size // SECTOR)
    out = bytearray(size)
    out[SECTOR : SECTOR + len(head)] = head
    out[START : START + len(data)] = data
    out[tree_start : tree_start + len(tree)] = tree
    out[size - len(tail) :] = tail
    return bytes(out), root.hex()
