//! What a caller is told when something is not done. Never the inside of an error. What an operator is told of a chore
//! stands in `chore`.

mod chore;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use begrip_sync::administration::Why;
use begrip_sync::{Mismatch, Role};
use serde_json::{Value, json};

pub use chore::{ChoreError, ChoreFault, told};

/// Why a request is not done.
#[derive(Debug)]
pub enum Refusal {
    /// No token, or one that nobody holds.
    SignIn,
    /// Signed in at the issuer, and nobody here.
    NoAccount,
    /// The account is closed.
    AccountClosed,
    /// The issuer's keys cannot be had.
    Issuer,
    /// The role is too small.
    Role(Role),
    /// No version of the protocol in common, or none named.
    Protocol(Option<Mismatch>),
    /// The request has another form; what about it.
    Form(&'static str),
    /// The request is too large.
    TooLarge,
    /// The request came compressed.
    Compressed,
    /// The user or the organisation asks too often; after how many seconds once more.
    TooOften(u32),
    /// The user or the organisation has as many lines of events as they may; after how many seconds one more.
    TooManyLines(u32),
    /// There is no such address.
    NoAddress,
    /// There is no such concept, or none that the caller may see.
    NoConcept,
    /// Nothing was published with this number, or not for the caller's organisation.
    NoPublished,
    /// There is no such job, or it is another organisation's.
    NoJob,
    /// A file of terms that cannot be read; why, in Dutch.
    Table(String),
    /// A file of terms with columns for which there is no place.
    Columns(Vec<String>),
    /// A body of a type that is none of those that can be read.
    ContentType,
    /// The name of an earlier request, for something else.
    KeyReused,
    /// There is no such model.
    NoModel,
    /// No model is set up.
    NoGateway,
    /// An act of administration is not done.
    Administration(Why),
    /// There is such an address, for another method.
    Method,
    /// It took too long.
    TooLong,
    /// Every connection with the database is in use.
    Busy,
    /// The database does not answer.
    Database,
    /// As many are connected as may be.
    Full,
    /// The server is about to stop.
    Stopping,
    /// A fault of this program.
    Fault,
}

impl Refusal {
    /// Status, stable name, sentence, and after how many seconds it is worth asking again.
    pub fn told(&self) -> (StatusCode, &'static str, String, Option<u32>) {
        let plain = |status, name, sentence: &str| (status, name, sentence.to_owned(), None);
        let later = |name, sentence: &str, seconds| {
            (
                StatusCode::SERVICE_UNAVAILABLE,
                name,
                sentence.to_owned(),
                Some(seconds),
            )
        };
        match self {
            Self::SignIn => plain(
                StatusCode::UNAUTHORIZED,
                "sign_in",
                "De toegangssleutel ontbreekt of geldt niet (meer). Meld u opnieuw aan, of vraag uw beheerder om een nieuwe.",
            ),
            Self::NoAccount => plain(
                StatusCode::FORBIDDEN,
                "no_account",
                "U bent aangemeld, maar u hebt hier nog geen account. Vraag uw beheerder om u toe te voegen.",
            ),
            Self::AccountClosed => plain(
                StatusCode::FORBIDDEN,
                "account_closed",
                "Uw account is afgesloten. Vraag uw beheerder of dat klopt.",
            ),
            Self::Issuer => later(
                "issuer",
                "De dienst waar u zich aanmeldt, antwoordt niet. Probeer het straks opnieuw.",
                5,
            ),
            Self::Role(role) => (
                StatusCode::FORBIDDEN,
                "role",
                format!("Uw rol ({}) is hiervoor te klein.", role.as_str()),
                None,
            ),
            Self::Protocol(mismatch) => (
                StatusCode::PRECONDITION_FAILED,
                "protocol",
                mismatch.map_or_else(
                    || "De vraag noemt geen versie van de afspraken over delen.".to_owned(),
                    |mismatch| mismatch.sentence(),
                ),
                None,
            ),
            Self::Form(what) => (
                StatusCode::BAD_REQUEST,
                "form",
                format!("De vraag heeft een andere vorm dan de server kent: {what}."),
                None,
            ),
            Self::TooLarge => plain(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "De vraag is te groot.",
            ),
            Self::Compressed => plain(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "compressed",
                "De server neemt geen samengeperste vraag aan.",
            ),
            Self::TooOften(seconds) => (
                StatusCode::TOO_MANY_REQUESTS,
                "too_often",
                "U of uw organisatie vraagt te vaak. Probeer het straks opnieuw.".to_owned(),
                Some(*seconds),
            ),
            Self::TooManyLines(seconds) => (
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_lines",
                "U of uw organisatie houdt te veel lijnen tegelijk open. Sluit een ander programma of stop met volgen van een andere reeks, of vraag de stand zonder te volgen."
                    .to_owned(),
                Some(*seconds),
            ),
            Self::NoAddress => plain(
                StatusCode::NOT_FOUND,
                "no_address",
                "Dit adres bestaat niet.",
            ),
            Self::NoConcept => plain(
                StatusCode::NOT_FOUND,
                "no_concept",
                "Dit begrip is er niet, of het is niet met uw organisatie gedeeld.",
            ),
            Self::NoPublished => plain(
                StatusCode::NOT_FOUND,
                "no_published",
                "Dit is niet uitgegeven, of niet voor uw organisatie.",
            ),
            Self::NoJob => plain(
                StatusCode::NOT_FOUND,
                "no_job",
                "Deze reeks is er niet (meer), of zij is van een andere organisatie.",
            ),
            Self::Table(why) => (
                StatusCode::BAD_REQUEST,
                "table",
                format!("Dit bestand kan niet worden gelezen: {why}."),
                None,
            ),
            Self::Columns(names) => (
                StatusCode::BAD_REQUEST,
                "columns",
                format!(
                    "Een reeks op de server heeft alleen term, organisatie, rechtsgebied, wet en categorie: \
                     vrije tekst kan over een zaak gaan. Haal deze kolommen weg: {}.",
                    names.join(", ")
                ),
                None,
            ),
            Self::ContentType => plain(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "content_type",
                "Stuur de termen als text/csv, application/json of als werkmap (.xlsx), en noem dat in Content-Type.",
            ),
            Self::KeyReused => plain(
                StatusCode::CONFLICT,
                "key_reused",
                "Met deze Idempotency-Key is al iets anders gevraagd. Kies een nieuwe.",
            ),
            Self::NoModel => plain(
                StatusCode::NOT_FOUND,
                "model_not_found",
                "Dit model is er niet. Vraag /v1/models welke er zijn.",
            ),
            Self::NoGateway => (
                StatusCode::SERVICE_UNAVAILABLE,
                "no_model",
                "Op deze server is geen model ingesteld. Vraag uw beheerder.".to_owned(),
                None,
            ),
            Self::Administration(why) => {
                let (status, sentence) = administration(*why);
                plain(status, why.as_str(), sentence)
            }
            Self::Method => plain(
                StatusCode::METHOD_NOT_ALLOWED,
                "method",
                "Dit adres kent deze methode niet.",
            ),
            Self::TooLong => later(
                "too_long",
                "Het duurde te lang. Probeer het straks opnieuw.",
                5,
            ),
            Self::Busy => later(
                "busy",
                "De server is te druk. Probeer het straks opnieuw.",
                1,
            ),
            Self::Full => later(
                "full",
                "Er zijn te veel verbindingen met de server. Probeer het straks opnieuw.",
                5,
            ),
            Self::Database => later(
                "database",
                "De database antwoordt niet. Probeer het straks opnieuw.",
                2,
            ),
            Self::Stopping => later("stopping", "De server stopt. Probeer het opnieuw.", 1),
            Self::Fault => plain(
                StatusCode::INTERNAL_SERVER_ERROR,
                "fault",
                "De server maakte een fout. Geef uw beheerder het nummer van de vraag.",
            ),
        }
    }
}

/// The code by which the database says that an act of administration is not done.
const REFUSED: &str = "BG001";

fn why(error: &tokio_postgres::Error) -> Option<Why> {
    let said = error.as_db_error()?;
    (said.code().code() == REFUSED)
        .then(|| Why::parse(said.message()))
        .flatten()
}

/// The sentence for an act of administration that the database does not do; `None` for another error.
pub fn administration_refusal(error: &tokio_postgres::Error) -> Option<&'static str> {
    why(error).map(|why| administration(why).1)
}

