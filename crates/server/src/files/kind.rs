//! What sort of file a content is: by its first bytes, and for containers by what is in them; never by its name alone. What is not on the
//! list is not taken, and the name's extension must say the same as the content.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

/// Longest name that is kept, in characters.
const NAME_MOST: usize = 120;
/// Bytes by which a content is recognised.
const HEAD: usize = 8192;
/// Bytes of a container's own tables beyond which nobody looks on, beside a hundredth of its size: an Office file's are some kilobytes (the
/// older sort adds 4 bytes for each 512), and a made-up million of entries would cost 600 MB of memory.
const TABLES_MOST: u64 = 2 * 1024 * 1024;

/// A sort of file that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// What it is called: `图片`.
    pub group: &'static str,
    /// As it is served.
    pub media: &'static str,
    extensions: &'static [&'static str],
}

/// Why a file is not taken, in Chinese.
#[derive(Debug, thiserror::Error)]
pub enum WrongKind {
    /// Its extension is on no list.
    #[error("不能上传“.{0}”文件；可以上传{ALLOWED}")]
    Extension(String),
    /// Its content is on no list: an archive, a program, a page.
    #[error("文件内容不是可以上传的类型（压缩包、程序、网页等不接收）；可以上传{ALLOWED}")]
    Content,
    /// Both are on the list and differ.
    #[error("文件内容是{0}，与扩展名“.{1}”不一致；请改正扩展名，或重新选择文件")]
    Differ(&'static str, String),
    /// An Office file with a program in it.
    #[error("文件中带有宏，不能上传；请另存为不带宏的文件，或存为PDF后再上传")]
    Macros,
    #[error("文件读不出来")]
    Io(#[from] io::Error),
}

/// What may be sent in, for screens.
pub const ALLOWED: &str = "图片、PDF、OFD、Office文档、录音、录像和纯文本";

macro_rules! kinds {
    ($($group:literal $media:literal $($sniffed:literal)* = $($extension:literal)+;)+) => {
        /// What is taken; a content is recognised by the words of the sniffer or of [`container`].
        const KINDS: &[(Kind, &[&str])] = &[$((
            Kind { group: $group, media: $media, extensions: &[$($extension),+] },
            &[$media $(, $sniffed)*],
        )),+];
    };
}

kinds! {
    "图片" "image/jpeg" = "jpg" "jpeg" "jpe" "jfif";
    "图片" "image/png" = "png";
    "图片" "image/gif" = "gif";
    "图片" "image/bmp" = "bmp";
    "图片" "image/webp" = "webp";
    "图片" "image/tiff" = "tif" "tiff";
    "图片" "image/heif" = "heic" "heif";
    "PDF" "application/pdf" = "pdf";
    "OFD" "application/ofd" = "ofd";
    "Word文档" "application/msword" = "doc" "wps";
    "Excel表格" "application/vnd.ms-excel" = "xls" "et";
    "PPT演示" "application/vnd.ms-powerpoint" = "ppt" "dps";
    "Word文档" "application/vnd.openxmlformats-officedocument.wordprocessingml.document" = "docx";
    "Excel表格" "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" = "xlsx";
    "PPT演示" "application/vnd.openxmlformats-officedocument.presentationml.presentation" = "pptx";
    "Word文档" "application/vnd.oasis.opendocument.text" = "odt";
    "Excel表格" "application/vnd.oasis.opendocument.spreadsheet" = "ods";
    "录音" "audio/mpeg" = "mp3";
    "录音" "audio/wav" "audio/x-wav" = "wav";
    "录音" "audio/mp4" "audio/m4a" = "m4a";
    "录音" "audio/amr" = "amr";
    "录音" "audio/aac" = "aac";
    "录音" "audio/ogg" "audio/opus" = "ogg" "oga" "opus";
    "录音" "audio/flac" "audio/x-flac" = "flac";
    "录像" "video/mp4" "video/x-m4v" = "mp4" "m4v";
    "录像" "video/quicktime" = "mov";
    "录像" "video/x-msvideo" = "avi";
    "录像" "video/x-ms-wmv" = "wmv";
    "录像" "video/x-matroska" = "mkv";
    "录像" "video/webm" = "webm";
    "录像" "video/mpeg" = "mpg" "mpeg";
    "纯文本" "text/plain" = "txt" "csv";
}

/// A name's extension in lower case; empty where there is none.
fn extension(name: &str) -> String {
    name.rsplit_once('.').map_or_else(String::new, |(_, e)| e.to_lowercase())
}

/// A name as it may be kept and offered: the last part of a path, without what is invisible or turns text round, not too long.
/// `None` where nothing is left of it.
pub fn tidy_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let clean: String = last.chars().filter(seen).collect();
    let clean = clean.trim_matches(|c: char| c.is_whitespace() || c == '.');
    let (stem, extension) = clean.rsplit_once('.')?;
    if stem.trim().is_empty() || extension.is_empty() || extension.chars().count() > 8 {
        return None;
    }
    let room = NAME_MOST - 1 - extension.chars().count();
    let stem: String = stem.trim().chars().take(room).collect();
    Some(format!("{}.{extension}", stem.trim()))
}

/// What sort of file a media type is: `图片`.
pub fn sort_of(media: &str) -> &'static str {
    KINDS.iter().find(|(kind, _)| kind.media == media).map_or("文件", |(kind, _)| kind.group)
}

