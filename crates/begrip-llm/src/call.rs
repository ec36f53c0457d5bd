//! One call: one HTTP request and its reply.

use std::time::Duration;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, Response, Url};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::answer::{FinishReason, Usage};
use crate::client::{scrubbed, transport_error};
use crate::endpoint::Endpoint;
use crate::error::{BadReply, LlmError, Wait};
use crate::key::Key;
use crate::observe::{CallReport, Ticket};
use crate::refusal;
use crate::reply::ReplyReader;
use crate::request::Request;

/// The header by which one question is followed from here to the model.
pub(crate) const REQUEST_ID: &str = "x-request-id";

/// By which a server says that it is of no use to ask again, as clients of the OpenAI protocol know it: our own gateway
/// does so where it has tried again itself, so that those before it do not do the same once more. It goes before a
/// `Retry-After` beside it, which says when another question is worth asking.
pub const SHOULD_RETRY: &str = "x-should-retry";

/// One call, and what is known of it so far: also when it fails or is cancelled half-way.
pub(crate) struct Call<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) client: &'a Client,
    pub(crate) request_id: &'a str,
    pub(crate) cancel: &'a CancellationToken,
    /// The model that is asked.
    pub(crate) model: &'a str,
    /// When the whole question has to be answered.
    pub(crate) deadline: Instant,
    /// How long is waited for the first byte.
    pub(crate) first_byte: Duration,
    pub(crate) began: Instant,
    pub(crate) reader: ReplyReader,
    pub(crate) status: Option<u16>,
    pub(crate) server_request_id: Option<String>,
    pub(crate) first_piece: Option<Duration>,
    pub(crate) retry_after: Option<Duration>,
    /// The server says that asking again is of no use.
    pub(crate) is_final: bool,
    /// What a 400 or 422 says, for [`crate::adapt`].
    pub(crate) complaint: Option<String>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(
        endpoint: &'a Endpoint,
        client: &'a Client,
        request: &'a Request,
        request_id: &'a str,
        cancel: &'a CancellationToken,
        deadline: Instant,
    ) -> Self {
        Self {
            endpoint,
            client,
            request_id,
            cancel,
            model: &request.model,
            deadline,
            // Who set a time for the whole means that one: a longer one too.
            first_byte: request.timeout.unwrap_or(endpoint.timeouts.first_byte),
            began: Instant::now(),
            reader: ReplyReader::new(endpoint.limits),
            status: None,
            server_request_id: None,
            first_piece: None,
            retry_after: None,
            is_final: false,
            complaint: None,
        }
    }

    /// Sends `body` and reads the reply; each piece of text goes to `piece` as it arrives.
    pub(crate) async fn run(
        &mut self,
        headers: &HeaderMap,
        body: Vec<u8>,
        now: jiff::Timestamp,
        piece: &mut (dyn FnMut(&str) + Send),
    ) -> Result<FinishReason, LlmError> {
        let url = self.endpoint.chat_url_for(self.model)?;
        let mut response = self.send(url, headers, body, now).await?;
        let (began, first) = (self.began, &mut None);
        let mut noted = |text: &str| {
            first.get_or_insert_with(|| began.elapsed());
            piece(text);
        };
        let mut wait = (self.first_byte, Wait::FirstByte);
        loop {
            let next = self.within(wait.0, wait.1, response.chunk()).await;
            let read = match next {
                Err(error) => Err(error),
                Ok(Err(error)) => self.broke_off(transport_error(error, self.endpoint)),
                Ok(Ok(None)) => Ok(true),
                Ok(Ok(Some(bytes))) => {
                    wait = (self.endpoint.timeouts.idle, Wait::Idle);
                    self.reader
                        .feed(&bytes, &mut noted)
                        .map(|()| self.reader.is_done())
                }
            };
            let ended = match read {
                Ok(ended) => ended,
                Err(error) => {
                    self.first_piece = *first;
                    return Err(self.scrub(error));
                }
            };
            if ended {
                break;
            }
        }
        let result = self.reader.finish(&mut noted);
        self.first_piece = *first;
        drain(response);
        result.map_err(|error| self.scrub(error))
    }

    /// Sends `body` and reads the whole reply, within the endpoint's limit.
    pub(crate) async fn fetch(
        &mut self,
        url: Url,
        headers: &HeaderMap,
        body: Vec<u8>,
        now: jiff::Timestamp,
    ) -> Result<Vec<u8>, LlmError> {
        let mut response = self.send(url, headers, body, now).await?;
        let limit = self.endpoint.limits.wire_bytes;
        let mut bytes = Vec::new();
        loop {
            let next = self.within(self.endpoint.timeouts.idle, Wait::Idle, response.chunk());
            match next.await? {
                Ok(Some(more)) => bytes.extend_from_slice(&more),
                Ok(None) => return Ok(bytes),
                Err(error) => return Err(self.scrub(transport_error(error, self.endpoint))),
            }
            if bytes.len() > limit {
                return Err(LlmError::TooLarge { limit });
            }
        }
    }

    /// The one place where text leaves: posts `body`, and waits for a reply that is no refusal.
    async fn send(
        &mut self,
        url: Url,
        headers: &HeaderMap,
        body: Vec<u8>,
        now: jiff::Timestamp,
    ) -> Result<Response, LlmError> {
        let request = self
            .client
            .post(url)
            .headers(headers.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "text/event-stream, application/json")
            // Nothing here undoes a compression.
            .header(ACCEPT_ENCODING, "identity")
            .header(REQUEST_ID, self.request_id)
            .body(body);
        let sending = async { request.send().await };
        let response = self
            .within(self.first_byte, Wait::FirstByte, sending)
            .await?
            .map_err(|error| transport_error(error, self.endpoint))?;
        let status = response.status();
        self.status = Some(status.as_u16());
        self.server_request_id = header(&response, REQUEST_ID);
        if !status.is_success() {
            return Err(self.refused(response, now).await);
        }
        if header(&response, CONTENT_TYPE.as_str()).is_some_and(|kind| kind.contains("text/html")) {
            return Err(LlmError::BadReply(BadReply::Html));
        }
        Ok(response)
    }

    /// What is told of this call, now that it has ended.
    pub(crate) fn report(
        &mut self,
        request: &Request,
        (ticket, started_at, attempt): (Ticket, jiff::Timestamp, u32),
        outcome: &'static str,
        usage: Usage,
        key: Key,
    ) -> CallReport {
        CallReport {
            ticket,
            started_at,
            attempt,
            task: request.task,
            latency: self.began.elapsed(),
            first_piece: self.first_piece,
            outcome,
            status: self.status,
            usage,
            model_asked: request.model.clone(),
            model_answered: self.reader.said().model.clone(),
            request_id: self.request_id.to_owned(),
            server_request_id: self.server_request_id.take(),
            address: self.endpoint.display_url(),
            scope: request.scope.clone(),
            key,
        }
    }

    /// A connection that breaks after the reply said why it stops has lost nothing.
    fn broke_off(&self, error: LlmError) -> Result<bool, LlmError> {
        if self.reader.said().has_finished() {
            Ok(true)
        } else {
            Err(error)
        }
    }

    /// Waits for `work`, but not longer than `limit`, the deadline, or until cancelled.
    async fn within<T>(
        &self,
        limit: Duration,
        which: Wait,
        work: impl Future<Output = T>,
    ) -> Result<T, LlmError> {
        let limit = Instant::now() + limit;
        let (end, which) = if self.deadline < limit {
            (self.deadline, Wait::Total)
        } else {
            (limit, which)
        };
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(LlmError::Cancelled),
            done = tokio::time::timeout_at(end, work) => done.map_err(|_| LlmError::Timeout(which)),
        }
    }

    async fn refused(&mut self, mut response: Response, now: jiff::Timestamp) -> LlmError {
        const ENOUGH: usize = 64 * 1024;
        let status = response.status().as_u16();
        let retry_after = header(&response, RETRY_AFTER.as_str());
        self.retry_after = retry_after.and_then(|value| refusal::retry_after(&value, now));
        self.is_final = header(&response, SHOULD_RETRY).as_deref() == Some("false");
        let mut body = Vec::new();
        while body.len() < ENOUGH {
            match self
                .within(Duration::from_secs(5), Wait::Idle, response.chunk())
                .await
            {
                Ok(Ok(Some(bytes))) => body.extend_from_slice(&bytes),
                Err(LlmError::Cancelled) => return LlmError::Cancelled,
                _ => break,
            }
        }
        body.truncate(ENOUGH);
        let body = String::from_utf8_lossy(&body);
        if [400, 422].contains(&status) {
            self.complaint = Some(body.to_lowercase());
        }
        if (300..400).contains(&status) {
            let to = header(&response, "location").unwrap_or_default();
            let to = reqwest::Url::parse(&to).map(|url| crate::endpoint::display(&url));
            return LlmError::Redirected(to.unwrap_or_default());
        }
        self.scrub(refusal::from_status(status, &body, self.retry_after))
    }

    fn scrub(&self, error: LlmError) -> LlmError {
        let clean = |text: String| scrubbed(&text, self.endpoint);
        match error {
            LlmError::Forbidden(text) => LlmError::Forbidden(clean(text)),
            LlmError::ModelNotFound(text) => LlmError::ModelNotFound(clean(text)),
            LlmError::QuotaExhausted(text) => LlmError::QuotaExhausted(clean(text)),
            LlmError::PromptTooLong(text) => LlmError::PromptTooLong(clean(text)),
            LlmError::Refused { status, detail } => LlmError::Refused {
                status,
                detail: clean(detail),
            },
            LlmError::Server { status, detail } => LlmError::Server {
                status,
                detail: clean(detail),
            },
            other => other,
        }
    }
}

fn header(response: &Response, name: &str) -> Option<String> {
    let value = response.headers().get(name)?.to_str().ok()?;
    // What a server calls itself is kept in logs: it may not fill them.
    Some(value.chars().take(2_000).collect())
}

/// Reads what is left of a complete reply, so that the connection can serve the next question.
fn drain(mut response: Response) {
    tokio::spawn(async move {
        let rest = async { while let Ok(Some(_)) = response.chunk().await {} };
        // Whoever keeps sending after the end loses the connection.
        let _ = tokio::time::timeout(Duration::from_millis(200), rest).await;
    });
}