/// Status and sentence of what is not done in administration.
fn administration(why: Why) -> (StatusCode, &'static str) {
    match why {
        Why::NotAdministrator => (
            StatusCode::FORBIDDEN,
            "U bent geen beheerder (meer) van uw organisatie.",
        ),
        Why::Oneself => (
            StatusCode::CONFLICT,
            "U kunt uzelf niet afsluiten, losmaken of een andere rol geven. Vraag een andere beheerder.",
        ),
        Why::NoUser => (
            StatusCode::NOT_FOUND,
            "Deze gebruiker is er niet in uw organisatie.",
        ),
        Why::NoToken => (
            StatusCode::NOT_FOUND,
            "Deze toegangssleutel is er niet in uw organisatie.",
        ),
        Why::NameTaken => (
            StatusCode::CONFLICT,
            "Er is al een gebruiker met deze naam. Kies een andere naam.",
        ),
        Why::EmailTaken => (
            StatusCode::CONFLICT,
            "Dit e-mailadres hoort al bij een andere gebruiker.",
        ),
        Why::OtherDomain => (
            StatusCode::CONFLICT,
            "Dit e-mailadres is niet van een e-maildomein van uw organisatie. Vraag wie de server bedient om het domein toe te voegen.",
        ),
        Why::Person => (
            StatusCode::CONFLICT,
            "Voor iemand die zich aanmeldt, maakt u geen toegangssleutel: die zou een ander in diens naam laten werken.",
        ),
        Why::Decides => (
            StatusCode::CONFLICT,
            "Een toegangssleutel is er alleen voor de rollen reader en author: met een sleutel beoordeelt of beheert niemand.",
        ),
        Why::HoldsToken => (
            StatusCode::CONFLICT,
            "Deze gebruiker heeft een toegangssleutel die een beheerder maakte. Trek die eerst in.",
        ),
        Why::Closed => (
            StatusCode::CONFLICT,
            "Deze gebruiker is afgesloten. Open het account eerst weer.",
        ),
        Why::AboveBudget => (
            StatusCode::CONFLICT,
            "De eigen grens mag niet hoger zijn dan het budget van uw organisatie.",
        ),
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, name, sentence, later) = self.told();
        let body = Json(json!({ "error": name, "message": sentence }));
        let mut response = (status, body).into_response();
        if let Some(seconds) = later {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<tokio_postgres::Error> for Refusal {
    fn from(error: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState;
        match error.code() {
            Some(&SqlState::QUERY_CANCELED) => Self::TooLong,
            Some(code) if code.code() == REFUSED => {
                why(&error).map_or(Self::Fault, Self::Administration)
            }
            Some(code) if code.code().starts_with("57") || code.code().starts_with("53") => {
                Self::Database
            }
            Some(code) => {
                tracing::error!(code = code.code(), %error, "the database refused a statement");
                Self::Fault
            }
            None => {
                tracing::warn!(%error, "the database does not answer");
                Self::Database
            }
        }
    }
}

impl From<deadpool_postgres::PoolError> for Refusal {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        use deadpool_postgres::{PoolError, TimeoutType};
        match error {
            PoolError::Timeout(TimeoutType::Wait) => Self::Busy,
            PoolError::Backend(error) => {
                tracing::warn!(%error, "no connection with the database");
                Self::Database
            }
            _ => Self::Database,
        }
    }
}

impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Self {
        tracing::error!(%error, "what the database holds cannot be read");
        Self::Fault
    }
}

