// Drives one Verilated core through its AXI streams behind a flat C interface; `ffi.rs` is the other side.
// All loops are here, so that one call serves a whole job. `bind.h` names the ports of this core.
#include "Vmodel.h"
#include "bind.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#if VM_TRACE_FST
#include "verilated_fst_c.h"
using Dump = VerilatedFstC;
#elif VM_TRACE_VCD
#include "verilated_vcd_c.h"
using Dump = VerilatedVcdC;
#else
struct Dump {
    void dump(uint64_t) {}
    void close() {}
};
#endif

#define EXPORT extern "C" __attribute__((visibility("default")))

extern thread_local bool eqprop_closing;

struct Command {
    const uint32_t* words;
    size_t length;
};

struct Stimulus {
    const Command* commands;
    size_t command_count;
    size_t responses;
    uint64_t max_cycles;
    uint32_t seed;  // 0: no pressure
    uint8_t valid_gap;
    uint8_t ready_gap;
    uint8_t observe;
};

struct Event {
    uint64_t cycle;
    int64_t value;
    uint32_t address;
    uint16_t probe;
    uint8_t kind;
};

struct Outcome {
    uint64_t cycles;
    uint64_t busy_cycles;
    uint64_t words_taken;
    uint64_t pending;  // words after the last complete response
    const uint32_t* words;
    size_t word_count;
    const Event* events;
    size_t event_count;
    const uint64_t* accepted;
    size_t accepted_count;
    const uint64_t* answered;
    size_t answered_count;
};

static_assert(sizeof(Stimulus) == 40 && sizeof(Event) == 24 && sizeof(Outcome) == 96, "layouts of ffi.rs");

enum Status { DONE = 0, TIMEOUT = 1, STOPPED = 2 };

// Verilator's random initial values come from one stream per process.
static std::mutex creation;

static VerilatedContext* context(uint32_t seed) {
    auto* made = new VerilatedContext;
    made->randReset(seed ? 2 : 0);
    made->randSeed(static_cast<int>(seed));
    made->traceEverOn(VM_TRACE);
    return made;
}

struct Core {
    std::unique_ptr<VerilatedContext> simulation;
    Vmodel model;
    std::unique_ptr<Dump> dump;
    uint64_t cycle = 0;  // since reset
    uint64_t time = 0;   // of the trace, in cycles
    std::string failure;
    std::vector<uint32_t> words;
    std::vector<Event> events;
    std::vector<uint64_t> accepted, answered;

    explicit Core(uint32_t seed) : simulation{context(seed)}, model{simulation.get()} {}

    // First half of a cycle: clock low, this cycle's inputs reach every combinational output.
    void settle() {
        CLOCK(model) = 0;
        model.eval();
        if (dump) dump->dump(10 * time);
    }

    // Second half: the rising edge.
    void rise() {
        CLOCK(model) = 1;
        model.eval();
        if (dump) dump->dump(10 * time + 5);
        ++cycle;
        simulation->time(10 * ++time);
    }

    void quiet() {
        S_VALID(model) = 0;
        S_DATA(model) = 0;
        S_LAST(model) = 0;
        M_READY(model) = 0;
    }

    void observe() {
        each_probe(model, [this](uint16_t probe, uint8_t kind, uint32_t address, int64_t value) {
            events.push_back(Event{cycle, value, address, probe, kind});
        });
    }

    // In how many of the cycles a word would have been taken.
    unsigned reset(unsigned cycles) {
        unsigned ready = 0;
        quiet();
        RESET(model) = 1;
        for (unsigned i = 0; i < cycles; ++i) {
            settle();
            ready += S_READY(model);
            rise();
        }
        RESET(model) = 0;
        cycle = 0;
        return ready;
    }

