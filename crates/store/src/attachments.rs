//! What is known of the files of a ticket. They are written with the command that attaches them (see [`crate::Commit`]); their contents are
//! never in the database.

use crate::db::{Query, Row, query};
use crate::error::{Named, StoreError};
use crate::model::AttachmentRow;
use crate::rows::{time, us};
use crate::seal::{DataKey, Ring, Spot};
use crate::store::Store;

const OP: &str = "attachments";

const SELECT: &str = "SELECT ticket, file, content, name, media, size, sm3, account, at, state FROM attachment";

/// The name as it is stored.
pub(crate) fn sealed_name(jurisdiction: &str, ticket: &str, key: &DataKey, row: &AttachmentRow) -> Option<String> {
    let file = row.file.to_string();
    let spot = Spot { jurisdiction, table: "attachment", row: &[ticket, &file], column: "name" };
    row.name.as_ref().map(|name| key.seal(&spot, name))
}

fn attachment(jurisdiction: &str, ring: &Ring, row: &Row) -> Result<(String, AttachmentRow), StoreError> {
    let (ticket, file): (String, i64) = (row.get("ticket").op(OP)?, row.get("file").op(OP)?);
    let number = file.to_string();
    let spot = Spot { jurisdiction, table: "attachment", row: &[&ticket, &number], column: "name" };
    let name: Option<String> = row.get("name").op(OP)?;
    let name = name.map(|s| ring.open(&spot, &s)).transpose().map_err(|source| StoreError::Key { op: OP, source })?;
    let attachment = AttachmentRow {
        file,
        content: row.get("content").op(OP)?,
        name,
        media: row.get("media").op(OP)?,
        size: row.get("size").op(OP)?,
        sm3: row.get("sm3").op(OP)?,
        account: row.get("account").op(OP)?,
        at: time(row, "at").op(OP)?,
        state: row.get("state").op(OP)?,
    };
    Ok((ticket.clone(), attachment))
}

impl Store {
    async fn attachments_of(
        &self,
        jurisdiction: &str,
        query: Query,
    ) -> Result<Vec<(String, AttachmentRow)>, StoreError> {
        let rows = query.fetch_all(self.read()).await.op(OP)?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let read = |ring: &Ring| rows.iter().map(|row| attachment(jurisdiction, ring, row)).collect();
        self.opening(OP, jurisdiction, read).await
    }

    /// The files of a ticket, in their order.
    pub async fn attachments(&self, jurisdiction: &str, ticket: &str) -> Result<Vec<AttachmentRow>, StoreError> {
        let sql = format!("{SELECT} WHERE jurisdiction = $1 AND ticket = $2 ORDER BY file");
        let query = query(sql).bind(jurisdiction).bind(ticket);
        Ok(self.attachments_of(jurisdiction, query).await?.into_iter().map(|(_, file)| file).collect())
    }

    /// The file that holds a content, with its ticket.
    pub async fn attachment_by_content(
        &self,
        jurisdiction: &str,
        content: &str,
    ) -> Result<Option<(String, AttachmentRow)>, StoreError> {
        let sql = format!("{SELECT} WHERE jurisdiction = $1 AND content = $2");
        let query = query(sql).bind(jurisdiction).bind(content);
        Ok(self.attachments_of(jurisdiction, query).await?.into_iter().next())
    }

    /// Files in a state with their tickets, oldest first, after one of them: those that wait for the virus scan.
    pub async fn attachments_in(
        &self,
        jurisdiction: &str,
        state: &str,
        after: Option<&(String, AttachmentRow)>,
        limit: u32,
    ) -> Result<Vec<(String, AttachmentRow)>, StoreError> {
        let sql = format!(
            "{SELECT} WHERE jurisdiction = $1 AND state = $2 AND (at, ticket, file) > ($3, $4, $5) \
             ORDER BY at, ticket, file LIMIT $6"
        );
        let (at, ticket, file) =
            after.map_or((i64::MIN, "", 0), |(ticket, row)| (us(row.at), ticket.as_str(), row.file));
        let query = query(sql).bind(jurisdiction).bind(state).bind(at).bind(ticket).bind(file).bind(i64::from(limit));
        self.attachments_of(jurisdiction, query).await
    }

    /// Every file with its ticket, page by page.
    pub async fn attachments_stream(
        &self,
        jurisdiction: &str,
        after: Option<&(String, AttachmentRow)>,
        limit: u32,
    ) -> Result<Vec<(String, AttachmentRow)>, StoreError> {
        let sql =
            format!("{SELECT} WHERE jurisdiction = $1 AND (ticket, file) > ($2, $3) ORDER BY ticket, file LIMIT $4");
        let (ticket, file) = after.map_or(("", 0), |(ticket, row)| (ticket.as_str(), row.file));
        let query = query(sql).bind(jurisdiction).bind(ticket).bind(file).bind(i64::from(limit));
        self.attachments_of(jurisdiction, query).await
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
