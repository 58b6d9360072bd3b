//! Reads a JSON list of ini texts from stdin and prints what each holds, for comparison with Python's configparser.

use std::io::Read;

use limbeck_script::Ini;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input)?;
    let texts: Vec<String> = serde_json::from_str(&input)?;
    let answers: Vec<Value> = texts.iter().map(|text| contents(text)).collect();
    println!("{}", Value::from(answers));
    Ok(())
}

fn contents(text: &str) -> Value {
    let mut ini = Ini::with_defaults([("here", "/here")]);
    if ini.read(text).is_err() {
        return Value::Null;
    }
    let sections = ini.sections().map(|section| {
        let keys = ["a", "b", "key", "here", "x y"];
        let values = keys.map(|key| match ini.get(section, key) {
            Ok(value) => json!([value, ini.raw(section, key)]),
            Err(_) => json!("error"),
        });
        json!([section, values, ini.items(section).ok().flatten()])
    });
    sections.collect()
}
