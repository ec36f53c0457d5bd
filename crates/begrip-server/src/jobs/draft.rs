//! One row, from question to checked definition: as a workstation makes it, of term and context alone.

use std::sync::Arc;

use begrip_domain::{Category, Context};
use begrip_language::asked_form;
use begrip_llm::{Answer, CancellationToken, Piece};
use begrip_privacy::{Choices, nameless_label};
use begrip_prompt::{
    About, Budget, Nameless, PROMPT_VERSION, Prompt, PromptInput, Protected, RepairInput, Reply,
    Tiktoken, compose, compose_repair, mendable, read_reply, to_mend,
};
use begrip_rules::{Report, RulePack};
use serde_json::json;
use uuid::Uuid;

use super::work::Claimed;
use crate::gateway::{Composed, Fault, Question, word_of};
use crate::refusal::{Refusal, RowFault};
use crate::routes::Node;
use crate::sharing::work_for;

/// Why there is no definition.
#[derive(Debug)]
pub enum Stop {
    /// The row cannot have one.
    Row(RowFault),
    /// There is no answer.
    Fault(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Fault(refusal.into())
    }
}

/// What a row asks, and by which rules.
struct Asked {
    model: String,
    account: Uuid,
    term: String,
    /// The same in its asked form, as it goes out.
    outgoing: Nameless,
    context: Context,
    category: Option<Category>,
    pack: Arc<RulePack>,
}

impl Asked {
    fn about(&self) -> About<'_> {
        About {
            term: &self.term,
            context: &self.context,
            category: self.category,
        }
    }
}

/// None when its term tells who somebody is.
async fn asked(node: &Node, claimed: &Claimed) -> Result<Option<Asked>, Refusal> {
    let mut client = node.pool.get().await?;
    let transaction = client.transaction().await?;
    work_for(&transaction, &claimed.organisation).await?;
    let sql = "SELECT j.model, j.account, r.term, r.context, r.category FROM job_row r \
               JOIN job j ON j.id = r.job WHERE r.job = $1 AND r.number = $2";
    let row = transaction
        .query_opt(sql, &[&claimed.job, &claimed.number])
        .await?;
    let row = row.ok_or(Refusal::NoJob)?;
    let pack = node.rules.in_force(&transaction).await?;
    transaction.commit().await?;
    let category: Option<&str> = row.get(4);
    let term: String = row.get(2);
    let context = serde_json::from_str(row.get(3))?;
    // It was looked at when the job was made; a newer program may see more.
    let outgoing = nameless_label(&asked_form(&term), &[], &Choices::default());
    Ok(outgoing.map(|outgoing| Asked {
        model: row.get(0),
        account: row.get(1),
        term,
        outgoing,
        context,
        category: category.and_then(Category::parse),
        pack,
    }))
}

