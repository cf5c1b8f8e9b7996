//! Every limit of what is sent in, with its default: one page, one place. `[limits]` of `jiesu.toml` changes any of them.
//! Which one was met is said by the problem document (`/problems/…` with `limit`), by the names used here.

use serde::Deserialize;

/// Bytes of a megabyte as people count them.
pub const MB: u64 = 1024 * 1024;

/// What may be sent, and how much of it.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of a request's body, uploads of files left out.
    pub body: u64,
    /// Lists and objects within each other in JSON.
    pub json_depth: usize,
    /// Entries of any one list or object in JSON.
    pub json_entries: usize,
    /// Rows of a page of a list; the store gives no more than 100.
    pub page: u32,
    /// Requests a minute of one account.
    pub account: u32,
    /// Requests a minute to the staff's API from one address: a whole office may share one.
    pub address: u32,
    /// Pages a minute of the public portal from one address.
    pub portal: u32,
    /// Forms a minute sent in on the public portal from one address.
    pub portal_forms: u32,
    /// Addresses of the proxies in front of the server; what they say about who asks is believed.
    pub proxies: Vec<std::net::IpAddr>,
    /// Bytes of one file.
    pub file: u64,
    /// Bytes of one piece of an upload.
    pub piece: u64,
    /// Files of a ticket, or of a version of a knowledge entry.
    pub files: usize,
    /// Bytes of all files of a ticket, or of such a version.
    pub files_size: u64,
    /// Files with one form of the portal.
    pub portal_files: usize,
    /// Bytes of one file with a form of the portal.
    pub portal_file: u64,
    /// Uploads of one account that are not finished.
    pub uploads: usize,
    /// Hours after which an upload that was not finished is thrown away.
    pub upload_hours: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            body: MB,
            json_depth: 16,
            json_entries: 200,
            page: 100,
            account: 1_200,
            address: 6_000,
            portal: 120,
            portal_forms: 10,
            proxies: Vec::new(),
            file: 50 * MB,
            piece: 8 * MB,
            files: 50,
            files_size: 500 * MB,
            portal_files: 5,
            portal_file: 10 * MB,
            uploads: 20,
            upload_hours: 24,
        }
    }
}

impl Limits {
    /// Settings with which nothing could be sent in at all are mistakes.
    ///
    /// # Errors
    /// Says which, and in Chinese what would do.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        let least = [
            ("body", self.body, 64 * 1024),
            ("json_depth", self.json_depth as u64, 8),
            ("json_entries", self.json_entries as u64, 20),
            ("page", self.page.into(), 1),
            ("account", self.account.into(), 10),
            ("address", self.address.into(), 10),
            ("portal", self.portal.into(), 5),
            ("portal_forms", self.portal_forms.into(), 1),
            ("file", self.file, 1),
            ("piece", self.piece, 64 * 1024),
            ("upload_hours", self.upload_hours.into(), 1),
        ];
        let low = least.iter().find(|(_, value, least)| value < least);
        let low = low.map(|(name, _, least)| (*name, format!("过小，至少为{least}")));
        let high = [("page", u64::from(self.page), 100), ("json_depth", self.json_depth as u64, 100)];
        let high = high.iter().find(|(_, value, most)| value > most);
        let high = high.map(|(name, _, most)| (*name, format!("过大，最多为{most}")));
        low.or(high).map_or(Ok(()), Err)
    }

    /// Bytes of a whole form of the portal with its files.
    pub fn portal_body(&self) -> u64 {
        self.body + self.portal_files as u64 * self.portal_file
    }
}

/// `512字节`, `300KB`, `1.5MB`: as people read it.
pub fn size_words(bytes: u64) -> String {
    if bytes < 1024 {
        return format!("{bytes}字节");
    }
    let (value, unit) = if bytes < MB { (bytes as f64 / 1024.0, "KB") } else { (bytes as f64 / MB as f64, "MB") };
    let text = format!("{value:.1}");
    format!("{}{unit}", text.trim_end_matches(".0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_people_read_them() {
        for (bytes, words) in [(0, "0字节"), (1023, "1023字节"), (1024, "1KB"), (1_600_000, "1.5MB"), (50 * MB, "50MB")]
        {
            assert_eq!(size_words(bytes), words);
        }
    }

    #[test]
    fn limits_that_shut_everybody_out_are_refused() {
        assert_eq!(Limits::default().check(), Ok(()));
        let low = Limits { body: 64 * 1024 - 1, ..Limits::default() };
        assert!(low.check().unwrap_err().0 == "body");
        assert_eq!(Limits { body: 64 * 1024, ..Limits::default() }.check(), Ok(()));
        assert!(Limits { page: 101, ..Limits::default() }.check().unwrap_err().0 == "page");
    }
}
