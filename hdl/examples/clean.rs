fn main() {
    let raw = std::fs::read_to_string("/tmp/raw.v").unwrap();
    match hdl::emit::clean(
        &raw,
        &hdl::emit::Options {
            top_name: "eqprop_core".into(),
            header: vec!["x".into()],
        },
    ) {
        Ok(e) => print!("{}", e.text),
        Err(e) => eprintln!("{e}"),
    }
}
