//! What Verilator's `-Wall` says of an emitted file and is meant, each kind with its reason.

/// Text of a Verilator configuration (`.vlt`) for the file of the top module.
pub fn text(top: &str) -> String {
    let rules = [
        (
            "DECLFILENAME",
            "One file holds the whole design and is called after its top module.",
        ),
        (
            "VARHIDDEN",
            "A signal in one module and an instance in another may share a name.",
        ),
    ];
    let waive = |(rule, reason): (&str, &str)| {
        format!("\n// {reason}\nlint_off -rule {rule} -file \"*{top}.v\"\n")
    };
    let waivers: String = rules.into_iter().map(waive).collect();
    format!("`verilator_config\n{waivers}")
}
