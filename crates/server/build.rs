//! The folders embedded in the binary: a new or changed file in them makes a new binary.

fn main() {
    for folder in ["rulebooks", "calendars", "web/dist"] {
        println!("cargo::rerun-if-changed=../../{folder}");
    }
}
