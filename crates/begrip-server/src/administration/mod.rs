//! Who belongs to an organisation, and by what they are known.
//!
//! An administrator works here by address, the operator on the command line; both through the same
//! functions of the database, which look for themselves who acts, refuse, and write every act down. The
//! role that serves can do nothing of this beside them.

mod address;
pub mod addresses;
pub mod operator;

pub use address::email;
use begrip_sync::administration::{NewUser, UserChange};
use tokio_postgres::{Client, Error, Transaction};
use uuid::Uuid;

/// A transaction that administers an organisation: as the account of one of its administrators, or, with
/// the owner's connection, as the operator.
pub async fn begin<'a>(
    client: &'a mut Client,
    organisation: &str,
    account: Option<Uuid>,
) -> Result<Transaction<'a>, Error> {
    let transaction = client.transaction().await?;
    let account = account.map(|account| account.to_string());
    let sql = "SELECT set_config('begrip.organisation', $1, true), \
                 set_config('begrip.account', coalesce($2, ''), true)";
    transaction.execute(sql, &[&organisation, &account]).await?;
    Ok(transaction)
}

/// Adds a user; their number.
async fn add_user(transaction: &Transaction<'_>, user: &NewUser) -> Result<Uuid, Error> {
    let sql = "SELECT add_user($1, $2, $3)";
    let role = user.role.as_str();
    let row = transaction
        .query_one(sql, &[&user.name, &role, &user.email])
        .await?;
    Ok(row.get(0))
}

async fn change_user(
    transaction: &Transaction<'_>,
    user: Uuid,
    change: &UserChange,
) -> Result<(), Error> {
    let sql = "SELECT change_user($1, $2, $3, $4)";
    let role = change.role.map(|role| role.as_str());
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
        [&user, &role, &change.closed, &change.email];
    transaction.execute(sql, &values).await.map(drop)
}

async fn unlink_user(transaction: &Transaction<'_>, user: Uuid) -> Result<(), Error> {
    let sql = "SELECT unlink_user($1)";
    transaction.execute(sql, &[&user]).await.map(drop)
}

/// Keeps the hash of a token; without days it holds until it is revoked.
async fn add_token(
    transaction: &Transaction<'_>,
    id: Uuid,
    user: Uuid,
    hash: &str,
    days: Option<i32>,
) -> Result<(), Error> {
    let sql = "SELECT add_token($1, $2, $3, $4)";
    transaction
        .execute(sql, &[&id, &user, &hash, &days])
        .await
        .map(drop)
}

async fn revoke_token(transaction: &Transaction<'_>, token: Uuid) -> Result<(), Error> {
    let sql = "SELECT revoke_token($1)";
    transaction.execute(sql, &[&token]).await.map(drop)
}
