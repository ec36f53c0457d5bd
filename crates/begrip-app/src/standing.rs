//! How sharing stands, as the window asks it each second.

use begrip_store::SyncFigures;

use crate::open::{Core, lock};
use crate::schema::{ReviewNews, SyncStatus};
use crate::{ErrorCode, UserError};

/// What the store says of sharing.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    figures: SyncFigures,
    signed_in: bool,
    administers: bool,
    to_review: u32,
    news: Vec<ReviewNews>,
}

impl Core {
    /// How sharing stands. It is asked each second, and counts rows only after somebody changed the
    /// store, this program or another.
    pub fn sync_status(&self) -> Result<SyncStatus, UserError> {
        let standing = self.standing()?;
        let address = match standing.signed_in {
            true => begrip_link::shown_address(&self.server_url()).map_err(UserError::from),
            false => match self.server() {
                Ok(server) => Ok(server.address()),
                Err(none) if none.is(ErrorCode::ServerNotConfigured) => Err(none),
                // Set up all the same, with certificates that cannot be read, say: what is shared waits, and a sync
                // tells why.
                Err(_) => begrip_link::shown_address(&self.server_url()).map_err(UserError::from),
            },
        };
        let figures = standing.figures;
        Ok(SyncStatus {
            configured: address.is_ok(),
            administers: address.is_ok() && standing.administers,
            address: address.unwrap_or_default(),
            organisation: figures.organisation,
            shared: figures.shared,
            waiting: figures.waiting,
            conflicts: figures.conflicts,
            to_review: standing.to_review,
            synced_at: figures.synced_at,
            equal_at: figures.equal_at,
            error: lock(&self.sync_error).clone(),
            published_error: lock(&self.published_error).clone(),
            news: standing.news,
        })
    }

    fn standing(&self) -> Result<Standing, UserError> {
        // Asked first: what changes while the rest is read is read anew the next time.
        let (changes, url) = (self.store.changes()?, self.server_url());
        if let Some((of, at, kept)) = &*lock(&self.standing)
            && (*of, at) == (changes, &url)
        {
            return Ok(kept.clone());
        }
        let standing = Standing {
            figures: self.store.sync_figures()?,
            signed_in: self.is_signed_in(),
            administers: self.administers()?,
            to_review: self.to_review()?,
            news: self.review_news()?,
        };
        *lock(&self.standing) = Some((changes, url, standing.clone()));
        Ok(standing)
    }
}

#[cfg(test)]
mod tests {
    use begrip_domain::Label;

    use super::*;
    use crate::schema::{SaveConcept, SaveOutcome, ShareConcept, ShareWith};
    use crate::{App, OpenOptions};

    async fn open(home: &std::path::Path) -> App {
        let mut options = OpenOptions::at(home);
        options.server.url = Some("http://127.0.0.1:9".to_owned());
        let secret = format!("begrip_{}_{}", "a".repeat(16), "b".repeat(43));
        options.server.token = Some(secret);
        tokio::task::spawn_blocking(move || App::open(options))
            .await
            .unwrap()
            .unwrap()
    }

    async fn shared(app: &App, term: &str) {
        let mut fields = begrip_domain::ConceptFields::of_term(Label::new(term).unwrap());
        fields.definition = "gebied waar iemand moet blijven".to_owned();
        let request = serde_json::json!({ "fields": fields, "accept_duplicate": true });
        let request: SaveConcept = serde_json::from_value(request).unwrap();
        let SaveOutcome::Kept { view } = app.concept_save(request).await.unwrap() else {
            panic!("it is kept");
        };
        let id = view.concept.id;
        let with = ShareWith::Chain;
        app.concept_share(ShareConcept { id, with }).await.unwrap();
    }

    /// How it stands, and how many statements that took.
    async fn asked(app: &App) -> (SyncStatus, u32) {
        let before = app.core.store.statements();
        let status = app.sync_status(()).await.unwrap();
        (status, app.core.store.statements() - before)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn rows_are_counted_anew_only_after_somebody_changed_the_store() {
        let home = tempfile::tempdir().unwrap();
        let window = open(home.path()).await;
        let (first, counted) = asked(&window).await;
        assert!(first.configured && counted > 1, "{counted}");
        for _ in 0..3 {
            let (same, looked) = asked(&window).await;
            assert_eq!((same, looked), (first.clone(), 1));
        }
        // A change here, and one of another program on this home.
        shared(&window, "gebiedsgebod").await;
        assert_eq!(asked(&window).await.0.waiting, 1);
        let terminal = open(home.path()).await;
        shared(&terminal, "contactgebod").await;
        let (status, counted) = asked(&window).await;
        assert_eq!(status.waiting, 2);
        assert!(counted > 1, "{counted}");
        assert_eq!(asked(&window).await, (status, 1));
    }
}
