//! Makes the tokens of each encoding into a table that is looked things up in as it stands in the program's file: to hold
//! two hundred thousand of them in memory takes as much as all else that a workstation does.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use tiktoken_rs::CoreBPE;

#[path = "src/slot.rs"]
mod slot;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/slot.rs");
    let out = env::var("OUT_DIR")?;
    for (name, encoding) in [
        ("o200k", tiktoken_rs::o200k_base()?),
        ("cl100k", tiktoken_rs::cl100k_base()?),
    ] {
        let (bytes, slots) = table(&encoding)?;
        fs::write(Path::new(&out).join(format!("{name}.bytes")), bytes)?;
        fs::write(Path::new(&out).join(format!("{name}.slots")), slots)?;
    }
    Ok(())
}

/// All tokens one after the other, and the slots that tell where each stands.
fn table(encoding: &CoreBPE) -> Result<(Vec<u8>, Vec<u8>), Box<dyn Error>> {
    // Ranks begin at nought and have no gap before the special tokens, which no text is read as.
    let tokens: Vec<Vec<u8>> = (0..)
        .map_while(|rank| encoding.decode_bytes(&[rank]).ok())
        .collect();
    // A fifth of the slots stays free at least: what is not there is told by the next free one.
    let size = (tokens.len() * 5 / 4).next_power_of_two();
    let (mut bytes, mut slots) = (Vec::new(), vec![slot::FREE; size]);
    for (rank, token) in tokens.iter().enumerate() {
        let hash = slot::hash(token);
        let mut at = slot::first(hash, size);
        while slots[at] != slot::FREE {
            at = (at + 1) % size;
        }
        slots[at] = slot::pack(hash, rank, bytes.len(), token.len())
            .ok_or("a token that does not fit into a slot")?;
        bytes.extend_from_slice(token);
    }
    let slots = slots.into_iter().flat_map(u64::to_le_bytes).collect();
    Ok((bytes, slots))
}
