//! `begrip admin`: users, access tokens and limits of the own organisation, by the administrator's own sign-in.

use std::io::{self, Write};

use begrip_app::schema::admin::{
    Bounds, BoundsChange, Log, NewToken, NewUser, Quota, Spent, Token, User, UserChange,
};
use begrip_app::schema::{AdminChange, AdminLogAsk, AdminRef};
use begrip_app::{App, ErrorCode, UserError, role_name};

use crate::args_admin::{Admin, Bound};
use crate::exit::{Exit, Failure};
use crate::print::{moment, visible};
use crate::sync::told;

/// `begrip admin`.
pub async fn run(app: &App, command: Admin, json: bool) -> Result<Exit, Failure> {
    match command {
        Admin::Users => told(&app.admin_users(()).await?, json, |out, all| {
            all.iter().try_for_each(|one| user(out, one))
        }),
        Admin::AddUser { name, role, email } => {
            let new = NewUser { name, role, email };
            told(&app.admin_user_add(new).await?, json, user)
        }
        Admin::ChangeUser {
            name,
            role,
            email,
            close,
            open,
        } => {
            let closed = match (close, open) {
                (false, false) => None,
                (close, _) => Some(close),
            };
            let change = AdminChange {
                id: the_user(app, &name).await?.id,
                change: UserChange {
                    role,
                    closed,
                    email,
                },
            };
            told(&app.admin_user_change(change).await?, json, user)
        }
        Admin::UnlinkUser { name } => {
            let id = the_user(app, &name).await?.id;
            told(&app.admin_user_unlink(AdminRef { id }).await?, json, user)
        }
        Admin::Tokens => told(&app.admin_tokens(()).await?, json, |out, all| {
            all.iter().try_for_each(|one| token(out, one))
        }),
        Admin::MakeToken { user, days } => {
            let user = the_user(app, &user).await?.id;
            let made = app.admin_token_make(NewToken { user, days }).await?;
            // Alone on its line: a script takes it as it is.
            told(&made, json, |out, made| writeln!(out, "{}", made.secret))
        }
        Admin::RevokeToken { token: number } => {
            let all = app.admin_tokens(()).await?;
            let known = all.iter().find(|one| one.id.to_string() == number);
            let id = known.ok_or_else(|| gone(&number))?.id;
            told(&app.admin_token_revoke(AdminRef { id }).await?, json, token)
        }
        Admin::Quota {
            day_tokens,
            month_tokens,
            day_euro,
            month_euro,
        } => {
            let named = BoundsChange {
                day_tokens: day_tokens.map(|Bound(bound)| bound),
                month_tokens: month_tokens.map(|Bound(bound)| bound),
                day_euro: day_euro.map(|Bound(bound)| bound),
                month_euro: month_euro.map(|Bound(bound)| bound),
            };
            let now = match named == BoundsChange::default() {
                true => app.admin_quota(()).await?,
                false => app.admin_quota_set(named).await?,
            };
            told(&now, json, quota)
        }
        Admin::Log { before } => told(&app.admin_log(AdminLogAsk { before }).await?, json, log),
    }
}

/// The user of this name. Error: there is none.
async fn the_user(app: &App, name: &str) -> Result<User, UserError> {
    let mut all = app.admin_users(()).await?.into_iter();
    all.find(|user| user.name == name).ok_or_else(|| gone(name))
}

fn gone(what: &str) -> UserError {
    UserError::new(ErrorCode::AdminGone, what)
}

fn user(out: &mut dyn Write, user: &User) -> io::Result<()> {
    let known = match (&user.email, user.signs_in) {
        (_, true) => ", meldt zich aan".to_owned(),
        (Some(email), false) => format!(", uitgenodigd: {}", visible(email)),
        (None, false) => String::new(),
    };
    let tokens = match user.tokens {
        0 => String::new(),
        1 => ", 1 toegangssleutel".to_owned(),
        many => format!(", {many} toegangssleutels"),
    };
    let closed = if user.closed { ", afgesloten" } else { "" };
    let role = role_name(user.role.as_str());
    writeln!(
        out,
        "{} ({role}{known}{tokens}{closed})",
        visible(&user.name)
    )
}

fn token(out: &mut dyn Write, token: &Token) -> io::Result<()> {
    let state = match (token.holds, token.revoked, token.until) {
        (_, true, _) => "ingetrokken".to_owned(),
        (true, _, Some(until)) => format!("geldt tot {}", moment(until)),
        (true, _, None) => "geldt".to_owned(),
        (false, _, _) => "geldt niet meer".to_owned(),
    };
    let since = moment(token.since);
    writeln!(
        out,
        "{} {} ({state}, van {since})",
        token.id,
        visible(&token.user)
    )
}

fn quota(out: &mut dyn Write, quota: &Quota) -> io::Result<()> {
    let spent = |spent: &Spent| {
        format!(
            "{} tokens, {:.2} euro, {} vragen",
            spent.tokens, spent.euro, spent.calls
        )
    };
    writeln!(out, "Vandaag: {}", spent(&quota.day))?;
    writeln!(out, "Deze maand: {}", spent(&quota.month))?;
    let bounds = |bounds: &Bounds| {
        let tokens =
            |bound: Option<u64>| bound.map_or("geen".to_owned(), |bound| bound.to_string());
        let euro =
            |bound: Option<f64>| bound.map_or("geen".to_owned(), |bound| format!("{bound:.2}"));
        format!(
            "tokens op een dag {}, in een maand {}; euro op een dag {}, in een maand {}",
            tokens(bounds.day_tokens),
            tokens(bounds.month_tokens),
            euro(bounds.day_euro),
            euro(bounds.month_euro)
        )
    };
    writeln!(out, "Grens van uw organisatie: {}", bounds(&quota.own))?;
    writeln!(out, "Grens van de exploitant: {}", bounds(&quota.budget))?;
    for one in &quota.users {
        writeln!(
            out,
            "  {}: deze maand {}",
            visible(&one.name),
            spent(&one.month)
        )?;
    }
    Ok(())
}

fn log(out: &mut dyn Write, log: &Log) -> io::Result<()> {
    for record in &log.records {
        let by = match record.by.as_str() {
            "" => "de exploitant",
            by => by,
        };
        let from = |text: &Option<String>| text.as_deref().map_or("-".to_owned(), visible);
        writeln!(
            out,
            "{} {} {}: {} {} ({} → {})",
            record.id,
            moment(record.at),
            visible(by),
            record.act,
            visible(&record.about),
            from(&record.was),
            from(&record.became)
        )?;
    }
    match (log.more, log.records.last()) {
        (true, Some(last)) => writeln!(out, "Meer: begrip admin log --before {}", last.id),
        _ => Ok(()),
    }
}