/// Every extension that is taken, as a browser's chooser wants them: `.jpg,.png`.
pub fn accept() -> String {
    let all = KINDS.iter().flat_map(|(kind, _)| kind.extensions);
    all.map(|e| format!(".{e}")).collect::<Vec<_>>().join(",")
}

/// Whether files of such a name are taken at all: said before anything is sent.
///
/// # Errors
/// They are not.
pub fn extension_allowed(name: &str) -> Result<(), WrongKind> {
    let extension = extension(name);
    let known = KINDS.iter().any(|(kind, _)| kind.extensions.contains(&extension.as_str()));
    if known { Ok(()) } else { Err(WrongKind::Extension(extension)) }
}

/// The kind of a file, if it is taken.
///
/// # Errors
/// It is not taken, or cannot be read.
pub fn kind_of(path: &Path, name: &str) -> Result<Kind, WrongKind> {
    extension_allowed(name)?;
    let extension = extension(name);
    let media = sniff(&mut File::open(path)?)?.ok_or(WrongKind::Content)?;
    let (kind, _) = KINDS.iter().find(|(_, sniffed)| sniffed.contains(&media)).ok_or(WrongKind::Content)?;
    if kind.extensions.contains(&extension.as_str()) {
        Ok(*kind)
    } else {
        Err(WrongKind::Differ(kind.group, extension))
    }
}

fn sniff(file: &mut File) -> Result<Option<&'static str>, WrongKind> {
    let mut head = Vec::with_capacity(HEAD);
    file.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    let left = TABLES_MOST + file.metadata()?.len() / 100;
    if head.starts_with(b"PK\x03\x04") {
        return zipped(Sip { file, left });
    }
    if head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
        return Ok(compound(Sip { file, left }));
    }
    if is_page(&head) {
        return Ok(None);
    }
    match infer::get(&head) {
        // The sniffer looks for its sign further on too, where a page or a program has room before it.
        Some(known) if known.mime_type() == "application/pdf" && !head.starts_with(b"%PDF") => Ok(None),
        // The sniffer knows an ICO by four bytes that a text does not begin with, and so on: what it knows is no plain text.
        Some(known) => Ok(Some(known.mime_type())),
        None => Ok(plain(file)?.then_some("text/plain")),
    }
}

/// A file of which only so much is read.
struct Sip<'a> {
    file: &'a mut File,
    left: u64,
}

