//! Keys as an operator meets them: made at the first start, missed, wrong, changed.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use crate::run::{jiesu, ran};

/// A folder with a centre of a few tickets, whose master key is a file.
struct Centre(tempfile::TempDir);

impl Centre {
    fn new() -> (Centre, String) {
        let centre = Centre(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap());
        let (code, said) = centre.on(&["demo", "--tickets", "20"]);
        assert_eq!(code, 0, "{said}");
        (centre, said)
    }

    fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn key(&self) -> PathBuf {
        self.data().join("master.key")
    }

    fn on(&self, args: &[&str]) -> (i32, String) {
        self.with(args, &[])
    }

    fn with(&self, args: &[&str], more: &[(&str, &str)]) -> (i32, String) {
        let mut command = jiesu(args);
        command.env_remove("JIESU_MASTER_KEY").env("JIESU_DATA", self.data()).current_dir(self.0.path());
        command.env("JIESU_CLOCK", "2026-11-20T15:30:00+08:00").envs(more.iter().copied());
        let ran = ran(&mut command);
        (ran.code, ran.said())
    }

    fn verified(&self) {
        let (code, said) = self.on(&["verify"]);
        assert!(code == 0 && said.contains("工单20件"), "{said}");
    }
}

fn bytes(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

#[test]
fn the_first_start_makes_a_key_and_says_what_to_do_with_it() {
    let (centre, said) = Centre::new();
    assert!(said.contains("已生成主密钥") && said.contains("抄到别处") && said.contains("数据目录之外"), "{said}");
    let key = fs::read_to_string(centre.key()).unwrap();
    assert!(!said.contains(key.trim()), "the key itself is not said");
    assert_eq!(fs::metadata(centre.key()).unwrap().permissions().mode() & 0o777, 0o600);
    centre.verified();
    assert_eq!(fs::read_to_string(centre.key()).unwrap(), key, "the one that is there stays");
    // Moved away from the data, as it says.
    let elsewhere = centre.0.path().join("kept.key");
    fs::rename(centre.key(), &elsewhere).unwrap();
    let (code, said) = centre.with(&["verify"], &[("JIESU_KEY_FILE", elsewhere.to_str().unwrap())]);
    assert_eq!(code, 0, "{said}");
}

#[test]
fn without_its_key_nothing_starts_and_nothing_is_written() {
    let (centre, _) = Centre::new();
    let (database, key) = (centre.data().join("jiesu.db"), bytes(&centre.key()));
    centre.verified();
    let before = bytes(&database);
    let tries: [(&[u8], &str); 3] = [(b"", "内容不对"), (&[b'0'; 32], "主密钥不对"), (b"not a key", "内容不对")];
    for (content, words) in tries {
        fs::write(centre.key(), content).unwrap();
        for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["migrate"], &["keys", "rotate"], &["verify"]] {
            let (code, said) = centre.on(command);
            assert!(code == 2 && said.contains(words) && said.contains("主密钥"), "{command:?}: {said}");
        }
    }
    fs::write(centre.key(), &key).unwrap();
    fs::set_permissions(centre.key(), fs::Permissions::from_mode(0o644)).unwrap();
    let (code, said) = centre.on(&["migrate"]);
    assert!(code == 2 && said.contains("chmod 600"), "{said}");
    fs::remove_file(centre.key()).unwrap();
    let (code, said) = centre.on(&["migrate"]);
    assert!(code == 2 && said.contains("没有主密钥文件") && said.contains("放回"), "{said}");
    assert!(!centre.key().exists(), "no other one is made instead");
    assert!(bytes(&database) == before, "nothing was written");
    let (code, said) = centre.with(&["verify"], &[("JIESU_MASTER_KEY", "短")]);
    assert!(code == 2 && said.contains("JIESU_MASTER_KEY"), "{said}");
    let hex = String::from_utf8(key).unwrap();
    let (code, said) = centre.with(&["verify"], &[("JIESU_MASTER_KEY", hex.trim())]);
    assert_eq!(code, 0, "the environment does as well: {said}");
}

#[test]
fn both_kinds_of_key_are_changed() {
    let (centre, _) = Centre::new();
    let old = bytes(&centre.key());
    let (code, said) = centre.on(&["keys", "rotate", "--now"]);
    assert!(code == 0 && said.contains("第2把") && said.contains("全部内容都用第2把"), "{said}");
    assert!(said.contains("不再有内容用它"), "{said}");
    let (code, said) = centre.on(&["keys", "rewrap"]);
    assert!(code == 0 && said.contains("重新保护2把"), "{said}");
    let new = bytes(&centre.key());
    assert!(new != old && new.len() == old.len(), "only the new one is left");
    centre.verified();
    fs::write(centre.key(), &old).unwrap();
    let (code, said) = centre.on(&["verify"]);
    assert!(code == 2 && said.contains("主密钥不对"), "{said}");
    // Killed after the new one stood in the file: both are there, and once more completes it.
    fs::write(centre.key(), [[b'1'; 32].as_slice(), b"\n", &new].concat()).unwrap();
    centre.verified();
    let (code, said) = centre.on(&["keys", "rewrap", "--only"]);
    assert!(code == 0 && said.contains("重新保护2把"), "{said}");
    assert_eq!(bytes(&centre.key()), [[b'1'; 32].as_slice(), b"\n"].concat());
    centre.verified();
}
