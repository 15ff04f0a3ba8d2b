"""A client of an eqprop board, written from docs/protocol.md alone: one frame at a time, sent until answered.

    python3 client.py PORT manifest.json digits.csv.gz SAMPLES initial.npz learned.npz

Loads the weights of initial.npz (raw, as `eqprop board read --raw` writes them), learns from the first SAMPLES
digits on the board and saves what it has learned. manifest.json is that of `eqprop generate`.
"""
import gzip, json, random, struct, sys, zlib
import numpy as np
import serial

HELLO, CORE, AGAIN = 1, 5, 0xC0
WRITE, READ, SAMPLE = 1 << 24, 2 << 24, 3 << 24
REGISTERS, BANK, BIAS = 0, 2, 3
NUDGE_ANSWER_LEARN = 7 << 16


class Board:
    def __init__(self, port):
        self.port = serial.Serial(port, 1_000_000, timeout=0.1)
        self.seq = random.randrange(256)
        self.identity = self.ask(HELLO)

    def ask(self, kind, words=()):
        """Sends a request until its answer comes; the answer's words."""
        body = struct.pack(f"<BBH{len(words)}I", self.seq, kind, len(words), *words)
        body += struct.pack("<I", zlib.crc32(body))
        body = body.replace(b"\x7d", b"\x7d\x5d").replace(b"\x7e", b"\x7d\x5e")
        while True:
            self.port.write(b"\x7e" + body + b"\x7e")
            while (answer := self.receive()) is not None:
                if answer[:2] == (self.seq, kind | 0x80):
                    self.seq = (self.seq + 1) % 256
                    return answer[2:]
                if answer[1] == AGAIN:
                    break  # damaged on the way, or an answer was lost
                if answer[1] > AGAIN and kind != HELLO:
                    raise RuntimeError(f"the board refuses request {kind} with {answer[1]:02x}")

    def receive(self):
        """The next frame (seq, kind, words…); None after damage or silence."""
        while (data := self.port.read_until(b"\x7e")) == b"\x7e":
            pass  # flags between frames
        body = data[:-1].replace(b"\x7d\x5e", b"\x7e").replace(b"\x7d\x5d", b"\x7d")
        if data[-1:] != b"\x7e" or len(body) < 8 or len(body) % 4 or zlib.crc32(body) != 0x2144DF1C:
            return None  # the last number is the CRC of anything that ends with its own CRC
        seq, kind, length, *words = struct.unpack(f"<BBH{len(body) // 4 - 1}I", body)
        return (seq, kind, *words[:-1]) if length == len(words) - 1 else None

    def write(self, space, words, lanes=1):
        for i in range(0, len(words), step := max(48 // lanes, 1) * lanes):
            part = [int(word) for word in words[i : i + step]]
            assert self.ask(CORE, [WRITE | space << 16 | len(part), i // lanes, *part]) == (0,)

    def read(self, space, count, lanes=1):
        for i in range(0, count, step := max(48 // lanes, 1) * lanes):
            yield from self.ask(CORE, [READ | space << 16 | min(step, count - i), i // lanes])


def places(manifest, names):
    """For every array of weights: its name, its space and the word of each element."""
    lanes, layout = manifest["shape"]["lanes"], manifest["memory_map"]
    for block in layout["blocks"]:
        a, b = sorted((block["row"], block["column"]))
        to, source = np.indices((layout["layers"][b]["units"], layout["layers"][a]["units"]))
        row, column = (to, source) if block["row"] == b else (source, to)
        address = block["base"] + row // lanes * block["columns"] + column
        yield f"w.{names[a]}.{names[b]}", BANK, address * lanes + row % lanes
    for index, layer in enumerate(layout["layers"][1:], 1):
        unit, base = np.arange(layer["units"]), layer["bias_address"]
        word = (base + unit // lanes) * lanes + unit % lanes
        yield f"b.{names[index]}", *((BANK, word) if layer["in_lanes"] else (BIAS, base + unit))


def main(port, manifest, data, samples, initial, learned):
    manifest, weights, board = json.load(open(manifest)), dict(np.load(initial)), Board(port)
    shape, layout = manifest["shape"], manifest["memory_map"]
    assert f"{board.identity[2]:08x}" == manifest["configuration"], "the board has another configuration"
    names = list(dict.fromkeys(name for key in weights if key[0] == "w" for name in key.split(".")[1:]))
    memory = {BANK: np.zeros(layout["bank_words"] * shape["lanes"], int), BIAS: np.zeros(layout["bias_words"], int)}
    for name, space, word in places(manifest, names):
        memory[space][word] = weights[name].astype(np.uint16)
    board.write(REGISTERS, [register["value"] for register in manifest["registers"]])
    board.write(BANK, memory[BANK], shape["lanes"])
    board.write(BIAS, memory[BIAS])
    one, right = 1 << shape["formats"]["state_fraction"], 0
    for line in gzip.open(data, "rt").readlines()[1 : 1 + int(samples)]:
        *pixels, label = map(int, line.split(","))
        inputs = [unit << 16 | pixel * one // 16 for unit, pixel in enumerate(pixels) if pixel]
        targets = [one * (unit == label) for unit in range(layout["layers"][-1]["units"])]
        report = board.ask(CORE, [SAMPLE | NUDGE_ANSWER_LEARN | len(inputs), *inputs, *targets])
        right += report[-1] == label
    memory[BANK][:] = list(board.read(BANK, len(memory[BANK]), shape["lanes"]))
    memory[BIAS][:] = list(board.read(BIAS, len(memory[BIAS])))
    np.savez(learned, **{name: memory[space][word].astype(np.int16) for name, space, word in places(manifest, names)})
    print(f"{right} of {samples} answered rightly before it learned from them")


main(*sys.argv[1:])
