//! Memory that was used and is free again goes back to the system.
//!
//! Parsing a month allocates and frees several times what stays of it, on every thread. The C library keeps what was
//! freed, in a pool for each thread where the next step does not look for it; so a run of a million documents would
//! hold more in such pools than in its frames.
//!
//! The C library asks the system for every large piece of memory anew and gives it back at once; the columns of five
//! million rows are such pieces, and clearing their pages took longer than what was done with them. So large pieces
//! are kept too, until [`give_back`].

/// Lets the C library keep large pieces of memory for the next one that needs as much. To be called once, at the start
/// of the program.
pub fn keep_large_pieces() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    for what in [glibc::M_MMAP_THRESHOLD, glibc::M_TRIM_THRESHOLD] {
        // Where the library does not know the setting, all is as it was.
        glibc::mallopt(what, 1 << 30);
    }
}

/// Gives free memory back to the system, where the C library keeps it.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    glibc::malloc_trim(0);
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod glibc {
    #![expect(
        unsafe_code,
        reason = "the declarations are those of the C library's header; calling them is safe at any time"
    )]

    /// From how many bytes on a piece is asked of the system.
    pub(super) const M_MMAP_THRESHOLD: std::ffi::c_int = -3;
    /// From how many free bytes on they are given back unasked.
    pub(super) const M_TRIM_THRESHOLD: std::ffi::c_int = -1;

    unsafe extern "C" {
        /// Changes a setting of the allocator; 0 where it knows no such setting or value.
        pub(super) safe fn mallopt(what: std::ffi::c_int, value: std::ffi::c_int) -> std::ffi::c_int;
        /// Releases free memory of all pools but `pad` bytes; 1 where some was released.
        pub(super) safe fn malloc_trim(pad: usize) -> std::ffi::c_int;
    }
}
