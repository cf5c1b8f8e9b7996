//! A new version of a catalogue in the data folder: whole or not at all.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use jiesu_domain::Catalogue;

/// Writes `DIR/rulebooks/<id>-catalogue-<version>.toml`, first beside it and then in its place, so that a server that starts meanwhile
/// never reads half of it. `remark` is its first line.
///
/// # Errors
/// There is such a file already, the folder cannot be written to, or what would be written is not read back as it is; in Chinese.
pub fn save(dir: &Path, catalogue: &Catalogue, remark: &str) -> Result<PathBuf, String> {
    let head = &catalogue.catalogue;
    let path = dir.join("rulebooks").join(format!("{}-catalogue-{}.toml", head.rulebook, head.version));
    let cannot = |e: io::Error| format!("写不进 {}（{e}）；没有写入任何内容", path.display());
    if path.exists() {
        return Err(format!("{} 已存在，没有覆盖；请先查明它是哪一版", path.display()));
    }
    let text = text(catalogue, remark)?;
    fs::create_dir_all(dir.join("rulebooks")).map_err(cannot)?;
    // Not `.toml`: whoever reads the folder passes it by.
    let beside = path.with_extension(format!("toml.{}.part", std::process::id()));
    let written = write(&beside, &text).and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        // Best effort: the error that matters is the one being returned.
        let _ = fs::remove_file(&beside);
    }
    written.map_err(cannot)?;
    Ok(path)
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn text(catalogue: &Catalogue, remark: &str) -> Result<String, String> {
    let body = toml::to_string(catalogue).map_err(|e| format!("写不成目录文件（{e}）"))?;
    let remark: String = remark.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = format!("# {remark}\n# 格式见 docs/catalogue-format.md；不改这一版，改动另存新的一版。\n\n{body}");
    match Catalogue::parse("", &text) {
        Ok(read) if read == *catalogue => Ok(text),
        Ok(_) => Err("写成的目录文件读回后与原来不同，没有写入".to_owned()),
        Err(e) => Err(format!("写成的目录文件不能读回，没有写入（{e}）")),
    }
}
