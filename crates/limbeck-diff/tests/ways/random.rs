//! Numbers that only the seed decides (xorshift).

pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 33) % limit.max(1) as u64).expect("a small number")
    }

    pub fn chance(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    pub fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    /// Some of a list in some order, one at least.
    pub fn some<'a>(&mut self, of: &[&'a str]) -> Vec<&'a str> {
        let mut rest = of.to_vec();
        let count = 1 + self.below(rest.len());
        (0..count).map(|_| rest.remove(self.below(rest.len()))).collect()
    }
}
