//! What is known of the files of a ticket. They are written with the command that attaches them (see [`crate::Commit`]); their contents are
//! never in the database.

use crate::db::{Row, all, query};
use crate::error::{Named, StoreError};
use crate::model::AttachmentRow;
use crate::rows::time;
use crate::store::Store;

const SELECT: &str = "SELECT ticket, file, content, name, media, size, sm3, account, at, state FROM attachment";

fn attachment(row: &Row) -> Result<AttachmentRow, sqlx::Error> {
    Ok(AttachmentRow {
        file: row.get("file")?,
        content: row.get("content")?,
        name: row.get("name")?,
        media: row.get("media")?,
        size: row.get("size")?,
        sm3: row.get("sm3")?,
        account: row.get("account")?,
        at: time(row, "at")?,
        state: row.get("state")?,
    })
}

impl Store {
    /// The files of a ticket, in their order.
    pub async fn attachments(&self, jurisdiction: &str, ticket: &str) -> Result<Vec<AttachmentRow>, StoreError> {
        const OP: &str = "attachments";
        let sql = format!("{SELECT} WHERE jurisdiction = $1 AND ticket = $2 ORDER BY file");
        let rows = query(sql).bind(jurisdiction).bind(ticket).fetch_all(self.read()).await.op(OP)?;
        all(&rows, attachment).op(OP)
    }

    /// The file that holds a content, with its ticket.
    pub async fn attachment_by_content(
        &self,
        jurisdiction: &str,
        content: &str,
    ) -> Result<Option<(String, AttachmentRow)>, StoreError> {
        const OP: &str = "attachment_by_content";
        let sql = format!("{SELECT} WHERE jurisdiction = $1 AND content = $2");
        let row = query(sql).bind(jurisdiction).bind(content).fetch_optional(self.read()).await.op(OP)?;
        row.as_ref().map(|row| Ok((row.get("ticket")?, attachment(row)?))).transpose().op(OP)
    }

    /// Files in a state with their tickets, oldest first: those that wait for the virus scan.
    pub async fn attachments_in(
        &self,
        jurisdiction: &str,
        state: &str,
        limit: u32,
    ) -> Result<Vec<(String, AttachmentRow)>, StoreError> {
        const OP: &str = "attachments_in";
        let sql = format!("{SELECT} WHERE jurisdiction = $1 AND state = $2 ORDER BY at, ticket, file LIMIT $3");
        let query = query(sql).bind(jurisdiction).bind(state).bind(i64::from(limit));
        let rows = query.fetch_all(self.read()).await.op(OP)?;
        rows.iter().map(|row| Ok((row.get("ticket")?, attachment(row)?))).collect::<Result<_, sqlx::Error>>().op(OP)
    }

    /// Moves a file from one state to another; `false` if somebody else moved it first.
    pub async fn attachment_state(
        &self,
        jurisdiction: &str,
        content: &str,
        from: &str,
        to: &str,
    ) -> Result<bool, StoreError> {
        const OP: &str = "attachment_state";
        let query = query("UPDATE attachment SET state = $4 WHERE jurisdiction = $1 AND content = $2 AND state = $3")
            .bind(jurisdiction)
            .bind(content)
            .bind(from)
            .bind(to);
        Ok(query.execute(&mut self.write(OP).await?).await.op(OP)? == 1)
    }
}
