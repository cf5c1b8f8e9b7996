//! A folder, a map, the binary, and questions to the database.

use std::{
    fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use jiesu_store::{Store, StoreOptions};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::run::{self, Ran};

/// Tuesday, after everything in the fixtures but what is meant to be in the future.
const NOW: &str = "2026-09-29T16:30:00+08:00";

pub const MAP: &str = r#"
source = "信箱"
[columns]
id = "编号"
title = "标题"
content = "内容"
received = "时间"
[person]
id = "用户"
platform = "site"
[time]
formats = ["%Y/%m/%d %H:%M:%S", "%Y/%m/%d"]
[channel]
column = "来源"
values = { WEB = "web", APP = "移动应用" }
[history]
reply = "答复"
replied_at = "答复时间"
satisfaction = { column = "满意", none = ["-"], values = { "好" = "satisfied", "差" = "不满意" } }
[kind]
default = "help"
[[kind.words]]
kind = "咨询"
any = ["请问"]
[[kind.words]]
kind = "suggestion"
any = ["建议"]
"#;

impl Ran {
    /// The line with the counts.
    pub fn summary(&self) -> String {
        self.out.lines().next().unwrap_or_default().to_owned()
    }
}

/// A place to work in, removed at the end.
pub struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    pub fn new() -> Bench {
        Bench { dir: tempfile::tempdir().unwrap() }
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn path(&self, name: &str) -> String {
        self.at(name).to_str().unwrap().to_owned()
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.at(name), bytes).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).unwrap()
    }

    pub fn exists(&self, name: &str) -> bool {
        self.at(name).exists()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = run::jiesu(args);
        command.env("JIESU_MASTER_KEY", jiesu_testkit::MASTER_HEX);
        command.env("JIESU_DATA", self.at("data")).env("JIESU_CLOCK", NOW).current_dir(self.dir.path());
        command
    }

    pub fn jiesu(&self, args: &[&str]) -> Ran {
        run::ran(&mut self.command(args))
    }

    pub fn start(&self, args: &[&str]) -> Child {
        self.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    pub fn import(&self, name: &str, table: impl AsRef<[u8]>, map: &str) -> Ran {
        self.import_with(name, table, map, &[])
    }

    pub fn import_with(&self, name: &str, table: impl AsRef<[u8]>, map: &str, more: &[&str]) -> Ran {
        self.write(name, table);
        self.write("map.toml", map);
        self.jiesu(&[&["import", name, "--map", "map.toml"], more].concat())
    }

    /// The chain is whole and the rows are what the journal gives.
    pub fn verify(&self) {
        let ran = self.jiesu(&["verify"]);
        assert_eq!(ran.code, 0, "{ran:?}");
    }

    pub fn number(&self, sql: &'static str) -> i64 {
        self.ask(sql)
    }

    pub fn text(&self, sql: &'static str) -> String {
        self.ask(sql)
    }

    /// The body of the ticket whose number this asks for.
    pub fn body(&self, sql: &'static str) -> String {
        let number = self.text(sql);
        self.opened(async |store| store.ticket("shangrao", &number).await.unwrap().unwrap().body)
    }

    /// What stands in `external_id` of the persons whose keys this asks for, with commas between them.
    pub fn external_ids(&self, sql: &'static str) -> Vec<Option<String>> {
        let keys = self.text(sql);
        self.opened(async |store| {
            let mut all = Vec::new();
            for key in keys.split(',') {
                all.push(store.person("shangrao", key).await.unwrap().unwrap().external_id);
            }
            all
        })
    }

    fn opened<T>(&self, look: impl AsyncFnOnce(&Store) -> T) -> T {
        let options = StoreOptions::with_key(jiesu_testkit::MASTER);
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let store = Store::open_read_only(self.at("data").to_str().unwrap(), options).await.unwrap();
            look(&store).await
        })
    }

    fn ask<T>(&self, sql: &'static str) -> T
    where
        for<'r> T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite> + Send + Unpin,
    {
        let options = SqliteConnectOptions::new().filename(self.at("data").join("jiesu.db")).read_only(true);
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
            sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
        })
    }
}
