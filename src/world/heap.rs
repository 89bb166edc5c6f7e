//! Memory that was used and is free again goes back to the system.
//!
//! Parsing a month allocates and frees several times what stays of it, on every thread. The C library keeps what was
//! freed, in a pool for each thread where the next step does not look for it; so a run of a million documents would
//! hold more in such pools than in its frames.

/// Gives free memory back to the system, where the C library keeps it.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    glibc::malloc_trim(0);
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod glibc {
    #![expect(
        unsafe_code,
        reason = "the declaration is that of the C library's header; calling it is safe at any time"
    )]

    unsafe extern "C" {
        /// Releases free memory of all pools but `pad` bytes; 1 where some was released.
        pub(super) safe fn malloc_trim(pad: usize) -> std::ffi::c_int;
    }
}