    template <bool Observe> Status run(const Stimulus& job, Outcome& outcome) {
        size_t command = 0, word = 0;
        bool offered = false;
        uint32_t noise = job.seed;
        while (command < job.command_count || answered.size() < job.responses) {
            if (outcome.cycles == job.max_cycles) return TIMEOUT;
            bool valid = command < job.command_count, ready = true;
            if (job.seed) {
                noise ^= noise << 13;
                noise ^= noise >> 17;
                noise ^= noise << 5;
                // A word once offered stays until it is taken (AXI4-Stream).
                valid = valid && (offered || (noise >> 24) >= job.valid_gap);
                ready = ((noise >> 16) & 255) >= job.ready_gap;
            }
            const bool last = valid && word + 1 == job.commands[command].length;
            S_VALID(model) = valid;
            S_DATA(model) = valid ? job.commands[command].words[word] : 0;
            S_LAST(model) = last;
            M_READY(model) = ready;
            settle();
            offered = valid && !S_READY(model);
            if (valid && !offered) {
                ++outcome.words_taken;
                ++word;
                if (last) {
                    accepted.push_back(cycle);
                    ++command;
                    word = 0;
                }
            }
            if (ready && M_VALID(model)) {
                words.push_back(M_DATA(model));
                ++outcome.pending;
                if (M_LAST(model)) {
                    answered.push_back(cycle);
                    outcome.pending = 0;
                }
            }
            outcome.busy_cycles += BUSY(model);
            ++outcome.cycles;
            if (Observe) observe();
            rise();
        }
        return DONE;
    }

    void close() {
        eqprop_closing = true;
        dump.reset();
        eqprop_closing = false;
    }

    // Runs `body` unless the model has stopped; an exception from Verilator stops it for good.
    template <class Body> int guard(Body body) {
        if (!failure.empty()) return STOPPED;
        Verilated::threadContextp(simulation.get());
        try {
            return body();
        } catch (const std::exception& error) {
            failure = error.what();
            if (failure.empty()) failure = "no message";
            return STOPPED;
        }
    }
};

// Null if the model cannot be built; the reason is then on stderr.
EXPORT Core* eqprop_create(uint32_t seed) {
    const std::lock_guard<std::mutex> lock{creation};
    try {
        return new Core{seed};
    } catch (const std::exception& error) {
        std::fprintf(stderr, "model not created: %s\n", error.what());
        return nullptr;
    }
}

EXPORT void eqprop_destroy(Core* core) {
    Verilated::threadContextp(core->simulation.get());
    core->close();
    delete core;
}

EXPORT uint32_t eqprop_reset(Core* core, uint32_t cycles) {
    uint32_t ready = 0;
    core->guard([&] {
        ready = core->reset(cycles);
        return DONE;
    });
    return ready;
}

EXPORT int eqprop_run(Core* core, const Stimulus* job, Outcome* outcome) {
    *outcome = Outcome{};
    core->words.clear();
    core->events.clear();
    core->accepted.clear();
    core->answered.clear();
    const int status
        = core->guard([&] { return job->observe ? core->run<true>(*job, *outcome) : core->run<false>(*job, *outcome); });
    outcome->words = core->words.data();
    outcome->word_count = core->words.size();
    outcome->events = core->events.data();
    outcome->event_count = core->events.size();
    outcome->accepted = core->accepted.data();
    outcome->accepted_count = core->accepted.size();
    outcome->answered = core->answered.data();
    outcome->answered_count = core->answered.size();
    return status;
}

// Runs freely: nothing offered, nothing taken.
EXPORT void eqprop_step(Core* core, uint64_t cycles, uint8_t observe, Outcome* outcome) {
    *outcome = Outcome{};
    core->events.clear();
    core->guard([&] {
        core->quiet();
        for (; outcome->cycles < cycles; ++outcome->cycles) {
            core->settle();
            outcome->busy_cycles += BUSY(core->model);
            if (observe) core->observe();
            core->rise();
        }
        return DONE;
    });
    outcome->events = core->events.data();
    outcome->event_count = core->events.size();
}

EXPORT uint64_t eqprop_cycle(const Core* core) { return core->cycle; }
EXPORT uint64_t eqprop_time(const Core* core) { return core->time; }
EXPORT const char* eqprop_failure(const Core* core) { return core->failure.c_str(); }

EXPORT int eqprop_traced() { return VM_TRACE; }

// The time axis continues at the cycle since reset. Only for models built with tracing.
EXPORT void eqprop_trace_open(Core* core, const char* path) {
    core->guard([&] {
        core->close();
        core->dump = std::make_unique<Dump>();
        core->time = core->cycle;
        core->simulation->time(10 * core->time);
#if VM_TRACE
        core->model.trace(core->dump.get(), 99);
        core->dump->open(path);
#endif
        return DONE;
    });
}

EXPORT void eqprop_trace_close(Core* core) {
    core->guard([&] {
        if (core->dump) core->dump->close();
        return DONE;
    });
    core->close();
}
