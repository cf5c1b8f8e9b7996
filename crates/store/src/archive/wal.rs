//! SQLite's write-ahead log as its file format describes it (sqlite.org/fileformat2.html, section 4): how far it holds whole commits.

/// Bytes of the log's own header, and of that of each frame before its page.
pub(super) const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

const MAGIC: u32 = 0x377f_0682;

/// A log being read: what its header says, and the checksum so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Log {
    /// Salts change whenever the log begins anew.
    pub(super) salts: [u8; 8],
    page: usize,
    big_endian: bool,
    sum: (u32, u32),
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |n, b| (n << 8) | u32::from(*b))
}

impl Log {
    /// Reads the header; `None` if it is not whole, as in an empty log.
    pub(super) fn begin(header: &[u8]) -> Option<Self> {
        let header = header.get(..HEADER)?;
        let magic = number(&header[..4]);
        if magic & !1 != MAGIC {
            return None;
        }
        let mut log = Self {
            salts: header[16..24].try_into().ok()?,
            page: number(&header[8..12]) as usize,
            big_endian: magic & 1 == 1,
            sum: (0, 0),
        };
        log.sum = log.add(log.sum, &header[..24]);
        (log.sum == (number(&header[24..28]), number(&header[28..32]))).then_some(log)
    }

    /// How many of these bytes, which follow what was read before, are whole commits. What comes after is not there yet, is just being
    /// written, or is left from an earlier round.
    pub(super) fn commits(&mut self, bytes: &[u8]) -> usize {
        let mut ahead = self.clone();
        let mut whole = 0;
        for (i, frame) in bytes.chunks_exact(FRAME_HEADER + self.page).enumerate() {
            let (header, page) = frame.split_at(FRAME_HEADER);
            ahead.sum = ahead.add(ahead.sum, &header[..8]);
            ahead.sum = ahead.add(ahead.sum, page);
            if header[8..16] != self.salts || ahead.sum != (number(&header[16..20]), number(&header[20..24])) {
                break;
            }
            let ends_a_commit = number(&header[4..8]) != 0;
            if ends_a_commit {
                whole = (i + 1) * frame.len();
                self.sum = ahead.sum;
            }
        }
        whole
    }

    /// The checksum of section 4.2 goes on over pairs of words.
    fn add(&self, (mut s0, mut s1): (u32, u32), bytes: &[u8]) -> (u32, u32) {
        let word = |b: &[u8]| {
            let word = number(b);
            if self.big_endian { word } else { word.swap_bytes() }
        };
        for pair in bytes.chunks_exact(8) {
            s0 = s0.wrapping_add(word(&pair[..4])).wrapping_add(s1);
            s1 = s1.wrapping_add(word(&pair[4..])).wrapping_add(s0);
        }
        (s0, s1)
    }
}
