//! The list of rows that were not taken: row, id, reason. Nothing else of a row goes into it.

use std::{
    fs::File,
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
};

/// Excel reads UTF-8 only behind its mark.
const HEAD: &str = "\u{feff}行号,编号,原因\n";

/// The list cannot be written; in Chinese.
#[derive(Debug, thiserror::Error)]
pub enum RejectsError {
    #[error("不能写退回清单 {path}：{source}；请用 --rejects 另指定")]
    Write { path: String, source: io::Error },
    #[error("{0} 已存在，且不是退回清单；请用 --rejects 另指定")]
    NotOurs(String),
}

/// The list. Its file is there only if a row was rejected.
#[derive(Debug)]
pub struct Rejects {
    path: Option<PathBuf>,
    writer: Option<csv::Writer<File>>,
    pub count: u64,
}

impl Rejects {
    /// Makes way for the list of this run: the list of an earlier one is removed, anything else is left and is an error. Without a path
    /// the rows are only counted.
    ///
    /// # Errors
    /// Something else stands at the path.
    pub fn at(path: Option<PathBuf>) -> Result<Rejects, RejectsError> {
        if let Some(path) = &path {
            match File::open(path) {
                Err(e) if e.kind() == ErrorKind::NotFound => {}
                Err(e) => return Err(failed(path)(e)),
                Ok(file) if is_ours(&file) => std::fs::remove_file(path).map_err(failed(path))?,
                Ok(_) => return Err(RejectsError::NotOurs(path.display().to_string())),
            }
        }
        Ok(Rejects { path, writer: None, count: 0 })
    }

    /// Notes a row.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn push(&mut self, row: u64, id: &str, reason: &str) -> Result<(), RejectsError> {
        self.count += 1;
        let Some(path) = &self.path else { return Ok(()) };
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => {
                let mut file = File::create(path).map_err(failed(path))?;
                io::Write::write_all(&mut file, HEAD.as_bytes()).map_err(failed(path))?;
                self.writer.insert(csv::Writer::from_writer(file))
            }
        };
        let written = writer.write_record([row.to_string().as_str(), &no_formula(id), reason]);
        written.map_err(io::Error::from).map_err(failed(path))
    }

    /// Writes out what is left; the file, if there is one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(mut self) -> Result<Option<PathBuf>, RejectsError> {
        let (Some(writer), Some(path)) = (&mut self.writer, &self.path) else { return Ok(None) };
        writer.flush().map_err(failed(path))?;
        Ok(self.path)
    }
}

/// A table program would run `=…` in a cell.
fn no_formula(id: &str) -> String {
    if id.starts_with(['=', '+', '-', '@']) { format!("'{id}") } else { id.to_owned() }
}

fn is_ours(mut file: &File) -> bool {
    let mut head = vec![0; HEAD.len()];
    file.read_exact(&mut head).is_ok() && head == HEAD.as_bytes()
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> RejectsError {
    let path = path.display().to_string();
    move |source| RejectsError::Write { path, source }
}
