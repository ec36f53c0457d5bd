//! Listens to the program's own steps and errors.

use std::time::{Instant, SystemTime};

use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Filter};
use tracing_subscriber::registry::LookupSpan;

use crate::allowed::{Fields, Value, place};
use crate::{Item, Telemetry};

/// A step that has ended.
#[derive(Clone, Debug)]
pub struct Step {
    /// The trace, the step and the step that it is inside of.
    pub trace: u128,
    pub id: u64,
    pub parent: Option<u64>,
    /// The step's name, as the source says it.
    pub name: &'static str,
    pub began: SystemTime,
    pub ended: SystemTime,
    /// An error was told inside of it.
    pub failed: bool,
    pub fields: Fields,
}

/// An error that was told, or a panic.
#[derive(Clone, Debug)]
pub struct Fault {
    pub at: SystemTime,
    /// In which step: trace, step and the step's name.
    pub inside: Option<(u128, u64, &'static str)>,
    /// The crate and module that told it.
    pub module: &'static str,
    /// File and line in our own sources.
    pub place: Option<String>,
    pub panic: bool,
    pub fields: Fields,
}

/// What is known of a step while it runs.
struct Running {
    step: Step,
    since: Instant,
}

pub(crate) struct Listener(pub Telemetry);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Listener {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let parent = span.scope().skip(1).find_map(|around| {
            let extensions = around.extensions();
            let running = extensions.get::<Running>()?;
            Some((running.step.trace, running.step.id))
        });
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let now = SystemTime::now();
        let step = Step {
            trace: parent.map_or_else(|| fastrand::u128(1..), |(trace, _)| trace),
            id: fastrand::u64(1..),
            parent: parent.map(|(_, id)| id),
            name: span.name(),
            began: now,
            ended: now,
            failed: false,
            fields,
        };
        let since = Instant::now();
        span.extensions_mut().insert(Running { step, since });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(running) = span.extensions_mut().get_mut::<Running>() {
            values.record(&mut running.step.fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut inside = None;
        for span in context.event_scope(event).into_iter().flatten() {
            let mut extensions = span.extensions_mut();
            let Some(running) = extensions.get_mut::<Running>() else {
                continue;
            };
            running.step.failed = true;
            let step = &running.step;
            inside = inside.or(Some((step.trace, step.id, step.name)));
            // The question that it belongs to stands in the outermost step.
            let is_id =
                |(name, _): &&(&str, Value)| ["request_id", "http.request.id"].contains(name);
            if !fields.0.iter().any(|field| is_id(&field))
                && let Some(id) = step.fields.0.iter().find(is_id)
            {
                fields.0.push(id.clone());
            }
        }
        let about = event.metadata();
        self.0.put(Item::Fault(Fault {
            at: SystemTime::now(),
            inside,
            module: about.target(),
            place: about
                .file()
                .zip(about.line())
                .and_then(|(file, line)| place(file, line)),
            panic: false,
            fields,
        }));
    }

    // The last time that it was left, and not when it is closed: a step that goes on in the background
    // keeps those around it open.
    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(running) = span.extensions_mut().get_mut::<Running>() {
            running.step.ended = running.step.began + running.since.elapsed();
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        if let Some(running) = span.extensions_mut().remove::<Running>() {
            self.0.put(Item::Step(running.step));
        }
    }
}

/// The program's own steps and errors, and none of them while nobody is to be told.
pub(crate) struct Own(pub Telemetry);

fn own(about: &Metadata<'_>) -> bool {
    let level = match about.is_span() {
        true => Level::DEBUG,
        false => Level::ERROR,
    };
    about.target().starts_with("begrip") && *about.level() <= level
}

impl<S> Filter<S> for Own {
    fn enabled(&self, about: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        self.0.listens() && own(about)
    }

    fn callsite_enabled(&self, about: &'static Metadata<'static>) -> Interest {
        match own(about) {
            true => Interest::sometimes(),
            false => Interest::never(),
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }
}