impl Read for Sip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(buffer)?;
        self.left = self.left.checked_sub(n as u64).ok_or_else(|| io::Error::other("more than is looked at"))?;
        Ok(n)
    }
}

impl Seek for Sip<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Office files since 2007, ODF and OFD are archives; anything else in an archive is not taken.
fn zipped(file: Sip<'_>) -> Result<Option<&'static str>, WrongKind> {
    let Ok(mut archive) = zip::ZipArchive::new(file) else { return Ok(None) };
    if archive.file_names().any(|n| n.to_ascii_lowercase().ends_with("vbaproject.bin")) {
        return Err(WrongKind::Macros);
    }
    let known = [
        ("word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("ppt/presentation.xml", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        ("OFD.xml", "application/ofd"),
    ];
    if let Some((_, media)) = known.iter().find(|(entry, _)| archive.index_for_name(entry).is_some()) {
        return Ok(Some(media));
    }
    let mut media = String::new();
    if let Ok(entry) = archive.by_name("mimetype") {
        // What cannot be read is of no kind.
        let _ = entry.take(100).read_to_string(&mut media);
    }
    Ok(KINDS.iter().map(|(kind, _)| kind.media).find(|m| m.contains("opendocument") && *m == media.trim()))
}

/// Office files before 2007, and WPS: known by the stream that holds the document. An installer is such a container too, and has none.
fn compound(file: Sip<'_>) -> Option<&'static str> {
    let compound = cfb::CompoundFile::open(file).ok()?;
    [
        ("/WordDocument", "application/msword"),
        ("/Workbook", "application/vnd.ms-excel"),
        ("/Book", "application/vnd.ms-excel"),
        ("/PowerPoint Document", "application/vnd.ms-powerpoint"),
    ]
    .into_iter()
    .find_map(|(stream, media)| compound.is_stream(stream).then_some(media))
}

/// A script or a page by its beginning, whatever else is in it. (A sound of phones begins like a script.)
fn is_page(head: &[u8]) -> bool {
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    start.starts_with(b"<") || (start.starts_with(b"#!") && !head.starts_with(b"#!AMR"))
}

/// Whether nothing but text is in it, in whatever encoding (GBK is common): no control characters but line ends and tabs.
fn plain(file: &mut File) -> io::Result<bool> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let n = file.read(&mut buffer)?;
        let bytes = &buffer[..n];
        if n == 0 {
            return Ok(true);
        }
        if bytes.iter().any(|b| (*b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c)) || *b == 0x7f) {
            return Ok(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";
    const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01";

    fn of(content: &[u8], name: &str) -> Result<&'static str, WrongKind> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(content).unwrap();
        kind_of(file.path(), name).map(|k| k.media)
    }

    fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        for (name, content) in entries {
            zip.start_file(*name, stored).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn ole(stream: &str) -> Vec<u8> {
        let mut file = cfb::CompoundFile::create(io::Cursor::new(Vec::new())).unwrap();
        file.create_stream(stream).unwrap().write_all(b"x").unwrap();
        file.into_inner().into_inner()
    }

    #[test]
    fn what_is_on_the_list_is_taken() {
        let word = archive(&[("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>")]);
        let odt = archive(&[("mimetype", b"application/vnd.oasis.opendocument.text")]);
        let cases: &[(&[u8], &str, &str)] = &[
            (PNG, "截图.PNG", "image/png"),
            (JPEG, "现场.jpeg", "image/jpeg"),
            (b"%PDF-1.7\n", "函.pdf", "application/pdf"),
            (&word, "答复.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            (&odt, "答复.odt", "application/vnd.oasis.opendocument.text"),
            (&archive(&[("OFD.xml", b"<x/>")]), "公文.ofd", "application/ofd"),
            (&ole("/WordDocument"), "旧.wps", "application/msword"),
            (&ole("/Workbook"), "旧.xls", "application/vnd.ms-excel"),
            (b"#!AMR\n\x04\0\0\0\0\0", "录音.amr", "audio/amr"),
            (b"ID3\x03\0\0\0\0", "录音.mp3", "audio/mpeg"),
            (b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2mp41", "录像.mp4", "video/mp4"),
            ("说明：路灯一周不亮。\r\n".as_bytes(), "说明.txt", "text/plain"),
            (b"\xcb\xb5\xc3\xf7\r\n", "gbk.txt", "text/plain"),
        ];
        for (content, name, media) in cases {
            assert_eq!(of(content, name).ok(), Some(*media), "{name}");
        }
    }

    #[test]
    fn programs_archives_and_pages_are_not_whatever_they_are_called() {
        let content: &[&[u8]] = &[
            b"MZ\x90\0\x03\0\0\0",
            b"\x7fELF\x02\x01\x01",
            b"#!/bin/sh\nrm -rf /\n",
            b"<!DOCTYPE html><script>alert(1)</script>%PDF-1.7\n",
            b"MZ\x90\0%PDF-1.7\n",
            b"<!DOCTYPE html><script>alert(1)</script>",
            b"\xef\xbb\xbf<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"Rar!\x1a\x07\0",
            b"7z\xbc\xaf\x27\x1c",
            b"text with a \0 in it",
            &archive(&[("a.exe", b"MZ")]),
            &ole("/Installer"),
        ];
        for (i, content) in content.iter().enumerate() {
            for name in ["a.txt", "a.jpg", "a.docx", "a.doc"] {
                assert!(of(content, name).is_err(), "{i} as {name}");
            }
        }
        for name in ["a.exe", "a.zip", "a.html", "a.svg", "a", "a.jpg.bat"] {
            assert!(matches!(of(PNG, name), Err(WrongKind::Extension(_))), "{name}");
        }
    }

    #[test]
    fn the_extension_must_say_what_the_content_is() {
        assert!(matches!(of(PNG, "a.jpg"), Err(WrongKind::Differ("图片", _))));
        assert!(matches!(of(b"%PDF-1.7\n", "a.docx"), Err(WrongKind::Differ("PDF", _))));
        assert!(matches!(of(b"plain words", "a.png"), Err(WrongKind::Differ("纯文本", _))));
        let macros = archive(&[("word/document.xml", b"<x/>"), ("word/vbaProject.bin", b"x")]);
        assert!(matches!(of(&macros, "a.docx"), Err(WrongKind::Macros)));
    }

    /// Each costs memory before it can be counted.
    #[test]
    fn a_container_of_very_many_entries_is_not_looked_through() {
        let of_many = |n: usize| {
            let names: Vec<String> = (0..n).map(|i| format!("word/{i:030}")).collect();
            let parts = names.iter().map(|n| (n.as_str(), &b""[..])).chain([("word/document.xml", &b"<x/>"[..])]);
            of(&archive(&parts.collect::<Vec<_>>()), "a.docx")
        };
        assert!(of_many(1_000).is_ok());
        assert!(matches!(of_many(30_000), Err(WrongKind::Content)));
    }

    #[test]
    fn names_are_put_right() {
        let tidy = |n: &str| tidy_name(n);
        assert_eq!(tidy("C:\\照片\\现场 1.jpg").as_deref(), Some("现场 1.jpg"));
        assert_eq!(tidy("../../etc/说明.txt").as_deref(), Some("说明.txt"));
        assert_eq!(tidy("a\r\nb\u{202e}gpj.exe").as_deref(), Some("abgpj.exe"));
        assert_eq!(tidy(&format!("{}.jpg", "长".repeat(200))).unwrap().chars().count(), NAME_MOST);
        for nothing in ["", "jpg", ".jpg", "a.", " . jpg", "a/", "a.waytoolongtobe"] {
            assert_eq!(tidy(nothing), None, "{nothing}");
        }
    }
}