/// The definition of a row as it is kept, with what the rules say of it and where it comes from.
pub async fn draft(
    node: &Node,
    claimed: &Claimed,
    cancel: &CancellationToken,
) -> Result<String, Stop> {
    let asked = asked(node, claimed).await?;
    let asked = Arc::new(asked.ok_or(Stop::Row(RowFault::Identifies))?);
    let of = Arc::clone(&asked);
    let prompt = aside(move || {
        let input = PromptInput {
            version: PROMPT_VERSION,
            term: &of.outgoing,
            context: &of.context,
            category: of.category,
            notes: &Protected::default(),
            related: &[],
            passages: &[],
            pack: &of.pack,
            budget: Budget::default(),
        };
        compose(&input, &Tiktoken::for_model(&of.model))
    })
    .await?
    .map_err(|_| Stop::Row(RowFault::Prompt))?;
    let first = ask(node, claimed, &asked, &prompt, "job", cancel).await?;
    let reply = read_reply(&first.text).map_err(|_| Stop::Row(RowFault::BadReply))?;
    let (reply, report, to_repair) = checked(&asked, reply).await?;
    let (mut reply, mut report, mut second, mut repaired) = (reply, report, None, false);
    if let Some(prompt) = to_repair {
        // One that fails or does not help leaves the text as it was: the reader sees the findings.
        match ask(node, claimed, &asked, &prompt, "repair", cancel).await {
            Ok(answer) => {
                if let Ok(mended) = read_reply(&answer.text) {
                    let before = mendable(&asked.pack, &report);
                    let (mended, after, _) =
                        checked(&asked, reply.clone().repaired_with(mended)).await?;
                    if mendable(&asked.pack, &after) < before {
                        (reply, report, repaired) = (mended, after, true);
                    }
                }
                second = Some(answer);
            }
            // What stops every row stops this one too: it is asked later, and the first answer is known then.
            Err(fault) if super::trouble::is_of_no_row(&fault) => return Err(fault.into()),
            Err(fault) => tracing::info!(code = fault.said().0, "no repair of a row"),
        }
    }
    let answers = || [Some(&first), second.as_ref()].into_iter().flatten();
    let told = json!({
        "reply": reply,
        "report": report,
        "provenance": {
            "model": first.model,
            "prompt_version": PROMPT_VERSION,
            "pack_version": asked.pack.version(),
            "answered_at": first.answered_at,
            "request_id": first.request_id,
            "from": word_of(first.fate),
            "repaired": repaired,
            "calls": answers().map(|answer| answer.calls).sum::<u32>(),
            "tokens_in": answers().map(|answer| answer.usage.tokens_in).sum::<u32>(),
            "tokens_out": answers().map(|answer| answer.usage.tokens_out).sum::<u32>(),
        },
    });
    Ok(told.to_string())
}

/// Work that takes milliseconds, beside the questions of others.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Refusal::Fault)
}

/// A reply with what the rules say of it, and the question that would mend it when one is worth a call.
async fn checked(
    asked: &Arc<Asked>,
    reply: Reply,
) -> Result<(Reply, Report, Option<Prompt>), Refusal> {
    let asked = Arc::clone(asked);
    aside(move || {
        let pack = &asked.pack;
        let report = pack.check(&asked.about().subject(&reply));
        if mendable(pack, &report) == 0 {
            return (reply, report, None);
        }
        let failing: Vec<_> = to_mend(pack, &report).collect();
        let repair = RepairInput {
            version: PROMPT_VERSION,
            term: &asked.outgoing,
            faulty: &reply,
            failing: &failing,
            budget: Budget::default(),
        };
        let prompt = compose_repair(&repair, &Tiktoken::for_model(&asked.model)).ok();
        (reply, report, prompt)
    })
    .await
}

async fn ask(
    node: &Node,
    claimed: &Claimed,
    asked: &Asked,
    prompt: &Prompt,
    task: &'static str,
    cancel: &CancellationToken,
) -> Result<Answer, Fault> {
    let question = Question::composed(Composed {
        organisation: &claimed.organisation,
        account: asked.account,
        model: &asked.model,
        prompt,
        pack_version: asked.pack.version(),
        request_id: format!("{task}-{}-{}", claimed.job, claimed.number),
        task,
    });
    let answer = node
        .gateway
        .ask(&question, |_: Piece<'_>| {}, cancel)
        .await?;
    node.figures.model_answer(answer.fate);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Figures;

    #[tokio::test]
    async fn a_panic_in_a_worker_is_the_rows_fault_and_is_counted() {
        let figures = Figures::new().unwrap();
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        crate::panics::count(figures.panics.clone(), None);
        let ended = aside(|| -> u8 { panic!("a fault") }).await;
        std::panic::set_hook(usual);
        assert!(matches!(ended, Err(Refusal::Fault)));
        assert!(!super::super::trouble::is_of_no_row(&Fault::from(
            Refusal::Fault
        )));
        let told = figures.text().unwrap();
        assert!(told.contains("\nbegrip_panics_total 1\n"), "{told}");
    }
}
