//! Counts the steps of walks in tests, so that linearity is a property and not a stopwatch.

#[cfg(test)]
thread_local! {
    static STEPS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Counts `steps` steps; does nothing outside this crate's own tests.
#[inline(always)]
pub(crate) fn tick(steps: u64) {
    #[cfg(test)]
    STEPS.with(|count| count.set(count.get() + steps));
    #[cfg(not(test))]
    let _ = steps;
}

/// Returns how many steps `run` takes on this thread.
#[cfg(test)]
pub(crate) fn count(run: impl FnOnce()) -> u64 {
    STEPS.with(|count| count.set(0));
    run();
    STEPS.with(std::cell::Cell::get)
}
