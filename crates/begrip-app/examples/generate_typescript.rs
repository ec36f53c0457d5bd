//! Prints the TypeScript types of the command schema.

#[allow(clippy::print_stdout, reason = "printing is what this program is for")]
fn main() {
    print!("{}", begrip_app::typescript::generate());
}
