"""A client of an eqprop board, written from docs/protocol.md alone: one frame at a time, sent until answered.

    python3 client.py PORT manifest.json digits.csv.gz SAMPLES initial.npz learned.npz

Loads the weights of initial.npz (raw, as `eqprop board read --raw` writes them), learns from the first SAMPLES digits,
infers them and saves what the board has learned. manifest.json is that of `eqprop generate`.
"""
import gzip, json, random, struct, sys, zlib

if len(sys.argv) != 7 or not sys.argv[4].isdigit():
    sys.exit(__doc__)
try:
    import numpy as np
    import serial
except ImportError as missing:
    sys.exit(f"{missing}: pip install numpy pyserial\n\n{__doc__}")

HELLO, CORE, DONE, AGAIN = 0x01, 0x05, 0x80, 0xC0
WRITE, READ, INFER, LEARN = 1 << 24, 2 << 24, 3 << 24 | 2 << 16, 3 << 24 | 7 << 16
REGISTERS, PROGRAM, BANK, BIAS = range(4)


class Board:
    def __init__(self, port):
        self.port, self.seq = serial.Serial(port, 1_000_000, timeout=0.1), random.randrange(256)
        self.identity = self.ask(HELLO)

    def ask(self, kind, *words):
        """Sends a request until its answer comes; the answer's words."""
        body = struct.pack(f"<BBH{len(words)}I", self.seq, kind, len(words), *map(int, words))
        body += struct.pack("<I", zlib.crc32(body))
        body = body.replace(b"\x7d", b"\x7d\x5d").replace(b"\x7e", b"\x7d\x5e")
        while True:
            self.port.write(b"\x7e" + body + b"\x7e")
            while (answer := self.receive()) and answer[1] != AGAIN:  # else damaged, lost or late: once more
                if answer[:2] == (self.seq, DONE | kind):
                    self.seq = (self.seq + 1) % 256
                    return answer[2:]
                if answer[1] > AGAIN and kind != HELLO:
                    raise RuntimeError(f"the board refuses request {kind} with {answer[1]:02x}")

    def receive(self):
        """The next frame (seq, kind, words…); None after damage or silence."""
        while (data := self.port.read_until(b"\x7e")) == b"\x7e":
            pass  # flags between frames
        body = data[:-1].replace(b"\x7d\x5e", b"\x7e").replace(b"\x7d\x5d", b"\x7d")
        if data[-1:] == b"\x7e" and len(body) >= 8 and len(body) % 4 == 0:
            seq, kind, length, *words, crc = struct.unpack(f"<BBH{len(body) // 4 - 1}I", body)
            return (seq, kind, *words) if (length, crc) == (len(words), zlib.crc32(body[:-4])) else None

    def write(self, space, words, lanes=1):
        for i in range(0, len(words), step := max(48 // lanes, 1) * lanes):
            part = words[i : i + step]
            assert self.ask(CORE, WRITE | space << 16 | len(part), i // lanes, *part) == (0,)

    def read(self, space, count, lanes=1):
        for i in range(0, count, step := max(48 // lanes, 1) * lanes):
            yield from self.ask(CORE, READ | space << 16 | min(step, count - i), i // lanes)


def places(layers, blocks, lanes):
    """Space and word of every element of the arrays in an NPZ file: blocks, to × from, then biases."""
    for block in blocks:
        i, j = np.indices((layers[block["row"]]["units"], block["columns"]))
        word = (block["base"] + i // lanes * block["columns"] + j) * lanes + i % lanes
        yield BANK, word if block["row"] > block["column"] else word.T
    for layer in layers[1:]:
        unit, base = np.arange(layer["units"]), layer["bias_address"]
        yield (BANK, (base + unit // lanes) * lanes + unit % lanes) if layer["in_lanes"] else (BIAS, base + unit)


port, manifest, data, samples, initial, learned = sys.argv[1:]
try:
    manifest, weights, board = json.load(open(manifest)), np.load(initial), Board(port)
except (OSError, ValueError) as wrong:
    sys.exit(f"{wrong}\n\n{__doc__}")
assert f"{board.identity[2]:08x}" == manifest["configuration"], "the board has another configuration"
layout, shape = manifest["memory_map"], manifest["shape"]
lanes, one = shape["lanes"], 1 << shape["formats"]["state_fraction"]
words = {BANK: np.zeros(layout["bank_words"] * lanes, np.uint16), BIAS: np.zeros(layout["bias_words"], np.uint16)}
where = dict(zip(weights.files, places(layout["layers"], layout["blocks"], lanes)))
for name, (space, word) in where.items():
    words[space][word] = weights[name].astype(np.uint16)
board.write(PROGRAM, manifest["program_words"])  # before anything else
board.write(REGISTERS, [register["value"] for register in manifest["registers"]])
board.write(BANK, words[BANK], lanes)
board.write(BIAS, words[BIAS])
lines = gzip.open(data, "rt").readlines()[1 : 1 + int(samples)]
for command in LEARN, INFER:
    right = 0
    for *pixels, label in (map(int, line.split(",")) for line in lines):
        inputs = [unit << 16 | pixel * one // 16 for unit, pixel in enumerate(pixels) if pixel]
        targets = [one * (unit == label) for unit in range(layout["layers"][-1]["units"])] * (command == LEARN)
        right += board.ask(CORE, command | len(inputs), *inputs, *targets)[-1] == label
    print(f"{right} of {samples} answered rightly", "before it learned from each" if targets else "after that")
words[BANK][:] = list(board.read(BANK, len(words[BANK]), lanes))
words[BIAS][:] = list(board.read(BIAS, len(words[BIAS])))
np.savez(learned, **{name: words[space][word].astype(np.int16) for name, (space, word) in where.items()})
