//! The window's program.

// No console window beside the program on Windows.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

/// glibc's own gives each of many threads a part of memory, and what is freed in one is not there for the next: after an
/// hour that was twice what was in use, and it grew. This one has one part for all (`.cargo/config.toml`).
#[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    begrip_desktop::run()
}
