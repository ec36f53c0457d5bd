//! Pages and sums in PostgreSQL.
//!
//! **Why no reader misses a change.** Whoever changes concepts first locks the row of `server`, and
//! holds it until the commit. Numbers of sequence are given under that lock, so the change with number
//! n has been committed, and is visible, before n + 1 is given. A reader takes the number and the rows
//! in one snapshot: everything up to that number is in it, and no transaction that is still under way
//! can come in below. The price is that changes are made one push after the other, on any number of
//! nodes; reading waits for nothing.

use begrip_sync::{CAPABILITIES, Hello, PROTOCOL, RANGES, Sum, Sums, limits};
use deadpool_postgres::Transaction;
use tokio_postgres::{IsolationLevel, Row};

use crate::refusal::Refusal;
use crate::token::Holder;

type Client = deadpool_postgres::Object;

/// Concepts that are read at one time for a page.
const AT_ONCE: i32 = 100;

/// What the server says of itself and of the caller.
pub async fn hello(client: &Client, holder: &Holder) -> Result<Hello, Refusal> {
    let sql = "SELECT epoch, sequence, published FROM server";
    let row = client
        .query_one(&client.prepare_cached(sql).await?, &[])
        .await?;
    Ok(Hello {
        protocol: PROTOCOL,
        capabilities: CAPABILITIES.map(str::to_owned).to_vec(),
        epoch: row.get(0),
        sequence: whole(row.get(1)),
        organisation: holder.organisation.clone(),
        account: holder.name.clone(),
        role: holder.role.as_str().to_owned(),
        published: whole(row.get(2)),
    })
}

/// The sequence of the latest change.
pub async fn sequence(client: &tokio_postgres::Client) -> Result<u64, tokio_postgres::Error> {
    let row = client.query_one("SELECT sequence FROM server", &[]).await?;
    Ok(whole(row.get(0)))
}

/// Makes this transaction see what the organisation may see, and nothing else.
pub async fn as_organisation(
    transaction: &Transaction<'_>,
    holder: &Holder,
) -> Result<(), tokio_postgres::Error> {
    work_for(transaction, &holder.organisation).await
}

/// The same for an organisation by its name.
pub async fn work_for(
    transaction: &Transaction<'_>,
    organisation: &str,
) -> Result<(), tokio_postgres::Error> {
    let sql = "SELECT set_config('begrip.organisation', $1, true)";
    transaction
        .execute(&transaction.prepare_cached(sql).await?, &[&organisation])
        .await
        .map(drop)
}

/// A page of changes after a sequence, as the JSON of a [`begrip_sync::Page`].
pub async fn changes(
    client: &mut Client,
    holder: &Holder,
    after: u64,
    closing: bool,
) -> Result<String, Refusal> {
    let transaction = snapshot(client, holder).await?;
    let horizon = horizon(&transaction).await?;
    let after = signed(after);
    let sql = format!(
        "SELECT item, sequence FROM concept WHERE sequence > $1 ORDER BY sequence LIMIT {}",
        limits::PAGE + 1
    );
    let statement = transaction.prepare_cached(&sql).await?;
    // In pieces: what is too much for a page is not read.
    let portal = transaction.bind(&statement, &[&after]).await?;
    let (mut page, mut many) = (r#"{"items":["#.to_owned(), 0);
    let (mut next, mut more) = (horizon, false);
    'page: loop {
        let rows = transaction.query_portal(&portal, AT_ONCE).await?;
        for row in &rows {
            if many == limits::PAGE || page.len() >= limits::PAGE_BYTES {
                more = true;
                break 'page;
            }
            if many > 0 {
                page.push(',');
            }
            page.push_str(row.get(0));
            next = whole(row.get(1));
            many += 1;
        }
        if rows.len() < AT_ONCE as usize {
            break;
        }
    }
    if !more {
        next = horizon;
    }
    page.push_str(&format!(r#"],"next":{next},"more":{more}"#));
    if closing && !more {
        let ranges = serde_json::to_string(sums(&transaction).await?.as_slice())?;
        page.push_str(&format!(
            r#","closing":{{"sequence":{horizon},"ranges":{ranges}}}"#
        ));
    }
    page.push('}');
    Ok(page)
}

/// Everything of a range, as the JSON of a [`begrip_sync::RangeRows`].
pub async fn range(client: &mut Client, holder: &Holder, range: u8) -> Result<String, Refusal> {
    if range >= RANGES {
        return Err(Refusal::Form("er is geen reeks met dit nummer"));
    }
    let transaction = snapshot(client, holder).await?;
    let horizon = horizon(&transaction).await?;
    let rows = transaction
        .query(
            "SELECT item FROM concept WHERE range = $1",
            &[&i16::from(range)],
        )
        .await?;
    let items = joined(&rows);
    Ok(format!(
        r#"{{"range":{range},"sequence":{horizon},"items":[{items}]}}"#
    ))
}

/// The stored items as they stand, with commas between.
fn joined(rows: &[Row]) -> String {
    rows.iter()
        .map(|row| row.get::<_, &str>(0))
        .collect::<Vec<_>>()
        .join(",")
}

/// A transaction in which everything is of one moment.
pub async fn snapshot<'a>(
    client: &'a mut Client,
    holder: &Holder,
) -> Result<Transaction<'a>, Refusal> {
    let transaction = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    as_organisation(&transaction, holder).await?;
    Ok(transaction)
}

async fn horizon(transaction: &Transaction<'_>) -> Result<u64, Refusal> {
    let sql = "SELECT sequence FROM server";
    let row = transaction
        .query_one(&transaction.prepare_cached(sql).await?, &[])
        .await?;
    Ok(whole(row.get(0)))
}

async fn sums(transaction: &Transaction<'_>) -> Result<Sums, Refusal> {
    let rows = transaction
        .query(
            "SELECT range, count(*), sum(mark)::text FROM concept GROUP BY range",
            &[],
        )
        .await?;
    let mut sums = Sums::default();
    for row in rows {
        let sum: i128 = row.get::<_, &str>(2).parse().map_err(|_| Refusal::Fault)?;
        let bytes = sum.to_le_bytes();
        // Modulo 2^64: the lower half, whatever the sign.
        let low = bytes
            .iter()
            .take(8)
            .rev()
            .fold(0, |low, byte| low << 8 | u64::from(*byte));
        let sum = Sum {
            count: u32::try_from(row.get::<_, i64>(1)).unwrap_or(u32::MAX),
            sum: low,
        };
        sums.set(u8::try_from(row.get::<_, i16>(0)).unwrap_or(RANGES), sum);
    }
    Ok(sums)
}

/// A number that is never below zero.
pub fn whole(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
