// Included ahead of every C++ file of a model: what Verilator's run-time library would print goes to
// stderr (stdout belongs to the program that loads the model).
#pragma once
extern "C" int eqprop_print(const char* format, ...);
#define VL_PRINTF eqprop_print
