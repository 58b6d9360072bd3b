//! Room for the engine's objects, taken once.
//!
//! glibc gives a thread an arena of its own and lets it grow by what each request lacks: a call of the kernel for nearly every page, 3,400 of them until the
//! models of a hundred tables are read. Room that an arena has had is not asked for again, so the engine's thread asks for much of it at once and gives it
//! back. Nothing is written there: it becomes memory only where objects come to be.

/// Below the size from which the allocator keeps requests out of the arena.
const PIECE: usize = 96 * 1024;
/// Together 36 MB; an arena's heap ends at 64 MB.
const PIECES: usize = 384;

/// Lets this thread's arena grow.
pub(crate) fn take() {
    let pieces: Vec<Vec<u8>> = (0..PIECES).map(|_| Vec::with_capacity(PIECE)).collect();
    // The compiler may leave out memory that nobody looks at.
    std::hint::black_box(&pieces);
}
