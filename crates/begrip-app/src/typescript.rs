//! Writes the command schema as one TypeScript file for the screens.

use std::any::TypeId;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;

use ts_rs::{Config, TS, TypeVisitor};

/// Collects the commands and every type that they mention.
pub(crate) struct Declarations {
    config: Config,
    seen: HashSet<TypeId>,
    types: BTreeMap<String, String>,
    calls: String,
    streams: String,
}

impl Declarations {
    pub(crate) fn call<Q: TS + 'static + ?Sized, A: TS + 'static + ?Sized>(
        &mut self,
        name: &str,
        doc: &str,
    ) {
        self.visit::<Q>();
        self.visit::<A>();
        let (args, result) = (Q::name(&self.config), A::name(&self.config));
        let _ = writeln!(
            self.calls,
            "  /** {} */\n  {name}: {{ args: {args}; result: {result} }};",
            doc.trim()
        );
    }

    pub(crate) fn stream<
        Q: TS + 'static + ?Sized,
        E: TS + 'static + ?Sized,
        A: TS + 'static + ?Sized,
    >(
        &mut self,
        name: &str,
        doc: &str,
    ) {
        self.visit::<Q>();
        self.visit::<E>();
        self.visit::<A>();
        let (args, event, result) = (
            Q::name(&self.config),
            E::name(&self.config),
            A::name(&self.config),
        );
        let _ = writeln!(
            self.streams,
            "  /** {} */\n  {name}: {{ args: {args}; event: {event}; result: {result} }};",
            doc.trim()
        );
    }
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        if T::output_path().is_some() {
            let docs = T::docs().unwrap_or_default();
            let text = format!("{docs}export {}", T::decl(&self.config));
            self.types.insert(T::ident(&self.config), text);
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

/// The whole file, byte-identical for the same schema.
pub fn generate() -> String {
    let mut out = Declarations {
        config: Config::default(),
        seen: HashSet::new(),
        types: BTreeMap::new(),
        calls: String::new(),
        streams: String::new(),
    };
    crate::commands::declare(&mut out);
    out.visit::<crate::UserError>();
    let mut file = String::from(
        "// Generated from the command schema by `cargo xtask generate`. Do not edit.\n\n",
    );
    for text in out.types.values() {
        let _ = writeln!(file, "{}\n", text.trim_end());
    }
    let _ = write!(
        file,
        "/** Commands that give one answer. */\nexport interface Commands {{\n{}}}\n\n\
         /** Commands that give events before their answer. */\nexport interface Streams {{\n{}}}\n",
        out.calls, out.streams
    );
    file
}
