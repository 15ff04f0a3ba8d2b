"""The engine at the other end of a LiteX bus: ``litex_server --uart --uart-port /dev/ttyUSB1``, then

    from litex import RemoteClient
    from eqprop_litex.driver import Driver
    bus = RemoteClient(csr_csv="csr.csv"); bus.open()
    chip = Driver(bus, "xor")
    chip.load(weights); chip.infer(x)

Every response is held against the bit-true model of the package `eqprop`.
"""

import eqprop
import numpy as np

#: Words that a bus moves at a time.
BURST = 8
#: Looks for an answer before the core is given up.
PATIENCE = 100_000


class Driver:
    """An engine behind the window of `EqpropCore`.

    Args:
        bus: what reads and writes words: ``RemoteClient`` or anything with ``regs``, ``mems``, ``read`` and ``write``.
        network, options: as in `eqprop.Stream`: what the hardware was generated for, or its ``network.json``.
        name: the module's name in the SoC.
        memory: name of a memory from which the engine's DMA reader takes commands; without it they go through the window.
    """

    def __init__(self, bus, network, name="eqprop", memory=None, **options):
        self.bus, self.name = bus, name
        self.memory = None if memory is None else getattr(bus.mems, memory)
        self.model = eqprop.Stream(network, **options)
        self.base = getattr(bus.mems, name).base
        self.half = getattr(bus.mems, name).size // 2
        self._run(self.model.configure())

    def register(self, name):
        """A register of the module, such as ``"status"``, ``"cycles"`` or ``"responses"``."""
        return getattr(self.bus.regs, f"{self.name}_{name}")

    def load(self, weights):
        """Loads weights: a dict of arrays, or the path of a file."""
        self._run(self.model.load(weights))

    def infer(self, x):
        """The answer to one sample of states 0…1, an `eqprop.Answer`."""
        return self.model.decode(self._run([self.model.sample(x)])[0])

    def learn(self, x, target):
        """Learns from one sample; its answer before that."""
        return self.model.decode(self._run([self.model.sample(x, target, learn=True)])[0])

    def read(self):
        """The weights that the engine holds, read back and compared."""
        self._run(self.model.read())
        return self.model.weights

    def exchange(self, command, words):
        """Sends the words of a command and waits for so many of its response."""
        if self.memory is not None and 4 * len(command) <= self.memory.size:
            self._from_memory(command)
        else:
            for start in range(0, len(command) - 1, BURST):
                self.bus.write(self.base, _words(command[start : min(start + BURST, len(command) - 1)]))
            self.bus.write(self.base + self.half, _words(command[-1:]))
        response, waited = [], 0
        while len(response) < words:
            level = self.register("level").read()
            waited = 0 if level else waited + 1
            if waited > PATIENCE:
                raise TimeoutError(f"the engine answers {len(response)} of {words} words to command {command[0]:08x}")
            for _ in range(min(level, words - len(response))):
                response.append(self.bus.read(self.base))
        return np.array(response, np.uint32)

    def _from_memory(self, command):
        for start in range(0, len(command), BURST):
            self.bus.write(self.memory.base + 4 * start, _words(command[start : start + BURST]))
        self.register("dma_enable").write(0)
        self.register("dma_base").write(self.memory.base)
        self.register("dma_length").write(4 * len(command))
        self.register("dma_enable").write(1)

    def _run(self, exchanges):
        responses = []
        for exchange in exchanges:
            response = self.exchange(exchange.command, len(exchange.response))
            if not np.array_equal(response, exchange.response):
                raise eqprop.FailedError(
                    f"to command {exchange.command[0]:08x} the engine answers {_hex(response)}, "
                    f"the model {_hex(exchange.response)}",
                    "generate hardware and model with the same network, lanes and board",
                    "eqprop::litex::differs",
                    1,
                )
            responses.append(response)
        return responses


def _words(command):
    return [int(word) for word in command]


def _hex(words):
    return " ".join(f"{word:08x}" for word in words[:8])
