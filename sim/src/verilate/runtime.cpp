// Replaces the parts of Verilator's run-time library that end the process: $finish, $stop, a failed
// assertion, a loop that does not converge or a full disk under a trace become C++ exceptions.
#include "verilated.h"

#include <exception>
#include <stdexcept>
#include <string>

// Set while something is torn down: destructors must not throw.
thread_local bool eqprop_closing = false;

static void stop(const char* file, int line, const char* message) {
    if (eqprop_closing || std::uncaught_exceptions() > 0) return;
    const bool placed = file && *file;
    throw std::runtime_error(
        (placed ? std::string(file) + ":" + std::to_string(line) + ": " : std::string()) + message);
}

void vl_finish(const char* file, int line, const char*) { stop(file, line, "Verilog $finish"); }
void vl_fatal(const char* file, int line, const char*, const char* message) { stop(file, line, message); }
