"""The eqprop engine in LiteX: `core.EqpropCore`, example SoCs in `soc`, and a driver for the other end in `driver`.

`driver` needs neither LiteX nor migen, `core` needs no eqprop: the folder that `eqprop generate` wrote is enough.
"""
