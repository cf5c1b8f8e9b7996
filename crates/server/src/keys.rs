//! Master keys of this machine: a file beside the program's other secrets, or the environment. Data keys in the database are wrapped by
//! them; whoever has the database alone reads nothing personal. A device (HSM) would be a third provider of the same trait.

use std::{
    fs,
    io::{ErrorKind, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiesu_store::{KeyError, LocalKeys, MasterKeys};
use zeroize::Zeroizing;

use crate::{app::hex, config::Settings, telemetry::log};

/// Instead of a file: 32 hex digits, several with commas between them, the current one first.
const ENVIRONMENT: &str = "JIESU_MASTER_KEY";

/// A master key, overwritten when it is dropped.
type Key = Box<Zeroizing<[u8; 16]>>;

/// Everything but the owner.
const OTHERS: u32 = 0o077;

/// Where the master keys come from.
#[derive(Debug, Clone)]
pub enum Keys {
    Environment(LocalKeys),
    File(PathBuf),
}

impl Keys {
    /// By the environment and the settings.
    ///
    /// # Errors
    /// The environment holds something else than keys.
    pub fn of(settings: &Settings) -> Result<Keys, String> {
        match std::env::var(ENVIRONMENT) {
            Ok(keys) if !keys.is_empty() => {
                let keys = Zeroizing::new(keys);
                let read = read(&Zeroizing::new(keys.replace(',', "\n"))).ok_or_else(|| {
                    format!("环境变量 {ENVIRONMENT} 应为32位十六进制数（多个用逗号隔开，现用的在前）；可用 openssl rand -hex 16 生成")
                })?;
                Ok(Keys::Environment(LocalKeys::new(read.iter().map(|key| &***key))))
            }
            _ => Ok(Keys::File(settings.key_file.clone())),
        }
    }

    /// What the store asks.
    pub fn provider(&self) -> Arc<dyn MasterKeys> {
        match self {
            Keys::Environment(keys) => Arc::new(keys.clone()),
            Keys::File(path) => Arc::new(KeyFile(path.clone())),
        }
    }

    /// Makes the file where nothing was ever sealed and there is none. Says so, and what to do with it.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn ensure(&self) -> Result<(), String> {
        let Keys::File(path) = self else { return Ok(()) };
        if path.exists() {
            return Ok(());
        }
        write(path, &[LocalKeys::random()])?;
        log::say(&format!(
            "已生成主密钥 {}。个人信息和诉求内容都由它加密：丢了它，这些内容就再也打不开；拿到它和数据库的人可以全部看到。\
             请现在就把它抄到别处（如保险柜里的U盘），并移到数据目录之外，用 key_file 写明位置；不要和数据库的备份放在一起",
            path.display()
        ));
        Ok(())
    }

    /// Puts a new key before the others; data keys are to be wrapped by it next. Killed before that, the next run begins with another
    /// new key, and the ones before still unwrap.
    ///
    /// # Errors
    /// The keys are not in a file, or it cannot be written.
    pub fn renew(&self) -> Result<(), String> {
        let mut keys = self.file("换用新的主密钥")?;
        keys.1.insert(0, LocalKeys::random());
        write(&keys.0, &keys.1)
    }

    /// Leaves the current key alone in the file: nothing is wrapped by the others any more.
    ///
    /// # Errors
    /// The keys are not in a file, or it cannot be written.
    pub fn drop_old(&self) -> Result<(), String> {
        let mut keys = self.file("清除旧的主密钥")?;
        keys.1.truncate(1);
        write(&keys.0, &keys.1)
    }

    fn file(&self, what: &str) -> Result<(PathBuf, Vec<Key>), String> {
        let Keys::File(path) = self else {
            return Err(format!(
                "主密钥来自环境变量 {ENVIRONMENT}，不能由程序{what}；请把变量改为“新密钥,旧密钥”，重新启动后运行 jiesu keys rewrap --only，再去掉旧密钥"
            ));
        };
        Ok((path.clone(), load(path)?))
    }
}

/// Keys of a file, read each time that they are asked for: they may have been renewed meanwhile.
#[derive(Debug)]
struct KeyFile(PathBuf);

impl KeyFile {
    fn keys(&self) -> Result<LocalKeys, KeyError> {
        load(&self.0).map(|keys| LocalKeys::new(keys.iter().map(|key| &***key))).map_err(KeyError::Provider)
    }
}

impl MasterKeys for KeyFile {
    fn current(&self) -> Result<String, KeyError> {
        self.keys()?.current()
    }

    fn wrap(&self, with: &[u8], secret: &[u8]) -> Result<(String, String), KeyError> {
        self.keys()?.wrap(with, secret)
    }

    fn unwrap(&self, id: &str, with: &[u8], wrapped: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        self.keys()?.unwrap(id, with, wrapped)
    }
}

/// The keys of a file.
fn load(path: &Path) -> Result<Vec<Key>, String> {
    let shown = path.display();
    let found = fs::metadata(path).and_then(|meta| Ok((meta, Zeroizing::new(fs::read_to_string(path)?))));
    let (meta, text) = match found {
        Ok(found) => found,
        Err(e) if e.kind() == ErrorKind::NotFound => {
            return Err(format!(
                "没有主密钥文件 {shown}，打不开已加密的内容；请把保存的主密钥文件放回这里，或用 key_file 写明它的位置"
            ));
        }
        Err(e) => return Err(format!("读不到主密钥文件 {shown}：{e}；它应归运行本程序的用户所有")),
    };
    if meta.permissions().mode() & OTHERS != 0 {
        return Err(format!("主密钥文件 {shown} 别的用户也能读；请运行 chmod 600 {shown}，并考虑换一个主密钥"));
    }
    read(&text).ok_or_else(|| {
        format!("主密钥文件 {shown} 的内容不对，每行应为32位十六进制数；请放回保存的那一份，不要自己另写")
    })
}

/// One key a line.
fn read(text: &str) -> Option<Vec<Key>> {
    let key = |line: &str| {
        let line = line.trim();
        (line.len() == 32).then_some(())?;
        let mut key = Key::default();
        for (n, byte) in key.iter_mut().enumerate() {
            *byte = u8::from_str_radix(line.get(2 * n..2 * n + 2)?, 16).ok()?;
        }
        Some(key)
    };
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(key).collect::<Option<Vec<_>>>().filter(|keys| !keys.is_empty())
}

/// As a whole or not at all, for the owner alone.
fn write(path: &Path, keys: &[Key]) -> Result<(), String> {
    let lines: Vec<Zeroizing<String>> = keys.iter().map(|key| Zeroizing::new(hex(&key[..]))).collect();
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let kept = || -> std::io::Result<()> {
        fs::create_dir_all(folder)?;
        // Made with mode 0600.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        for line in &lines {
            file.write_all(line.as_bytes())?;
            file.write_all(b"\n")?;
        }
        file.as_file().sync_all()?;
        file.persist(path)?;
        fs::File::open(folder)?.sync_all()
    };
    kept().map_err(|e| format!("不能写主密钥文件 {}：{e}；请检查目录的权限，或用 key_file 改到别处", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_made_once_and_for_its_owner() {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::File(dir.path().join("master.key"));
        let provider = keys.provider();
        assert!(provider.current().unwrap_err().to_string().contains("没有主密钥文件"));
        keys.ensure().unwrap();
        let first = provider.current().unwrap();
        keys.ensure().unwrap();
        assert_eq!(provider.current().unwrap(), first, "the one that is there stays");
        let path = dir.path().join("master.key");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(provider.current().unwrap_err().to_string().contains("chmod 600"));
    }

    #[test]
    fn a_renewed_file_unwraps_what_the_old_key_wrapped() {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::File(dir.path().join("master.key"));
        keys.ensure().unwrap();
        let provider = keys.provider();
        let (id, wrapped) = provider.wrap(b"x", b"secret").unwrap();
        keys.renew().unwrap();
        assert_ne!(provider.current().unwrap(), id);
        assert_eq!(**provider.unwrap(&id, b"x", &wrapped).unwrap(), *b"secret");
        keys.drop_old().unwrap();
        assert_eq!(provider.unwrap(&id, b"x", &wrapped), Err(KeyError::OtherMaster { id }));
    }

    #[test]
    fn what_is_no_key_is_told() {
        for wrong in
            ["", "\n", "abc", &"0".repeat(31), &"g".repeat(32), &"0".repeat(33), "密钥密钥密钥密钥密钥密钥密钥密钥"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        let two = read(&format!("{}\n\n{}\n", "00".repeat(16), "FF".repeat(16))).unwrap();
        assert_eq!(two, [[0; 16], [255; 16]].map(|key| Box::new(Zeroizing::new(key))));
    }
}