/// Why a job stands still or was ended, whatever its model does.
#[derive(Debug)]
pub enum JobFault {
    /// The account of whoever asked for it is closed.
    AccountClosed,
    /// That account may only read by now.
    AccountRole,
    /// The token that asked for it was revoked.
    TokenRevoked,
    /// No row of it had its end for so many days.
    Idle(i32),
}

impl JobFault {
    /// The reason that the database names.
    pub fn barred(why: &str) -> Self {
        match why {
            "account_role" => Self::AccountRole,
            "token_revoked" => Self::TokenRevoked,
            _ => Self::AccountClosed,
        }
    }

    /// Stable name and sentence.
    pub fn told(&self) -> Value {
        let (name, sentence) = match self {
            Self::AccountClosed => (
                "account_closed",
                "Het account dat deze reeks vroeg, is afgesloten. Een collega kan de reeks overnemen door haar opnieuw te vragen."
                    .to_owned(),
            ),
            Self::AccountRole => (
                "account_role",
                "Het account dat deze reeks vroeg, mag alleen nog lezen. Een collega kan de reeks overnemen door haar opnieuw te vragen."
                    .to_owned(),
            ),
            Self::TokenRevoked => (
                "token_revoked",
                "De toegangssleutel die deze reeks vroeg, is ingetrokken. Neem de reeks over door haar opnieuw te vragen."
                    .to_owned(),
            ),
            Self::Idle(days) => (
                "idle",
                format!(
                    "De reeks is gestopt, omdat {days} dagen lang geen rij klaar kwam. Vraag haar opnieuw als de oorzaak weg is."
                ),
            ),
        };
        json!({ "error": name, "message": sentence })
    }
}

/// Why a row of a job has no definition.
#[derive(Debug)]
pub enum RowFault {
    /// The row itself cannot be asked; why, in Dutch.
    Row(String),
    /// The term or its context tells who somebody is.
    Identifies,
    /// The question does not fit what a model may be asked.
    Prompt,
    /// The model's answer holds no definition.
    BadReply,
    /// What the gateway says.
    Model(&'static str, String),
}

impl RowFault {
    /// Stable name and sentence, as they are kept with the row.
    pub fn told(self) -> String {
        let (name, sentence) = match self {
            Self::Row(why) => ("row", format!("Deze rij kan niet worden gevraagd: {why}.")),
            Self::Identifies => (
                "identifies",
                "De term of de context wijst een persoon of een zaak aan, en is daarom niet bewaard. \
                 Haal weg wat iemand aanwijst."
                    .to_owned(),
            ),
            Self::Prompt => (
                "prompt",
                "De vraag past niet in wat een model mag worden gevraagd. Maak de context korter."
                    .to_owned(),
            ),
            Self::BadReply => (
                "bad_reply",
                "In het antwoord van het model staat geen definitie. Vraag de rij opnieuw.".to_owned(),
            ),
            Self::Model(name, sentence) => (name, sentence),
        };
        json!({ "error": name, "message": sentence }).to_string()
    }
}
