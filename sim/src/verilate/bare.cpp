// The baseline of the bench: the loop that one would write by hand around a Verilated core.
// usage: bare RESPONSES MAX_CYCLES < STIMULUS; prints cycles, nanoseconds and a checksum of the responses.
#include "Vmodel.h"
#include "bind.h"

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <vector>

int main(int count, char** arguments) {
    if (count != 3) return 2;
    // Stimulus: for each word of each command, the word and whether it is the last.
    std::vector<uint32_t> stimulus;
    uint32_t read;
    while (std::fread(&read, sizeof read, 1, stdin) == 1) stimulus.push_back(read);
    const size_t responses = std::strtoull(arguments[1], nullptr, 10);
    const uint64_t max_cycles = std::strtoull(arguments[2], nullptr, 10);

    VerilatedContext context;
    Vmodel model{&context};
    S_VALID(model) = 0;
    M_READY(model) = 0;
    RESET(model) = 1;
    for (int i = 0; i < 4; ++i) {
        CLOCK(model) = 0;
        model.eval();
        CLOCK(model) = 1;
        model.eval();
    }
    RESET(model) = 0;

    std::vector<uint32_t> words;
    size_t next = 0, frames = 0;
    uint64_t cycles = 0;
    M_READY(model) = 1;
    const auto start = std::chrono::steady_clock::now();
    while ((next < stimulus.size() || frames < responses) && cycles < max_cycles) {
        const bool valid = next < stimulus.size();
        S_VALID(model) = valid;
        S_DATA(model) = valid ? stimulus[next] : 0;
        S_LAST(model) = valid ? stimulus[next + 1] : 0;
        CLOCK(model) = 0;
        model.eval();
        if (valid && S_READY(model)) next += 2;
        if (M_VALID(model)) {
            words.push_back(M_DATA(model));
            frames += M_LAST(model);
        }
        CLOCK(model) = 1;
        model.eval();
        ++cycles;
    }
    const auto elapsed = std::chrono::steady_clock::now() - start;
    uint32_t checksum = 0;
    for (const uint32_t word : words) checksum = checksum * 31 + word;
    std::printf("%" PRIu64 " %lld %" PRIu32 "\n", cycles,
                static_cast<long long>(std::chrono::duration_cast<std::chrono::nanoseconds>(elapsed).count()), checksum);
}
