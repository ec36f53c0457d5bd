//! What goes over the wire, as data: a list of waits and pieces that ends well, hangs or breaks.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::sync::{OwnedSemaphorePermit, watch};

use crate::MODEL_NAME;
use crate::behaviour::Behaviour;
use crate::chat::{Answer, Ask};
use crate::config::Latency;
use crate::log::{OpenCall, Outcome};

/// One step of an answer.
#[derive(Debug)]
pub(crate) enum Step {
    Wait(Duration),
    /// Bytes, and how many tokens of the answer they hold.
    Send(Bytes, u32),
    /// The same bytes many times.
    Flood(Bytes, u32),
    /// Nothing more until the rest is released.
    Held(watch::Receiver<u32>),
    /// Nothing more, ever.
    Hang,
    /// The connection is closed.
    Cut,
}

/// The steps of the answer to `ask`, with its identifiers.
pub(crate) struct Script<'a> {
    pub(crate) ask: &'a Ask,
    pub(crate) answer: &'a Answer,
    pub(crate) behaviour: &'a Behaviour,
    pub(crate) latency: Latency,
    /// Changes when what is held back may go.
    pub(crate) released: watch::Receiver<u32>,
    pub(crate) id: String,
    pub(crate) created: i64,
}

impl Script<'_> {
    pub(crate) fn steps(&self) -> VecDeque<Step> {
        let first = self.latency.until_first_token(self.ask.tokens_in);
        let mut steps = VecDeque::from([Step::Wait(first)]);
        match self.behaviour {
            Behaviour::Hang => steps.push_back(Step::Hang),
            Behaviour::Garbage => steps.push_back(Step::Send(garbage(), 0)),
            _ if self.ask.stream => self.streamed(&mut steps),
            _ => self.whole(&mut steps),
        }
        steps
    }

    fn streamed(&self, steps: &mut VecDeque<Step>) {
        let mut wire = Wire::new(self.behaviour, steps);
        wire.event(
            &self.chunk(json!({"role": "assistant", "content": ""}), None),
            0,
        );
        let pause = self.pause();
        let stop = match self.behaviour {
            Behaviour::HangMidStream { after }
            | Behaviour::CutStream { after }
            | Behaviour::ErrorEvent { after } => *after as usize,
            _ => usize::MAX,
        };
        for (number, (piece, tokens)) in self.answer.pieces.iter().take(stop).enumerate() {
            if matches!(self.behaviour, Behaviour::HeldBack { after } if *after as usize == number)
            {
                wire.steps.push_back(Step::Held(self.released.clone()));
            }
            // The first token's time is the latency model's, unless every token is to be slow.
            if number > 0 || matches!(self.behaviour, Behaviour::SlowDrip { .. }) {
                wire.wait(pause);
            }
            wire.event(&self.chunk(json!({"content": piece}), None), *tokens);
        }
        match self.behaviour {
            Behaviour::HangMidStream { .. } => return wire.steps.push_back(Step::Hang),
            Behaviour::CutStream { .. } => return wire.cut(),
            Behaviour::ErrorEvent { .. } => {
                return wire.event(
                    &error_body("server_error", "The server had an error while answering"),
                    0,
                );
            }
            Behaviour::Huge { bytes } => {
                let event = format!("data: {}\n\n", self.chunk(json!({"content": FILLER}), None));
                let times = bytes / u32::try_from(FILLER.len()).unwrap_or(1);
                wire.steps.push_back(Step::Flood(event.into(), times));
            }
            _ => {}
        }
        wire.event(&self.chunk(json!({}), Some(self.answer.finish_reason)), 0);
        if self.ask.include_usage && !matches!(self.behaviour, Behaviour::NoUsage) {
            let mut chunk = self.chunk(json!({}), None);
            chunk["choices"] = json!([]);
            chunk["usage"] = self.usage();
            wire.event(&chunk, 0);
        }
        wire.done();
    }

    fn whole(&self, steps: &mut VecDeque<Step>) {
        let tokens = self.answer.tokens();
        steps.push_back(Step::Wait(self.pause() * tokens));
        let body = self.completion().to_string();
        match self.behaviour {
            Behaviour::HangMidStream { .. } => steps.push_back(Step::Hang),
            Behaviour::ErrorEvent { .. } => {
                let error = error_body("server_error", "The server had an error");
                steps.push_back(Step::Send(error.to_string().into(), 0));
            }
            Behaviour::CutStream { .. } => {
                let half = body.as_bytes()[..body.len() / 2].to_vec();
                steps.push_back(Step::Send(half.into(), 0));
                Wire::new(self.behaviour, steps).cut();
            }
            Behaviour::Huge { bytes } => {
                // The content is the last string of the object that is still empty.
                let (head, tail) = body.split_once(r#""content":"""#).unwrap_or((&body, ""));
                let times = bytes / u32::try_from(FILLER.len()).unwrap_or(1);
                steps.push_back(Step::Send(format!(r#"{head}"content":""#).into(), 0));
                steps.push_back(Step::Flood(FILLER.into(), times));
                steps.push_back(Step::Send(format!(r#""{tail}"#).into(), 0));
            }
            _ => steps.push_back(Step::Send(body.into(), tokens)),
        }
    }

    fn pause(&self) -> Duration {
        match self.behaviour {
            Behaviour::SlowDrip { delay_ms } => Duration::from_millis(u64::from(*delay_ms)),
            _ => self.latency.per_token(self.answer.tokens()),
        }
    }

    fn usage(&self) -> Value {
        let (tokens_in, tokens_out) = (self.ask.tokens_in, self.answer.tokens());
        json!({
            "prompt_tokens": tokens_in,
            "completion_tokens": tokens_out,
            "total_tokens": tokens_in + tokens_out,
            "prompt_tokens_details": {"cached_tokens": 0},
        })
    }

    fn completion(&self) -> Value {
        let mut body = json!({
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": MODEL_NAME,
            "system_fingerprint": FINGERPRINT,
            "choices": [{
                "index": 0,
                "message": {"role": "assistant", "content": self.answer.text()},
                "finish_reason": self.answer.finish_reason,
            }],
        });
        if !matches!(self.behaviour, Behaviour::NoUsage) {
            body["usage"] = self.usage();
        }
        body
    }

    fn chunk(&self, delta: Value, finish_reason: Option<&str>) -> Value {
        json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": MODEL_NAME,
            "system_fingerprint": FINGERPRINT,
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
        })
    }
}

const FINGERPRINT: &str = "fp_begrip_demo";
const FILLER: &str = "handeling waarbij een bevoegde autoriteit een maatregel oplegt en toezicht \
    houdt op de naleving daarvan door degene aan wie die maatregel is opgelegd, \
    telkens weer opnieuw en zonder dat aan deze volzin ooit een einde lijkt te komen, ";

/// OpenAI's error body.
pub(crate) fn error_body(kind: &str, message: &str) -> Value {
    json!({"error": {"message": message, "type": kind, "param": null, "code": kind}})
}

fn garbage() -> Bytes {
    // No valid UTF-8 (0xFF, 0xC0), no JSON, no event; fixed, so that a failure can be repeated.
    let noise = (0..997u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8);
    let bytes: Vec<u8> = [0xFF, 0x00, 0xC0, b'{'].into_iter().chain(noise).collect();
    bytes.into()
}

/// Writes events, neatly or untidily.
struct Wire<'a> {
    steps: &'a mut VecDeque<Step>,
    untidy: bool,
    events: usize,
}

impl<'a> Wire<'a> {
    fn new(behaviour: &Behaviour, steps: &'a mut VecDeque<Step>) -> Self {
        let untidy = matches!(behaviour, Behaviour::Untidy);
        Self {
            steps,
            untidy,
            events: 0,
        }
    }

    fn wait(&mut self, pause: Duration) {
        if !pause.is_zero() {
            self.steps.push_back(Step::Wait(pause));
        }
    }

    fn event(&mut self, data: &Value, tokens: u32) {
        self.data(&data.to_string(), tokens);
    }

    fn done(&mut self) {
        self.data("[DONE]", 0);
    }

    fn data(&mut self, data: &str, tokens: u32) {
        if !self.untidy {
            let event = format!("data: {data}\n\n");
            return self.steps.push_back(Step::Send(event.into(), tokens));
        }
        // Every way in which servers are known to differ: comments, CRLF, no space after the
        // colon, other fields, blank lines, and events cut in the middle of a character.
        let event = match self.events % 4 {
            0 => format!(": keep-alive\r\n\r\ndata:{data}\r\n\r\n"),
            1 => format!(
                "event: message\r\nid: {}\r\ndata: {data}\r\n\r\n",
                self.events
            ),
            2 => format!("\n\n: \ndata: {data}\n\n"),
            _ => format!("retry: 10\ndata:{data}\n\n"),
        };
        self.events += 1;
        let cut = 1 + (self.events * 7) % 23;
        let parts = event.as_bytes().chunks(cut.max(3));
        let last = parts.len().saturating_sub(1);
        for (number, part) in parts.enumerate() {
            let tokens = if number == last { tokens } else { 0 };
            self.steps
                .push_back(Step::Send(Bytes::copy_from_slice(part), tokens));
            if number % 3 == 0 {
                self.steps.push_back(Step::Wait(Duration::from_micros(50)));
            }
        }
    }

    fn cut(&mut self) {
        // Time for what was sent to leave before the connection goes.
        self.steps.push_back(Step::Wait(Duration::from_millis(20)));
        self.steps.push_back(Step::Cut);
    }
}

/// An answer under way: its steps, its record, and its place in the capacity.
pub(crate) struct Delivery {
    pub(crate) steps: VecDeque<Step>,
    pub(crate) call: OpenCall,
    pub(crate) at_the_end: Outcome,
    pub(crate) place: Option<OwnedSemaphorePermit>,
}

impl Delivery {
    /// Does the steps before the first byte: waits and hangs. A caller that goes away meanwhile
    /// drops this future, and with it the record of the call.
    pub(crate) async fn before_first_byte(&mut self) {
        while let Some(Step::Wait(_) | Step::Hang) = self.steps.front() {
            match self.steps.pop_front() {
                Some(Step::Wait(time)) => tokio::time::sleep(time).await,
                _ => std::future::pending::<()>().await,
            }
        }
    }

    /// The body that does the other steps as the connection asks for them.
    pub(crate) fn into_body(self) -> Body {
        Body::from_stream(stream::unfold(self, |mut this| async move {
            let next = this.next().await?;
            Some((next, this))
        }))
    }

    async fn next(&mut self) -> Option<Result<Bytes, io::Error>> {
        loop {
            match self.steps.pop_front() {
                Some(Step::Wait(time)) => tokio::time::sleep(time).await,
                Some(Step::Send(bytes, tokens)) => {
                    self.call.sent(tokens);
                    if self.steps.is_empty() {
                        self.finish();
                    }
                    return Some(Ok(bytes));
                }
                Some(Step::Flood(bytes, times)) => {
                    if times > 1 {
                        self.steps.push_front(Step::Flood(bytes.clone(), times - 1));
                    }
                    return Some(Ok(bytes));
                }
                // Without a sender nothing is released any more: as good as a hang.
                Some(Step::Held(mut released)) => {
                    if released.changed().await.is_err() {
                        never().await;
                    }
                }
                Some(Step::Hang) => never().await,
                Some(Step::Cut) => {
                    self.finish();
                    return Some(Err(io::Error::other("cut by request")));
                }
                None => {
                    self.finish();
                    return None;
                }
            }
        }
    }

    fn finish(&mut self) {
        self.call.end(self.at_the_end);
        self.place = None;
    }
}

async fn never() {
    match std::future::pending::<Infallible>().await {}
}
