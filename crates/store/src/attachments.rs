//! What is known of the files of a ticket. They are written with the command that attaches them (see [`crate::Commit`]); their contents are
//! never in the database.

use crate::db::{Row, all, query};
use crate::error::{Named, StoreError};
use crate::model::AttachmentRow;
use crate::rows::{time, us};
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

fn with_tickets(rows: &[Row]) -> Result<Vec<(String, AttachmentRow)>, sqlx::Error> {
    rows.iter().map(|row| Ok((row.get("ticket")?, attachment(row)?))).collect()
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

    /// Files in a state with their tickets, oldest first, after one of them: those that wait for the virus scan.
    pub async fn attachments_in(
        &self,
        jurisdiction: &str,
        state: &str,
        after: Option<&(String, AttachmentRow)>,
        limit: u32,
    ) -> Result<Vec<(String, AttachmentRow)>, StoreError> {
        const OP: &str = "attachments_in";
        let sql = format!(
            "{SELECT} WHERE jurisdiction = $1 AND state = $2 AND (at, ticket, file) > ($3, $4, $5) \
             ORDER BY at, ticket, file LIMIT $6"
        );
        let (at, ticket, file) =
            after.map_or((i64::MIN, "", 0), |(ticket, row)| (us(row.at), ticket.as_str(), row.file));
        let query = query(sql).bind(jurisdiction).bind(state).bind(at).bind(ticket).bind(file).bind(i64::from(limit));
        with_tickets(&query.fetch_all(self.read()).await.op(OP)?).op(OP)
    }

    /// Every file with its ticket, page by page.
    pub async fn attachments_stream(
        &self,
        jurisdiction: &str,
        after: Option<&(String, AttachmentRow)>,
        limit: u32,
    ) -> Result<Vec<(String, AttachmentRow)>, StoreError> {
        const OP: &str = "attachments_stream";
        let sql =
            format!("{SELECT} WHERE jurisdiction = $1 AND (ticket, file) > ($2, $3) ORDER BY ticket, file LIMIT $4");
        let (ticket, file) = after.map_or(("", 0), |(ticket, row)| (ticket.as_str(), row.file));
        let query = query(sql).bind(jurisdiction).bind(ticket).bind(file).bind(i64::from(limit));
        with_tickets(&query.fetch_all(self.read()).await.op(OP)?).op(OP)
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
