// What Verilator's output and the shim include: most of what compiling a small model would read anew.
#include "verilated.h"

#include <cstdio>
#include <exception>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>
