// Generated from the command schema by `cargo xtask generate`. Do not edit.

/**
 * By what the server knows the user.
 */
export type AccountBy = "sign_in" | "token" | "nothing";

/**
 * What somebody may do in an organisation; each may do what those before it may.
 */
export type AccountRole = "reader" | "author" | "reviewer" | "administrator";

/**
 * As whom this computer speaks to the central server.
 */
export type AccountView = { 
/**
 * Whether a server is set up to sign in at.
 */
server: boolean, 
/**
 * By what the server knows the user.
 */
by: AccountBy, 
/**
 * Name, as the issuer says it; empty for a token.
 */
name: string, 
/**
 * Where the user signed in; empty for a token.
 */
issuer: string, 
/**
 * Name of the account on the server; empty before the first answer.
 */
account: string, 
/**
 * For which organisation; empty before the first answer.
 */
organisation: string, 
/**
 * `reader`, `author`, `reviewer` or `administrator`; empty before the first answer.
 */
role: string, 
/**
 * The page where a sign-in that has begun waits for the user.
 */
waits_at: string | null, 
/**
 * The sign-in has ended and the user must sign in again.
 */
ended: boolean, 
/**
 * The sign-in holds, and the user must sign in again soon: the issuer gave nothing to renew it by.
 */
notice: UserError | null, };

/**
 * A standard address of a source.
 */
export type Address = string;

/**
 * What may be spent on models; what is left out has no bound.
 */
export type AdminBounds = { 
/**
 * Tokens of text on a day.
 */
day_tokens: number | null, 
/**
 * Tokens of text in a month.
 */
month_tokens: number | null, 
/**
 * Euro on a day.
 */
day_euro: number | null, 
/**
 * Euro in a month.
 */
month_euro: number | null, };

/**
 * What changes of the own bounds. One that is not named stays as whoever came before left it; none is a bound too.
 */
export type AdminBoundsChange = { 
/**
 * Tokens of text on a day.
 */
day_tokens?: number | null, 
/**
 * Tokens of text in a month.
 */
month_tokens?: number | null, 
/**
 * Euro on a day.
 */
day_euro?: number | null, 
/**
 * Euro in a month.
 */
month_euro?: number | null, };

/**
 * Changes a user.
 */
export type AdminChange = { 
/**
 * Who.
 */
id: string, 
/**
 * What.
 */
change: AdminUserChange, };

/**
 * Acts of administration, the latest first.
 */
export type AdminLog = { 
/**
 * The acts.
 */
records: Array<AdminRecord>, 
/**
 * Whether there are earlier ones.
 */
more: boolean, };

/**
 * Which acts of administration.
 */
export type AdminLogAsk = { 
/**
 * Those before this number; the latest when there is none.
 */
before: number | null, };

/**
 * A token that was just made. Its `Debug` does not show it.
 */
export type AdminMadeToken = { 
/**
 * Names it to the server.
 */
id: string, 
/**
 * The token itself, told this once.
 */
secret: string, };

/**
 * A token to make.
 */
export type AdminNewToken = { 
/**
 * The user who is to hold it.
 */
user: string, 
/**
 * After so many days it ends, 1 to 365.
 */
days: number, };

/**
 * A user to add.
 */
export type AdminNewUser = { 
/**
 * Name within the organisation, 1 to 200 characters.
 */
name: string, 
/**
 * What they may do.
 */
role: AccountRole, 
/**
 * Whoever first signs in with this address is this user; nothing for a machine.
 */
email: string | null, };

/**
 * An organisation of the chain.
 */
export type AdminOrganisation = { 
/**
 * Short name, as concepts are shared with.
 */
name: string, 
/**
 * Full name.
 */
title: string, };

/**
 * What the organisation spent and may spend.
 */
export type AdminQuota = { 
/**
 * What the operator allows.
 */
budget: AdminBounds, 
/**
 * What the organisation allows itself; of both the lower one holds.
 */
own: AdminBounds, 
/**
 * Today.
 */
day: AdminSpent, 
/**
 * This month.
 */
month: AdminSpent, 
/**
 * By user, who spent most this month first.
 */
users: Array<AdminUserSpent>, };

/**
 * An act of administration. It is never changed.
 */
export type AdminRecord = { 
/**
 * Its number; a later act has a higher one.
 */
id: number, 
/**
 * When.
 */
at: string, 
/**
 * Who, by the name of then; empty for the operator.
 */
by: string, 
/**
 * What, such as `user_added`.
 */
act: string, 
/**
 * About whom or what.
 */
about: string, 
/**
 * What stood there.
 */
was: string | null, 
/**
 * What stands there since.
 */
became: string | null, };

/**
 * A user or a token of the own organisation.
 */
export type AdminRef = { 
/**
 * Its number.
 */
id: string, };

/**
 * A version of the rules, or a file with experiments, that is meant for the organisation.
 */
export type AdminRelease = { 
/**
 * `pack` or `flags`.
 */
kind: string, 
/**
 * Version of the rules, or the serial of the flags.
 */
version: string, 
/**
 * For so many of each hundred workstations; 0 when it was taken back.
 */
percent: number, 
/**
 * Who signed it.
 */
signer: string, 
/**
 * Whether it is for every organisation.
 */
everyone: boolean, 
/**
 * When it was published.
 */
since: string, };

/**
 * What was spent, with what is set aside for calls under way.
 */
export type AdminSpent = { 
/**
 * Calls of a model.
 */
calls: number, 
/**
 * Tokens of text.
 */
tokens: number, 
/**
 * Euro.
 */
euro: number, };

/**
 * A token, without its secret.
 */
export type AdminToken = { 
/**
 * Names it to the server; no part of the secret.
 */
id: string, 
/**
 * Name of the user who holds it.
 */
user: string, 
/**
 * Who made it; empty for the operator.
 */
by: string, 
/**
 * When it was made.
 */
since: string, 
/**
 * When it ends; nothing for one that holds until it is revoked.
 */
until: string | null, 
/**
 * Whether it holds now.
 */
holds: boolean, 
/**
 * Whether it was revoked.
 */
revoked: boolean, };

/**
 * Somebody, or a machine, who may ask for the organisation.
 */
export type AdminUser = { 
/**
 * Names the account to the server.
 */
id: string, 
/**
 * Name within the organisation.
 */
name: string, 
/**
 * What they may do.
 */
role: AccountRole, 
/**
 * The address that was invited; nothing when none was.
 */
email: string | null, 
/**
 * Whether somebody signed in with it.
 */
signs_in: boolean, 
/**
 * Whether it is, or ever was, somebody's who signs in: no token is made for it here.
 */
person: boolean, 
/**
 * Tokens that hold.
 */
tokens: number, 
/**
 * Whether it is closed.
 */
closed: boolean, 
/**
 * Whether it is the one who asks.
 */
oneself: boolean, 
/**
 * Since when it is there.
 */
since: string, };

/**
 * What changes of a user; what is left out stays.
 */
export type AdminUserChange = { 
/**
 * Another role.
 */
role: AccountRole | null, 
/**
 * Closed, or open again.
 */
closed: boolean | null, 
/**
 * An invitation.
 */
email: string | null, };

/**
 * What one user spent.
 */
export type AdminUserSpent = { 
/**
 * Name; empty for calls that are nobody's.
 */
name: string, 
/**
 * Today.
 */
day: AdminSpent, 
/**
 * This month.
 */
month: AdminSpent, };

/**
 * Why an answer came from where it came from.
 */
export type AnswerReason = "fresh" | "no_newer" | "not_kept" | "outdated" | "asked_anew" | "shared";

/**
 * What the program is and how it stands.
 */
export type AppInfo = { 
/**
 * Version of the program.
 */
version: string, 
/**
 * Version of the active rule pack.
 */
pack_version: string, 
/**
 * Rules in it.
 */
rules: number, 
/**
 * Version of the prompt that the next draft gets, and why.
 */
prompt: PromptInForce, 
/**
 * Concepts in the store.
 */
concepts: number, 
/**
 * Things the user must know at the start, such as a file that was recovered.
 */
notices: Array<Notice>, 
/**
 * The account's name, shown as author when the settings name nobody.
 */
account: string, 
/**
 * How the model stands.
 */
model: ModelStatus, };

/**
 * The counts and sums of an arm.
 */
export type ArmFigures = { 
/**
 * Name of the experiment.
 */
experiment: string, 
/**
 * Name of the arm.
 */
arm: string, 
/**
 * Version of the prompt.
 */
prompt_version: string, 
/**
 * Texts that took a call.
 */
drafts: number, 
/**
 * Those whose first reply kept every blocking and serious rule.
 */
passed: number, 
/**
 * Kept as they were.
 */
kept: number, 
/**
 * Kept with another definition.
 */
edited: number, 
/**
 * Thrown away, or not kept within seven days.
 */
discarded: number, 
/**
 * Not decided on yet.
 */
open: number, 
/**
 * Tokens sent.
 */
tokens_in: Sum, 
/**
 * Tokens received.
 */
tokens_out: Sum, 
/**
 * Milliseconds from question to answer.
 */
latency_ms: Sum, 
/**
 * Euro, of those whose model has a price.
 */
cost_eur: Sum, };

/**
 * What one arm came to.
 */
export type ArmReport = { 
/**
 * The counts and sums, which can be added to those of another computer.
 */
figures: ArmFigures, 
/**
 * Texts whose first reply kept every blocking and serious rule, of all.
 */
passed: Share | null, 
/**
 * Texts that were kept as they were, of those that were decided on.
 */
kept: Share | null, 
/**
 * Texts that were kept with another definition.
 */
edited: Share | null, 
/**
 * Texts that were thrown away, or not kept within seven days.
 */
discarded: Share | null, 
/**
 * Tokens sent for a text.
 */
tokens_in: Mean | null, 
/**
 * Tokens received for a text.
 */
tokens_out: Mean | null, 
/**
 * Milliseconds from question to answer.
 */
latency_ms: Mean | null, 
/**
 * Euro for a text, of those whose model has a price.
 */
cost_eur: Mean | null, };

/**
 * Who tells a category that nobody chose.
 */
export type AssumedBy = "rule" | "index" | "model";

/**
 * A category that nobody chose, and why it is assumed.
 */
export type AssumedCategory = { 
/**
 * The category.
 */
category: Category, 
/**
 * Who tells it.
 */
by: AssumedBy, 
/**
 * The ending of the term, the term of the concept that has this category, or the model's name.
 */
because: string, };

/**
 * Batches of terms.
 */
export type BatchSettings = { 
/**
 * Questions under way at one time, 1 to 16.
 */
at_once: number, };

/**
 * A sentence in the two languages of the screens.
 */
export type Bilingual = { 
/**
 * Dutch, B1.
 */
nl: string, 
/**
 * English.
 */
en: string, };

/**
 * Limits on what a draft may use.
 */
export type Budgets = { 
/**
 * Tokens of one request; at most 3,000.
 */
prompt_tokens: number, 
/**
 * Tokens sent and received in a day; 0 for no limit, here and below. Days and months begin at
 * midnight UTC. A call is made only when all that it may take fits, its longest answer included.
 */
tokens_per_day: number, 
/**
 * Tokens sent and received in a month.
 */
tokens_per_month: number, 
/**
 * Euro for one call.
 */
eur_per_call: number, 
/**
 * Euro in a day. Models without a price count as free.
 */
eur_per_day: number, 
/**
 * Euro in a month.
 */
eur_per_month: number, };

/**
 * A kept editor text.
 */
export type Buffer = { 
/**
 * Name of the buffer.
 */
key: string, 
/**
 * As it was saved.
 */
content: string, 
/**
 * When.
 */
at: string, };

/**
 * Name of a buffer: 1 to 200 letters, digits, `-`, `_`, `:` or `.`.
 */
export type BufferKey = { 
/**
 * For instance `compose` or `edit:018f…`.
 */
key: string, };

/**
 * Keeps what stands in an editor, so that no keystroke is lost.
 */
export type BufferSave = { 
/**
 * Name of the buffer.
 */
key: string, 
/**
 * What stands in the editor, as JSON of the screen's own; at most 4 MB.
 */
content: string, };

/**
 * Removes cached answers: all when nothing is named, else those of the one thing that is.
 */
export type CacheClear = { 
/**
 * Those of this term.
 */
term?: string | null, 
/**
 * This one, by the name that its answer bore.
 */
entry?: string | null, 
/**
 * Those that this model was asked for.
 */
model?: string | null, 
/**
 * Those of this version of the prompt.
 */
prompt_version?: string | null, 
/**
 * Those of this version of the rules.
 */
pack_version?: string | null, 
/**
 * Those of this organisation.
 */
organisation?: string | null, 
/**
 * Also what was asked and answered for concepts that were kept, as far as it is of these answers.
 */
with_exchanges: boolean, };

/**
 * The response cache.
 */
export type CacheSettings = { 
/**
 * Off means that nothing is looked up or kept.
 */
enabled: boolean, 
/**
 * Hours for which an answer counts as fresh.
 */
ttl_hours: number, 
/**
 * The same for an answer to a question with notes, which may hold a case.
 */
ttl_hours_case: number, 
/**
 * Megabytes (10⁶ bytes) that the file on disk may have.
 */
disk_mb: number, 
/**
 * Megabytes in memory.
 */
memory_mb: number, };

/**
 * Where an answer came from.
 */
export type CacheSource = "miss" | "memory" | "disk" | "stale";

/**
 * The response cache's figures since the program started, and what is kept.
 */
export type CacheStats = { 
/**
 * Requests asked of the cache.
 */
requests: number, 
/**
 * Answered from memory.
 */
hits_memory: number, 
/**
 * Answered from disk.
 */
hits_disk: number, 
/**
 * Answered with an outdated entry because no model could be asked.
 */
stale: number, 
/**
 * Not there.
 */
misses: number, 
/**
 * Not looked up on purpose.
 */
bypassed: number, 
/**
 * Joined a call under way.
 */
coalesced: number, 
/**
 * Replies that were not kept because they were bad.
 */
refused: number, 
/**
 * The same, by reason.
 */
refused_by: Array<NamedCount>, 
/**
 * Entries pushed out by size, of both tiers.
 */
evicted: number, 
/**
 * Entries removed by hand or by an event.
 */
removed: number, 
/**
 * Entries brought into memory at the start.
 */
warmed: number, 
/**
 * Calls to a model.
 */
calls: number, 
/**
 * How often the disk tier could not be read or written.
 */
disk_errors: number, 
/**
 * Tokens not sent again.
 */
tokens_saved: number, 
/**
 * Euro not spent again, by the price of the model that answered then; none when none of them has a price.
 */
eur_saved: number | null, 
/**
 * The same for each organisation; one without a name on a workstation of its own.
 */
by_organisation: Array<OrganisationStats>, 
/**
 * The memory tier.
 */
memory: TierStats, 
/**
 * The disk tier.
 */
disk: TierStats, 
/**
 * Compiled versions of the rules, in memory.
 */
packs: TierStats, 
/**
 * What was asked and answered about cases in this run, in memory.
 */
case_exchanges: TierStats, 
/**
 * Concepts that texts were judged beside, in memory.
 */
neighbours: TierStats, 
/**
 * In how many definitions words stand, in memory.
 */
word_counts: TierStats, };

/**
 * Stops a running draft; unknown ids are no error.
 */
export type CancelRequest = { 
/**
 * The draft's `request_id`.
 */
request_id: string, };

/**
 * The ontological category of what a concept stands for.
 */
export type Category = "type" | "particular" | "process" | "result";

/**
 * A text to check, while typing. Nothing is kept and nothing leaves the machine.
 */
export type CheckRequest = { 
/**
 * The concept that the text belongs to, so that it is not compared with itself.
 */
id?: ConceptId | null, 
/**
 * The term; may be empty.
 */
term: string, 
/**
 * Its synonyms.
 */
synonyms?: string[], 
/**
 * The definition as typed: spans in the report count its characters.
 */
text: string, 
/**
 * The chosen context.
 */
context: Context, 
/**
 * The chosen category.
 */
category?: Category | null, 
/**
 * Whether a source is recorded; unknown for a pasted text.
 */
has_source?: boolean | null, };

/**
 * A source that a concept rests on: an article of a law or a court decision.
 */
export type Citation = { 
/**
 * The law's citation title (*Wetboek van Strafvordering*) or the court's name.
 */
source: string, 
/**
 * The article as written in the law: `67`, `67a`, `1:3`. None for a decision.
 */
article: string | null, 
/**
 * The paragraph (*lid*) as a number in digits: `1`. None for the whole article.
 */
paragraph: string | null, 
/**
 * The standard address, by which the source can be opened.
 */
address: Address | null, };

/**
 * A citation whose article is asked for.
 */
export type CitationLookup = { 
/**
 * The citation.
 */
citation: Citation, 
/**
 * The day, `YYYY-MM-DD`; today when left out.
 */
date?: string | null, };

/**
 * An article that a text names.
 */
export type CitedSource = { 
/**
 * As the text names it.
 */
text: string, 
/**
 * Its citation as it was looked up; none when it was not found, and then it is no source.
 */
citation: Citation | null, };

/**
 * What somebody said of a field.
 */
export type CommentView = { 
/**
 * The field's name, as in a concept.
 */
field: string, 
/**
 * What was said, and by whom.
 */
said: SignatureView, };

/**
 * A term in a context with one definition, and its place in the editorial process.
 */
export type Concept = { 
/**
 * The identity.
 */
id: ConceptId, 
/**
 * Where it stands in the editorial process.
 */
status: Status, 
/**
 * 1 for the first text; goes up by one with each kept change.
 */
version: number, 
/**
 * Where the text came from.
 */
provenance: Provenance, 
/**
 * When the first text was kept.
 */
created_at: string, 
/**
 * When the latest change was kept.
 */
modified_at: string, 
/**
 * The preferred label (`skos:prefLabel`).
 */
term: string, 
/**
 * Other labels for the same concept (`skos:altLabel`), without the term itself.
 */
synonyms: string[], 
/**
 * Terms that mean the opposite in the same context.
 */
antonyms: string[], 
/**
 * Where the term has this meaning.
 */
context: Context, 
/**
 * The ontological category, when chosen.
 */
category: Category | null, 
/**
 * One text that says what the concept is (`skos:definition`). May be empty in a draft.
 */
definition: string, 
/**
 * The same in plain Dutch, with what a reader needs beside the definition.
 */
explanation: string, 
/**
 * Cases that fall under the concept (`skos:example`).
 */
examples: Array<string>, 
/**
 * Cases that look like it and do not fall under it.
 */
counter_examples: Array<string>, 
/**
 * The sources that the definition rests on.
 */
citations: Array<Citation>, 
/**
 * On which days it holds (`dcterms:valid`); absent when on every day.
 */
validity?: Validity, 
/**
 * The author's own notes (`skos:editorialNote`).
 */
notes: string, };

/**
 * What a person writes of a concept: everything but its identity, status and history.
 */
export type ConceptFields = { 
/**
 * The preferred label (`skos:prefLabel`).
 */
term: string, 
/**
 * Other labels for the same concept (`skos:altLabel`), without the term itself.
 */
synonyms: string[], 
/**
 * Terms that mean the opposite in the same context.
 */
antonyms: string[], 
/**
 * Where the term has this meaning.
 */
context: Context, 
/**
 * The ontological category, when chosen.
 */
category: Category | null, 
/**
 * One text that says what the concept is (`skos:definition`). May be empty in a draft.
 */
definition: string, 
/**
 * The same in plain Dutch, with what a reader needs beside the definition.
 */
explanation: string, 
/**
 * Cases that fall under the concept (`skos:example`).
 */
examples: Array<string>, 
/**
 * Cases that look like it and do not fall under it.
 */
counter_examples: Array<string>, 
/**
 * The sources that the definition rests on.
 */
citations: Array<Citation>, 
/**
 * On which days it holds (`dcterms:valid`); absent when on every day.
 */
validity?: Validity, 
/**
 * The author's own notes (`skos:editorialNote`).
 */
notes: string, };

/**
 * Which concepts to list; every filter left out lets all through.
 */
export type ConceptFilter = { 
/**
 * Only these statuses; empty means all.
 */
statuses: Array<Status>, 
/**
 * Only these origins; empty means all.
 */
origins: Array<Origin>, 
/**
 * Only this category.
 */
category?: Category | null, 
/**
 * Only concepts that match this search text.
 */
text: string, 
/**
 * Only what holds on this day, `2026-01-31`.
 */
valid_on?: string | null, };

/**
 * Which concept to show.
 */
export type ConceptGet = { 
/**
 * The concept.
 */
id: ConceptId, };

/**
 * The identity of a concept, for ever: a UUID (version 7 for those made here).
 */
export type ConceptId = string;

/**
 * A concept that gets another outcome.
 */
export type ConceptImpact = { 
/**
 * The concept.
 */
row: ConceptRow, 
/**
 * Rules that will fail and do not now.
 */
now_fails: Array<RuleId>, 
/**
 * Rules that fail now and will not.
 */
no_longer_fails: Array<RuleId>, };

/**
 * A page of a list.
 */
export type ConceptList = { 
/**
 * Which.
 */
filter: ConceptFilter, 
/**
 * In which order.
 */
sort: ConceptSort, 
/**
 * How many to skip.
 */
offset: number, 
/**
 * At most this many, 1 to 500; 0 means 50.
 */
limit: number, };

/**
 * A page of concepts.
 */
export type ConceptPage = { 
/**
 * The rows of this page.
 */
rows: Array<ConceptRow>, 
/**
 * How many concepts pass the filter in all.
 */
total: number, };

/**
 * One line of a list of concepts.
 */
export type ConceptRow = { 
/**
 * The concept.
 */
id: ConceptId, 
/**
 * Its term.
 */
term: string, 
/**
 * Its context.
 */
context: Context, 
/**
 * Its category.
 */
category: Category | null, 
/**
 * Its status.
 */
status: Status, 
/**
 * Where it came from.
 */
origin: Origin, 
/**
 * The definition, shortened.
 */
snippet: string, 
/**
 * Latest change.
 */
modified_at: string, 
/**
 * Version of the latest change.
 */
version: number, 
/**
 * On which days it holds.
 */
validity: Validity, 
/**
 * How it stands today.
 */
in_force: InForce, };

/**
 * How a concept stands in sharing.
 */
export type ConceptSharing = { 
/**
 * True when a server is set up, so that it can be shared.
 */
possible: boolean, 
/**
 * With whom; `null` when it is not shared.
 */
with: ShareWith | null, 
/**
 * The organisation that shared it first; empty until the server has it.
 */
owner: string, 
/**
 * Who made the latest change that the server told; empty until the server has it.
 */
by: string, 
/**
 * Changes that wait for the server.
 */
waiting: number, 
/**
 * True when the server did not take a change.
 */
conflict: boolean, };

/**
 * Orders of a list.
 */
export type ConceptSort = "modified" | "term" | "status";

/**
 * A concept as its page shows it.
 */
export type ConceptView = { 
/**
 * The concept.
 */
concept: Concept, 
/**
 * The outcome of every rule on the present text.
 */
report: Report, 
/**
 * Other concepts with the same term in another context.
 */
homonyms: Array<ConceptRow>, 
/**
 * True when the text may be edited (a draft).
 */
editable: boolean, 
/**
 * How it stands today, by its validity.
 */
in_force: InForce, };

/**
 * A field in which two texts differ, each side as lines of text.
 */
export type ConflictField = { 
/**
 * Its name, as in a concept.
 */
name: string, 
/**
 * What both began from.
 */
base: Array<string>, 
/**
 * The user's own.
 */
mine: Array<string>, 
/**
 * The server's.
 */
theirs: Array<string>, };

/**
 * Why a change was not taken.
 */
export type ConflictReason = "stale" | "missing_base" | "deleted" | "not_allowed" | "empties" | "invalid" | "too_many_deletions" | "under_review" | "unknown";

/**
 * Where a term has its meaning: organisations × legal areas × statutory bases.
 *
 * All three are sets: the order in which they were typed does not matter, and the same term in
 * another context is another concept.
 */
export type Context = { 
/**
 * Organisations of the justice chain, for instance `OM` or `DJI`.
 */
organisations: string[], 
/**
 * Areas of law, for instance `strafrecht`.
 */
legal_areas: string[], 
/**
 * Laws that the meaning rests on, for instance `Wetboek van Strafvordering`.
 */
statutory_bases: string[], };

/**
 * Which list of labels to suggest from.
 */
export type ContextKind = "organisation" | "legal_area" | "statutory_basis";

/**
 * Suggestions while a context label is typed.
 */
export type ContextSuggestRequest = { 
/**
 * Which list.
 */
kind: ContextKind, 
/**
 * What was typed; empty gives the most usual ones.
 */
query: string, };

/**
 * Text for the clipboard.
 */
export type Copied = { 
/**
 * Plain text.
 */
text: string, };

/**
 * Forms of a copied concept.
 */
export type CopyForm = "text" | "citation";

/**
 * A concept as text for the clipboard.
 */
export type CopyRequest = { 
/**
 * The concept.
 */
id: ConceptId, 
/**
 * As what.
 */
form: CopyForm, };

/**
 * What a month took.
 */
export type Costs = { 
/**
 * `YYYY-MM`.
 */
month: string, 
/**
 * What the rows stand for.
 */
by: CostsBy, 
/**
 * The rows, by name.
 */
rows: Array<CostsRow>, 
/**
 * All of them together.
 */
total: CostsRow, 
/**
 * How much of each limit is used; only limits that are set.
 */
limits: Array<LimitUse>, 
/**
 * What it saved that not every question went to the main model.
 */
routing: RoutingSaved, };

/**
 * What the rows of the costs stand for.
 */
export type CostsBy = "day" | "model" | "task" | "prompt" | "arm";

/**
 * Asks what a month took.
 */
export type CostsRequest = { 
/**
 * `YYYY-MM`; this month when left out. Days begin at midnight UTC.
 */
month?: string | null, 
/**
 * What the rows stand for.
 */
by: CostsBy, };

/**
 * Calls and questions together.
 */
export type CostsRow = { 
/**
 * What they have in common: a day, a model …
 */
name: string, 
/**
 * Calls to a model; an attempt that was made again is one more.
 */
calls: number, 
/**
 * Those that gave no whole answer.
 */
failed: number, 
/**
 * Those of a model without a price: their cost is not known.
 */
unpriced: number, 
/**
 * Tokens sent.
 */
tokens_in: number, 
/**
 * Tokens received.
 */
tokens_out: number, 
/**
 * Those of the tokens sent that the provider had in its own cache.
 */
tokens_cached: number, 
/**
 * What the calls cost.
 */
cost_eur: number, 
/**
 * Milliseconds that half of the whole answers to drafts took at most; in a row for a task, to its
 * own questions.
 */
latency_p50_ms: number | null, 
/**
 * Milliseconds that 95 of 100 of them took at most.
 */
latency_p95_ms: number | null, 
/**
 * Drafts that were asked for, whatever repairs and models each took; in a row for a task, its own
 * questions.
 */
questions: number, 
/**
 * Those that were answered without a call, and so saved one.
 */
saved: number, 
/**
 * Tokens that were not sent or made again.
 */
tokens_saved: number, 
/**
 * What those would have cost.
 */
eur_saved: number, };

/**
 * Whether a version may take the place of the one before.
 */
export type Decision = "promote" | "not_yet" | "no";

/**
 * What happens while a definition is drafted.
 */
export type DefineEvent = { "event": "stage", 
/**
 * Which.
 */
stage: DefineStage, 
/**
 * Optional branches that were too slow and left out.
 */
left_out: Array<string>, } | { "event": "text", 
/**
 * The definition so far.
 */
definition: string, 
/**
 * The explanation so far.
 */
explanation: string, };

/**
 * Drafts a definition; answered by a stream of [`DefineEvent`] and a [`DefineResult`].
 */
export type DefineRequest = { 
/**
 * Chosen by the caller, unique while the request runs; names it for `define_cancel`.
 */
request_id: string, 
/**
 * What to draft.
 */
input: DraftInput, 
/**
 * Ask the model again although an answer stands in the cache.
 */
regenerate: boolean, 
/**
 * Show an answer from the cache only; never make a call.
 */
offline: boolean, };

/**
 * A drafted definition. Not kept yet: the user decides.
 */
export type DefineResult = { 
/**
 * Names the draft until it is kept or left (see `SaveConcept::draft_id`).
 */
draft_id: string, 
/**
 * What the model wrote.
 */
reply: Reply, 
/**
 * The outcome of every rule.
 */
report: Report, 
/**
 * Looked-up sources that went along.
 */
sources: Array<Citation>, 
/**
 * Articles that went along, each from the laws on this computer.
 */
passages: Array<PassageHit>, 
/**
 * Articles that the model's text names, and which of them were found.
 */
cited: Array<CitedSource>, 
/**
 * What was left out because it took too long or failed: `related`, `passage`, `category`,
 * `prepare`.
 */
left_out: Array<string>, 
/**
 * The category that was assumed, when none was chosen.
 */
assumed: AssumedCategory | null, 
/**
 * Words that the articles were found with, when the term itself found none.
 */
searched_with: Array<string>, 
/**
 * Citations and terms of what stayed here because it names somebody or a case.
 */
held_back: Array<string>, 
/**
 * Where the answer came from.
 */
cache: CacheSource, 
/**
 * Why it came from there.
 */
reason: AnswerReason, 
/**
 * How old the answer is, in seconds.
 */
age_s: number, 
/**
 * Names the answer among those kept; for removing it.
 */
entry: string, 
/**
 * When the model gave the answer.
 */
answered_at: string, 
/**
 * The model as it named itself.
 */
model: string, 
/**
 * The model that should have answered, when it did not and another stood in.
 */
instead_of: string | null, 
/**
 * True when the endpoint is the included demonstration.
 */
demonstration: boolean, 
/**
 * Calls made for this answer: 0 from the cache, 1, or 2 with a repair.
 */
calls: number, 
/**
 * Tokens sent in those calls.
 */
tokens_in: number, 
/**
 * Tokens received.
 */
tokens_out: number, 
/**
 * Cost in euro of the calls for it; none when one of them has no price.
 */
cost_eur: number | null, 
/**
 * Names of prompt sections that the budget left no room for.
 */
dropped: Array<string>, 
/**
 * Placeholders that stood in the answer, and what was put back for them.
 */
put_back: Array<PutBack>, };

/**
 * Steps of a draft that the user is told of.
 */
export type DefineStage = "gathering" | "asking" | "writing" | "checking" | "repairing";

/**
 * What happened to a piece of text.
 */
export type DiffOp = "same" | "removed" | "added";

/**
 * A piece of a difference.
 */
export type DiffPart = { 
/**
 * What happened to it.
 */
op: DiffOp, 
/**
 * The text, white space included.
 */
text: string, };

/**
 * One thing that was looked at.
 */
export type DoctorCheck = { 
/**
 * Stable name in English: `store`, `key`, `rules` …
 */
name: string, 
/**
 * Whether it is as it should be.
 */
ok: boolean, 
/**
 * What was found, in the report's language.
 */
found: string, 
/**
 * What to do, when something is wrong.
 */
error: UserError | null, };

/**
 * The state of the workplace.
 */
export type DoctorReport = { 
/**
 * True when nothing needs attention.
 */
healthy: boolean, 
/**
 * The language of what was found: that of the settings.
 */
language: Language, 
/**
 * What was looked at.
 */
checks: Array<DoctorCheck>, };

/**
 * What the user has filled in to have a definition drafted.
 */
export type DraftInput = { 
/**
 * The term as typed.
 */
term: string, 
/**
 * The chosen context.
 */
context: Context, 
/**
 * The chosen category.
 */
category?: Category | null, 
/**
 * Own notes for the model. What identifies somebody in them is replaced before they go out.
 */
notes: string, 
/**
 * What is known of the case, and what the user decided.
 */
privacy: PrivacyChoices, 
/**
 * Asks for another version of a draft that came of all the above; none asks for the first.
 */
refine?: Refinement | null, };

/**
 * A draft that the user throws away.
 */
export type DraftRef = { 
/**
 * The draft's `draft_id`.
 */
draft_id: string, };

/**
 * A round with a model: what was wished, and what came of it.
 */
export type DraftTurn = { 
/**
 * The wish; empty for the first draft.
 */
wish: string, 
/**
 * The definition, with what the user changed in it.
 */
definition: string, };

/**
 * A concept that may be the same.
 */
export type DuplicateHit = { 
/**
 * The concept.
 */
row: ConceptRow, 
/**
 * Why it is offered.
 */
kind: DuplicateKind, 
/**
 * For `near_text`: how near, 0 to 1. Otherwise 1.
 */
similarity: number, };

/**
 * Why a concept may be the same.
 */
export type DuplicateKind = "same_concept" | "other_context" | "synonym" | "near_text";

/**
 * Is it there already?
 */
export type DuplicatesRequest = { 
/**
 * The term as typed; an empty one gives no hits.
 */
term: string, 
/**
 * Where.
 */
context: Context, 
/**
 * A definition to compare with, when there is one.
 */
text: string, };

/**
 * How an endpoint is spoken to.
 */
export type EndpointFlavour = "open_ai" | "azure" | "server";

/**
 * A text with what is needed to check it.
 */
export type Example = { 
/**
 * The definition.
 */
text: string, 
/**
 * The term that it belongs to; empty when it does not matter.
 */
term: string, 
/**
 * Context, where the rule looks at it.
 */
organisations: string[], 
/**
 * Context, where the rule looks at it.
 */
legal_areas: string[], 
/**
 * Context, where the rule looks at it.
 */
statutory_bases: string[], 
/**
 * Category, where the rule looks at it.
 */
category: Category | null, 
/**
 * Whether a source is recorded.
 */
has_source: boolean | null, 
/**
 * Synonyms, where the rule looks at them.
 */
synonyms: string[], 
/**
 * Why it is good or bad, Dutch.
 */
note: string, 
/**
 * The other concepts that there are, where the rule compares with them.
 */
others: Array<Other>, };

/**
 * What was asked of a model for a concept's first text, and what it answered.
 */
export type Exchange = { 
/**
 * Whether it is there, and why it is not.
 */
state: ExchangeState, 
/**
 * Where the answer came from; none when no model wrote the text, or when that is not known.
 */
source: CacheSource | null, 
/**
 * The questions with their answers, in order; empty when it is not there.
 */
turns: Array<ExchangeTurn>, };

/**
 * Leads from a text to the exchange with a model that gave it.
 */
export type ExchangeRef = { 
/**
 * The id under which the call went out; for a kept answer that of the call that once gave it.
 */
id: string, 
/**
 * Where the answer came from.
 */
source: CacheSource, 
/**
 * True when the question may be about a case: there were notes or known parties, or the gate found
 * somebody in a wish or in a version that it was about. Then the exchange never reaches a disk.
 */
with_notes: boolean, };

/**
 * Whether an exchange is there.
 */
export type ExchangeState = "no_model" | "unknown" | "kept" | "in_memory" | "with_notes" | "removed";

/**
 * One question to a model with its answer.
 */
export type ExchangeTurn = { 
/**
 * What it was for: `define`, `refine` (another version of a draft) or `repair`.
 */
task: string, 
/**
 * The id under which it went out.
 */
request_id: string, 
/**
 * The model: by its own word, or as it was asked for when it gave no answer.
 */
model: string, 
/**
 * Version of the prompt.
 */
prompt_version: string, 
/**
 * Version of the rule pack.
 */
pack_version: string, 
/**
 * When it answered; none when it did not.
 */
answered_at: string | null, 
/**
 * Tokens sent.
 */
tokens_in: number, 
/**
 * Tokens received.
 */
tokens_out: number, 
/**
 * The messages, to the letter as they went out.
 */
messages: Array<Message>, 
/**
 * The answer, to the letter as it came in; none when there was none.
 */
answer: string | null, 
/**
 * False for a repair that the draft was not made better by.
 */
used: boolean, };

/**
 * How an experiment stands.
 */
export type ExperimentReport = { 
/**
 * Its name.
 */
name: string, 
/**
 * Whether it runs.
 */
state: ExperimentState, 
/**
 * Percent of the installations that take part.
 */
rollout: number, 
/**
 * The arm of this installation; none when it takes no part.
 */
own_arm: string | null, 
/**
 * The arms; the first one is what the others are compared with.
 */
arms: Array<ArmReport>, 
/**
 * What the figures say of each of the others.
 */
verdicts: Array<Verdict>, };

/**
 * How experiments stand.
 */
export type ExperimentReports = { 
/**
 * What the next draft gets.
 */
prompt: PromptInForce, 
/**
 * Those in the file in force, in its order, and those that are over.
 */
experiments: Array<ExperimentReport>, };

/**
 * Whether an experiment runs.
 */
export type ExperimentState = "running" | "stopped" | "over";

/**
 * Asks how experiments stand.
 */
export type ExperimentsAsk = { 
/**
 * Figures of other computers, from their reports, to be added.
 */
others?: ArmFigures[], };

/**
 * The difference of one field, word by word.
 */
export type FieldDiff = { 
/**
 * Name of the field as in `ConceptFields`, or `status`.
 */
field: string, 
/**
 * Kept, removed and added pieces in reading order.
 */
parts: Array<DiffPart>, };

/**
 * The outcome of one rule.
 */
export type Finding = { 
/**
 * Which rule.
 */
rule: RuleId, 
/**
 * Its level.
 */
level: Level, 
/**
 * What it says.
 */
outcome: Outcome, 
/**
 * The characters (Unicode scalar values) that it is about: first, and one past the last.
 */
span: [number, number] | null, 
/**
 * Why, in Dutch; empty when the rule passes.
 */
reason: string, 
/**
 * A way to mend it, where one can be given.
 */
fix: Fix | null, };

/**
 * A small question that goes out before the definition is asked for.
 */
export type FirstQuestion = { 
/**
 * The model that it goes to.
 */
model: string, 
/**
 * The messages, to the letter.
 */
messages: Array<Message>, 
/**
 * Its tokens.
 */
tokens: number, };

/**
 * A proposed text that keeps the rule.
 */
export type Fix = { 
/**
 * The whole definition after the fix.
 */
text: string, 
/**
 * What was taken out of the definition and belongs in the explanation.
 */
explanation_add: string | null, 
/**
 * What the fix does, for a button, in Dutch.
 */
label: string, };

/**
 * An experiment as the file has it.
 */
export type FlagsExperiment = { 
/**
 * Its name.
 */
name: string, 
/**
 * Percent of the installations that take part.
 */
rollout: number, 
/**
 * The organisations that it holds for; all when empty.
 */
organisations: Array<string>, 
/**
 * Whether it was stopped.
 */
killed: boolean, 
/**
 * Each arm as `name = version`, the one that the others are compared with first.
 */
arms: Array<string>, 
/**
 * The arm of this installation; none when it takes no part.
 */
own_arm: string | null, };

/**
 * A signed file with experiments.
 */
export type FlagsImport = { 
/**
 * The file's text.
 */
content: string, };

/**
 * Which experiments run.
 */
export type FlagsView = { 
/**
 * What the next draft gets.
 */
prompt: PromptInForce, 
/**
 * Number of the file in force; none before the first.
 */
serial: number | null, 
/**
 * When it was made, `YYYY-MM-DD`.
 */
date: string | null, 
/**
 * Who signed it.
 */
signer: string | null, 
/**
 * When it was imported.
 */
imported_at: string | null, 
/**
 * The experiments in it.
 */
experiments: Array<FlagsExperiment>, };

/**
 * What goes along with a question for a definition.
 */
export type GatherSettings = { 
/**
 * Articles, up to 10; 0 for none. Up to 5 go along when the index cannot tell which is meant.
 */
passages: number, 
/**
 * Related concepts, up to 10; 0 for none.
 */
related: number, 
/**
 * Whether a model of embeddings has a say in which articles those are.
 */
rerank: boolean, 
/**
 * Where that model is; empty for the endpoint of the model. The key goes to that server alone.
 */
rerank_url: string, 
/**
 * Its name.
 */
rerank_model: string, };

/**
 * One kept change, with what it changed.
 */
export type HistoryEntry = { 
/**
 * The version that the change made.
 */
version: number, 
/**
 * Who.
 */
author: string, 
/**
 * When.
 */
at: string, 
/**
 * Why; may be empty.
 */
reason: string, 
/**
 * The status after the change.
 */
status: Status, 
/**
 * Field by field against the version before; empty for the first.
 */
changes: Array<FieldDiff>, };

/**
 * How a concept stands on a day.
 */
export type InForce = "now" | "not_yet" | "no_longer";

/**
 * How the program is used in a month.
 */
export type Insight = { 
/**
 * What it took and saved, by day.
 */
costs: Costs, 
/**
 * What became of the drafts that were asked for: `memory`, `disk`, `miss` …, those that were.
 */
fates: Array<NamedCount>, 
/**
 * Rules that failed in new drafts, most often first.
 */
failures: Array<RuleFailures>, 
/**
 * What stands on the disk and in memory now.
 */
storage: Array<StorageUse>, 
/**
 * What runs and waits now.
 */
work: WorkNow, 
/**
 * Months that can be asked for, the latest first: those with calls or questions, the one that is
 * told here, and this month.
 */
months: Array<string>, 
/**
 * Today's month: `YYYY-MM`.
 */
this_month: string, };

/**
 * Asks how the program is used.
 */
export type InsightRequest = { 
/**
 * `YYYY-MM`; this month when left out. Days begin at midnight UTC.
 */
month?: string | null, };

/**
 * What to do with a batch.
 */
export type JobAct = { 
/**
 * Its id.
 */
id: string, 
/**
 * What.
 */
action: JobAction, };

/**
 * What can be done with a batch.
 */
export type JobAction = "start" | "pause" | "cancel" | "retry";

/**
 * Makes a batch of a file.
 */
export type JobCreate = { 
/**
 * The file.
 */
file: JobFile, 
/**
 * Names the batch, a UUID: when there is one with this id, that one is the answer and nothing is
 * made. Left out, a new id is given.
 */
id?: string | null, 
/**
 * Start at once.
 */
start: boolean, };

/**
 * Asks for a batch as a file.
 */
export type JobExport = { 
/**
 * Its id.
 */
id: string, 
/**
 * The form.
 */
format: JobFormat, };

/**
 * A file that the user chose.
 */
export type JobFile = { 
/**
 * Its name, which becomes the batch's.
 */
name: string, 
/**
 * Its bytes in Base64; at most 10 MB.
 */
content: string, };

/**
 * A file to be kept.
 */
export type JobFileOut = { 
/**
 * A name for it.
 */
name: string, 
/**
 * Its media type.
 */
media_type: string, 
/**
 * Its bytes in Base64.
 */
content: string, };

/**
 * Forms of a file with results.
 */
export type JobFormat = "csv" | "xlsx" | "json";

/**
 * A page of rows.
 */
export type JobItemPage = { 
/**
 * The rows in the order of the file.
 */
items: Array<JobItemView>, 
/**
 * How many there are in all.
 */
total: number, };

/**
 * Names a row of a batch.
 */
export type JobItemRef = { 
/**
 * The batch's id.
 */
id: string, 
/**
 * The row's number.
 */
number: number, };

/**
 * How a row stands.
 */
export type JobItemState = "waiting" | "running" | "done" | "failed" | "skipped";

/**
 * A row with what came of it.
 */
export type JobItemView = { 
/**
 * Its number in the file.
 */
number: number, 
/**
 * The earlier row that asked the same: its answer stands here too.
 */
same_as: number | null, 
/**
 * What was asked.
 */
input: DraftInput, 
/**
 * How it stands.
 */
state: JobItemState, 
/**
 * What went wrong.
 */
error: UserError | null, 
/**
 * The draft with its findings and where it came from; not kept as a concept.
 */
draft: DefineResult | null, 
/**
 * The request that was made for it.
 */
request_id: string | null, 
/**
 * When it ended.
 */
ended_at: string | null, };

/**
 * Asks for a page of a batch's rows.
 */
export type JobItems = { 
/**
 * The batch's id.
 */
id: string, 
/**
 * Only rows that stand so.
 */
state?: JobItemState | null, 
/**
 * How many to pass over.
 */
offset: number, 
/**
 * At most so many, 1 to 500.
 */
limit: number, };

/**
 * What a job is for.
 */
export type JobKind = "batch" | "queue";

/**
 * What a file of terms holds.
 */
export type JobPreview = { 
/**
 * Rows that are not blank.
 */
rows: number, 
/**
 * Different questions: as many calls at most, and as many repairs.
 */
questions: number, 
/**
 * Rows with a fault, which are skipped.
 */
faulty: number, 
/**
 * The first rows, at most 50.
 */
first: Array<JobPreviewRow>, 
/**
 * The first rows with a fault, at most 50.
 */
faults: Array<JobPreviewRow>, 
/**
 * Headings of columns that are left out.
 */
unknown: Array<string>, 
/**
 * What the user must know of how the file was read.
 */
notice: UserError | null, };

/**
 * A row of a file of terms.
 */
export type JobPreviewRow = { 
/**
 * Its number in the file; the first row is 1.
 */
number: number, 
/**
 * The term.
 */
term: string, 
/**
 * Where it has its meaning.
 */
context: Context, 
/**
 * Its category.
 */
category: Category | null, 
/**
 * What is wrong with it, in Dutch.
 */
fault: string | null, 
/**
 * An earlier row that asks the same.
 */
same_as: number | null, };

/**
 * Names a batch.
 */
export type JobRef = { 
/**
 * Its id.
 */
id: string, };

/**
 * How a job stands.
 */
export type JobState = "queued" | "running" | "paused" | "done" | "cancelled";

/**
 * A batch, and how it stands. `waiting + running + done + failed + skipped = total`.
 */
export type JobView = { 
/**
 * Its id.
 */
id: string, 
/**
 * What it is for.
 */
kind: JobKind, 
/**
 * Its name.
 */
name: string, 
/**
 * How it stands.
 */
state: JobState, 
/**
 * Why it paused of itself.
 */
halt: UserError | null, 
/**
 * Whether it goes on by itself when the cause is gone and the window is open.
 */
goes_on: boolean, 
/**
 * When it was made.
 */
created_at: string, 
/**
 * When its state changed last.
 */
changed_at: string, 
/**
 * Rows.
 */
total: number, 
/**
 * Rows that are to be asked.
 */
waiting: number, 
/**
 * Rows under way.
 */
running: number, 
/**
 * Rows with a result.
 */
done: number, 
/**
 * Rows with an error.
 */
failed: number, 
/**
 * Rows that are not asked: faulty ones, and the rest of a cancelled batch.
 */
skipped: number, 
/**
 * Different questions among the rows.
 */
questions: number, 
/**
 * Seconds until it is ready, about; none when it does not run here or too little is known.
 */
eta_s: number | null, };

/**
 * Where a key is kept.
 */
export type KeyPlace = "keyring" | "memory" | "environment" | "none";

/**
 * Sets or, when empty, forgets a key.
 */
export type KeyRequest = { 
/**
 * The key.
 */
key: string, };

/**
 * What is known of a key of the user; never the key.
 */
export type KeyState = { 
/**
 * True when a key is there.
 */
present: boolean, 
/**
 * Where it is kept.
 */
place: KeyPlace, };

/**
 * What kind of thing was replaced.
 */
export type Kind = "added" | "party" | "bsn" | "iban" | "email" | "ecli" | "parket" | "case_number" | "document" | "phone" | "plate" | "address" | "postcode" | "birth_date" | "place" | "person";

/**
 * Languages of the screens.
 */
export type Language = "nl" | "en";

/**
 * How heavily a failure weighs.
 */
export type Level = "blocking" | "serious" | "advice";

/**
 * How much of a limit is used.
 */
export type LimitUse = { 
/**
 * Name of the setting: `tokens_per_day`, `eur_per_month` …
 */
name: string, 
/**
 * Tokens or euro used, calls under way at their most.
 */
used: number, 
/**
 * Tokens or euro allowed.
 */
allowed: number, };

/**
 * Whether the user may decide upon a proposal, as far as can be told here; the server has the last
 * word.
 */
export type MayDecide = "yes" | "role" | "own" | "sent";

/**
 * A mean with its 95 % interval.
 */
export type Mean = { 
/**
 * Of how many.
 */
n: number, 
/**
 * The mean.
 */
mean: number, 
/**
 * The interval's lower bound; none below two numbers.
 */
low: number | null, 
/**
 * The interval's upper bound.
 */
high: number | null, };

/**
 * One message of a chat, as it is sent.
 */
export type Message = { 
/**
 * Who speaks.
 */
role: Role, 
/**
 * What is said.
 */
content: string, };

/**
 * An endpoint to start from.
 */
export type ModelPreset = { 
/**
 * Stable name: `central`, `openai`, `azure`, `ollama`, `llama_cpp`.
 */
id: string, 
/**
 * Name on the screen.
 */
name: string, 
/**
 * Base address, with `<…>` where the user fills in.
 */
base_url: string, 
/**
 * A usual model; empty when it depends on the place.
 */
model: string, 
/**
 * How it is spoken to.
 */
flavour: EndpointFlavour, 
/**
 * Azure's `api-version`.
 */
api_version: string, 
/**
 * Whether a key is needed.
 */
needs_key: boolean, };

/**
 * The price of one model.
 */
export type ModelPrice = { 
/**
 * Its name as it is asked for; a `*` at the end stands for any end.
 */
model: string, 
/**
 * Euro for a million tokens sent.
 */
eur_per_million_in: number, 
/**
 * Euro for a million tokens received.
 */
eur_per_million_out: number, 
/**
 * Euro for a million of those sent that the provider had in its own cache; as the others when
 * left out.
 */
eur_per_million_cached?: number | null, };

/**
 * What is known of the model call that wrote a text.
 */
export type ModelProvenance = { 
/**
 * The model as the endpoint named itself in the reply.
 */
model: string, 
/**
 * The endpoint's address without path, user or secret.
 */
endpoint: string, 
/**
 * Version of the prompt template.
 */
prompt_version: string, 
/**
 * Version of the rule pack that the text was checked against.
 */
pack_version: string, 
/**
 * When the model answered; for a cached answer, when it was first given.
 */
answered_at: string, 
/**
 * True when the answer came from the response cache.
 */
cached: boolean, 
/**
 * Tokens sent, as the endpoint or else our own count says.
 */
tokens_in: number, 
/**
 * Tokens received.
 */
tokens_out: number, 
/**
 * Calls to the model that this text took: 0 cached, 1 plain, 2 with a repair.
 */
calls: number, 
/**
 * The definition as the model gave it, before any person changed it.
 */
original_text: string, 
/**
 * Leads to what was asked and answered, word for word; none for a text of before that was kept.
 */
exchange?: ExchangeRef, };

/**
 * The model endpoint.
 */
export type ModelSettings = { 
/**
 * Base address, for instance `https://api.openai.com/v1`; empty when none is configured.
 */
base_url: string, 
/**
 * Model or, on Azure, deployment.
 */
model: string, 
/**
 * How the endpoint is spoken to.
 */
flavour: EndpointFlavour, 
/**
 * Azure's `api-version`; unused elsewhere.
 */
api_version: string, 
/**
 * 0 to 2.
 */
temperature: number, 
/**
 * At most this many tokens in a reply.
 */
max_reply_tokens: number, 
/**
 * Seconds to connect, between two pieces of text, and in all.
 */
connect_timeout_s: number, 
/**
 * See `connect_timeout_s`.
 */
idle_timeout_s: number, 
/**
 * See `connect_timeout_s`.
 */
total_timeout_s: number, 
/**
 * Address of a proxy; empty for the system's own.
 */
proxy: string, 
/**
 * Path of a PEM file with certificates to trust besides the system's.
 */
ca_file: string, };

/**
 * States of the model.
 */
export type ModelState = "not_configured" | "unknown" | "ready" | "offline";

/**
 * How the model stands, as far as known without asking it.
 */
export type ModelStatus = { 
/**
 * The state.
 */
state: ModelState, 
/**
 * Host of the endpoint; none when not configured.
 */
host: string | null, 
/**
 * The model's name as configured.
 */
model: string, 
/**
 * True when the endpoint is the included demonstration.
 */
demonstration: boolean, };

/**
 * What the test button found.
 */
export type ModelTestResult = { 
/**
 * True when a definition could be asked for.
 */
ok: boolean, 
/**
 * The steps that were tried, in order, with what each found.
 */
steps: Array<DoctorCheck>, };

/**
 * How often something was so.
 */
export type NamedCount = { 
/**
 * What.
 */
name: string, 
/**
 * How often.
 */
count: number, };

/**
 * Something that the user must know, told once.
 */
export type Notice = { 
/**
 * The message, with its code.
 */
message: UserError, };

/**
 * What the cache did for one organisation since the program started.
 */
export type OrganisationStats = { 
/**
 * Its name.
 */
organisation: string, 
/**
 * Requests asked of the cache.
 */
requests: number, 
/**
 * Answered from memory.
 */
hits_memory: number, 
/**
 * Answered from disk.
 */
hits_disk: number, 
/**
 * Answered with an outdated entry because no model could be asked.
 */
stale: number, 
/**
 * Not there.
 */
misses: number, 
/**
 * Not looked up on purpose.
 */
bypassed: number, 
/**
 * Joined a call under way.
 */
coalesced: number, 
/**
 * Tokens not sent again.
 */
tokens_saved: number, 
/**
 * See [`CacheStats::eur_saved`].
 */
eur_saved: number | null, };

/**
 * The kind of origin of a text.
 */
export type Origin = "starter_set" | "person" | "model" | "import" | "statute";

/**
 * A concept beside an example; in the example's context unless it names one.
 */
export type Other = { 
/**
 * Its term.
 */
term: string, 
/**
 * Its definition.
 */
definition: string, 
/**
 * Its synonyms.
 */
synonyms: Array<string>, 
/**
 * Its category.
 */
category: Category | null, 
/**
 * Its context.
 */
organisations: string[], 
/**
 * Its context.
 */
legal_areas: string[], 
/**
 * Its context.
 */
statutory_bases: string[], };

/**
 * What a rule says of a text.
 */
export type Outcome = "pass" | "fail" | "needs_person";

/**
 * One section of the outgoing request.
 */
export type OutgoingSection = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its tokens.
 */
tokens: number, 
/**
 * True when the budget left no room for it.
 */
dropped: boolean, };

/**
 * Two versions to compare.
 */
export type PackCompare = { 
/**
 * The version before.
 */
from: string, 
/**
 * The version after.
 */
to: string, };

/**
 * What differs between two versions.
 */
export type PackDiff = { 
/**
 * The version before.
 */
from: string, 
/**
 * The version after.
 */
to: string, 
/**
 * Rules that only the version after has.
 */
added: Array<RuleView>, 
/**
 * Rules that only the version before has.
 */
removed: Array<RuleView>, 
/**
 * Rules that both have and that say something else.
 */
changed: Array<RuleChange>, };

/**
 * A version of the rules as a file.
 */
export type PackFile = { 
/**
 * A name for the file.
 */
name: string, 
/**
 * Its text.
 */
content: string, };

/**
 * Which of the user's own concepts get another outcome from a version.
 */
export type PackImpact = { 
/**
 * The version, against the one in force.
 */
version: string, 
/**
 * Own concepts that were checked: neither of the starter set nor withdrawn.
 */
checked: number, 
/**
 * How many of them get another outcome.
 */
changed: number, 
/**
 * Those, latest change first; at most 200.
 */
concepts: Array<ConceptImpact>, };

/**
 * A file with a version of the rules.
 */
export type PackImport = { 
/**
 * The file's text, at most 4 MB.
 */
content: string, };

/**
 * A version of the rules.
 */
export type PackRef = { 
/**
 * Its name; the version in force when left out.
 */
version?: string | null, };

/**
 * A version of the rules on this computer.
 */
export type PackView = { 
/**
 * Its name.
 */
version: string, 
/**
 * When it was made, `YYYY-MM-DD`.
 */
date: string, 
/**
 * Rules in it.
 */
rules: number, 
/**
 * What changed against the one before, Dutch, a line each.
 */
changelog: Array<string>, 
/**
 * `built_in`, `imported`, or `published` when the central server has put it in force.
 */
origin: string, 
/**
 * Who signed it: name and fingerprint of the key; `Begrip` for one that came with the program.
 */
signer: string, 
/**
 * Whether it is in force.
 */
active: boolean, 
/**
 * True when it is damaged and cannot be put in force.
 */
damaged: boolean, 
/**
 * When it was imported.
 */
imported_at: string | null, };

/**
 * An article that fits.
 */
export type PassageHit = { 
/**
 * BWB id or ECLI.
 */
id: string, 
/**
 * `law` or `decision`.
 */
kind: string, 
/**
 * Citation title, or the court.
 */
title: string, 
/**
 * The article's number.
 */
number: string, 
/**
 * Where it stands.
 */
path: string, 
/**
 * The part of it that fits best, in whole sentences.
 */
text: string, 
/**
 * Its standard address.
 */
address: string, 
/**
 * How it is cited.
 */
citation: Citation, 
/**
 * First day of this text; none when that is not known.
 */
valid_from: string | null, };

/**
 * Some words to find articles by.
 */
export type PassageSearch = { 
/**
 * The words.
 */
query: string, 
/**
 * The day on which the articles held, `YYYY-MM-DD`; today when left out.
 */
date?: string | null, 
/**
 * At most this many, 1 to 50; 10 when left out.
 */
limit?: number | null, };

/**
 * What would leave the machine for this input.
 */
export type PreviewResponse = { 
/**
 * The messages, to the letter.
 */
messages: Array<Message>, 
/**
 * The host they go to; none when no model is configured.
 */
host: string | null, 
/**
 * The model they go to.
 */
model: string, 
/**
 * Tokens of the whole request.
 */
tokens: number, 
/**
 * The hard limit.
 */
budget: number, 
/**
 * What the request is made of, dropped sections included.
 */
sections: Array<OutgoingSection>, 
/**
 * Estimated cost in euro, reply included; none when the model has no price.
 */
cost_eur: number | null, 
/**
 * True when the answer stands in the cache and nothing would be sent.
 */
cached: boolean, 
/**
 * Concepts that may be the same.
 */
duplicates: Array<DuplicateHit>, 
/**
 * The category that is assumed, when none was chosen.
 */
assumed: AssumedCategory | null, 
/**
 * A small question that goes first; what it comes to can still change the request.
 */
first: FirstQuestion | null, 
/**
 * The notes before and after.
 */
privacy: Pseudonymised, 
/**
 * The wish before and after, when another version is asked for.
 */
wish: Pseudonymised | null, 
/**
 * Citations and terms of what would go along but names somebody or a case.
 */
held_back: Array<string>, };

/**
 * What the calls to a model cost.
 */
export type Prices = { 
/**
 * One for each model; a model without one counts as free.
 */
models: Array<ModelPrice>, };

/**
 * What is known of a case, and what the user decided about its text.
 */
export type PrivacyChoices = { 
/**
 * Known parties, each as a line: `verdachte: Jan Jansen`, or the name alone.
 */
parties: Array<string>, 
/**
 * Texts that are replaced as well, wherever they stand.
 */
also: Array<string>, 
/**
 * Texts that were found and may go out as they are.
 */
let_out: Array<string>, };

/**
 * What says which version of the prompt is used.
 */
export type PromptBy = "program" | "flags" | "experiment";

/**
 * Which version of the prompt the next draft gets, and why.
 */
export type PromptInForce = { 
/**
 * The version.
 */
version: string, 
/**
 * What says so.
 */
by: PromptBy, 
/**
 * The experiment, when it is one that says so.
 */
experiment: string | null, 
/**
 * The arm of that experiment.
 */
arm: string | null, };

/**
 * A proposal with the text that it is about.
 */
export type ProposalView = { 
/**
 * The concept.
 */
id: ConceptId, 
/**
 * What is asked.
 */
asks: ReviewAsks, 
/**
 * Names the text, for [`ReviewAct::seen`].
 */
text: string, 
/**
 * Its term.
 */
term: string, 
/**
 * Its context.
 */
context: Context, 
/**
 * Its category.
 */
category: Category | null, 
/**
 * Its definition.
 */
definition: string, 
/**
 * Its explanation.
 */
explanation: string, 
/**
 * The definition whose place it takes; `null` when there is none.
 */
before: string | null, 
/**
 * On which days it is to hold.
 */
validity: Validity, 
/**
 * On which days the text holds whose place it takes; `null` when there is none.
 */
validity_before: Validity | null, 
/**
 * Who proposed it.
 */
proposed: SignatureView, 
/**
 * The version of the rules that this computer checks by.
 */
pack: string, 
/**
 * The rules that the text breaks, as this computer finds.
 */
failing: Array<ReviewFinding>, 
/**
 * The model that drafted it; empty when a person wrote it.
 */
model: string, 
/**
 * What was said of it.
 */
comments: Array<CommentView>, 
/**
 * Why it was sent back; `null` while it waits.
 */
returned: SignatureView | null, 
/**
 * Whether it belongs to the user's own organisation.
 */
own: boolean, 
/**
 * Whether the user may decide.
 */
decide: MayDecide, };

/**
 * Where a concept's text came from and who brought it in.
 */
export type Provenance = { 
/**
 * What kind of origin the text has.
 */
origin: Origin, 
/**
 * Who brought it in: a person's name or account, or `Begrip` for the starter set.
 */
author: string, 
/**
 * The model call, when a model wrote the first text; kept when a person edits it after.
 */
model: ModelProvenance | null, };

/**
 * Asks what would be replaced in a text. Nothing is kept and nothing leaves the machine.
 */
export type PseudonymiseRequest = { 
/**
 * The text, at most 20,000 characters.
 */
text: string, 
/**
 * What is known of the case.
 */
privacy: PrivacyChoices, };

/**
 * A text before and after. For the user's own screen: it holds what is replaced.
 */
export type Pseudonymised = { 
/**
 * The text as typed.
 */
before: string, 
/**
 * The text as it goes out.
 */
after: string, 
/**
 * What is replaced, in the order of the text.
 */
replaced: Array<ReplacedText>, };

/**
 * A placeholder in an answer, and what was put back for it.
 */
export type PutBack = { 
/**
 * The placeholder, with its brackets.
 */
placeholder: string, 
/**
 * What was put back.
 */
original: string, };

/**
 * Asks for another version of a draft. What identifies somebody in these texts is replaced before
 * they go out.
 */
export type Refinement = { 
/**
 * The rounds so far, the oldest first, at least one and at most 50: the wish is about the last
 * one's definition. The last three go along as far as there is room.
 */
turns: Array<DraftTurn>, 
/**
 * What should be other, at most 1,000 characters.
 */
wish: string, };

/**
 * How much was removed.
 */
export type Removed = { 
/**
 * Entries removed.
 */
entries: number, };

/**
 * One place where something is replaced.
 */
export type ReplacedText = { 
/**
 * First character in the text as typed.
 */
start: number, 
/**
 * One past the last.
 */
end: number, 
/**
 * First character of the placeholder in the text as it goes out.
 */
start_after: number, 
/**
 * One past the last.
 */
end_after: number, 
/**
 * What it is.
 */
kind: Kind, 
/**
 * What stood there.
 */
original: string, 
/**
 * What stands there now; the same for the same person or thing.
 */
placeholder: string, };

/**
 * A model's answer, read.
 */
export type Reply = { 
/**
 * The definition on one line; never empty, at most [`Reply::MAX_DEFINITION`] characters.
 */
definition: string, 
/**
 * What it means in plain Dutch; empty when the model gave none.
 */
explanation: string, 
/**
 * Cases that fall under it, at most [`Reply::MAX_ITEMS`].
 */
examples: Array<string>, 
/**
 * Cases that look like it and do not fall under it, at most [`Reply::MAX_ITEMS`].
 */
counter_examples: Array<string>, 
/**
 * Other words for the same, at most [`Reply::MAX_ITEMS`].
 */
synonyms: Array<string>, 
/**
 * Terms that mean the opposite, at most [`Reply::MAX_ITEMS`].
 */
antonyms: Array<string>, };

/**
 * What every rule of a pack says of a text.
 */
export type Report = { 
/**
 * The pack that was asked.
 */
pack_version: string, 
/**
 * One finding for each rule, in the pack's order.
 */
findings: Array<Finding>, 
/**
 * 0 to 1: the share of rules that do not fail, weighed by level. 0 for an empty text, at most
 * 0.5 while a blocking rule fails.
 */
score: number, };

/**
 * Takes a concept back to an earlier revision, as a new version.
 */
export type RevertConcept = { 
/**
 * The concept.
 */
id: ConceptId, 
/**
 * The version whose text comes back.
 */
to_version: number, 
/**
 * The version that the user sees now.
 */
base_version: number, };

/**
 * A step of a review.
 */
export type ReviewAct = { 
/**
 * The concept.
 */
id: ConceptId, 
/**
 * What is done.
 */
step: ReviewStep, 
/**
 * Why, or what is said; needed to reject and to comment.
 */
reason: string, 
/**
 * The field that is commented upon.
 */
field: string | null, 
/**
 * The text that the user saw ([`ProposalView::text`]); absent for the one that stands here now.
 */
seen: string | null, };

/**
 * What a reviewer is asked for.
 */
export type ReviewAsks = "establish" | "replace" | "withdraw";

/**
 * A rule that a text breaks.
 */
export type ReviewFinding = { 
/**
 * The rule's id.
 */
rule: string, 
/**
 * Whether it keeps the text from being established.
 */
blocking: boolean, 
/**
 * Why, in Dutch.
 */
reason: string, };

/**
 * Everything about review on this computer, by the latest sync.
 */
export type ReviewInbox = { 
/**
 * Whether a central server is set up.
 */
configured: boolean, 
/**
 * The user's name on the server; empty before the first sync.
 */
account: string, 
/**
 * Their organisation.
 */
organisation: string, 
/**
 * Their role: `reader`, `author`, `reviewer` or `administrator`.
 */
role: string, 
/**
 * What waits for a reviewer, the latest first.
 */
waiting: Array<ProposalView>, 
/**
 * What was sent back to the own organisation, the latest first.
 */
returned: Array<ProposalView>, 
/**
 * The user's own steps that wait for the server or that it did not take.
 */
steps: Array<StepView>, };

/**
 * Something that became of a proposal of the user's, and that the user has not seen yet.
 */
export type ReviewNews = { 
/**
 * Names it, for [`ReviewSeen`].
 */
number: number, 
/**
 * The concept.
 */
id: ConceptId, 
/**
 * Its term.
 */
term: string, 
/**
 * What became of it.
 */
kind: ReviewNewsKind, };

/**
 * What became of a proposal of the user's.
 */
export type ReviewNewsKind = "established" | "withdrawn" | "returned" | "commented";

/**
 * Why the server did not take a step.
 */
export type ReviewProblem = "own_text" | "blocking" | "other_rules" | "text_changed" | "not_now" | "not_allowed" | "unknown";

/**
 * What the user has seen.
 */
export type ReviewSeen = { 
/**
 * The numbers of the [`ReviewNews`].
 */
numbers: Array<number>, };

/**
 * What is done in a review.
 */
export type ReviewStep = "revise" | "propose" | "propose_withdrawal" | "retract" | "accept" | "reject" | "comment";

/**
 * Who speaks in a chat.
 */
export type Role = "system" | "user" | "assistant";

/**
 * What it saved that not every question went to the main model.
 */
export type RoutingSaved = { 
/**
 * Small questions that a rule answered: each was allowed and not kept, and is counted once in the
 * time for which its answer would have been kept, however often its term was drafted.
 */
by_rule: number, 
/**
 * Those that the concepts on this computer answered.
 */
by_index: number, 
/**
 * Calls for small questions.
 */
small_calls: number, 
/**
 * Calls of other models than the main one, for any task.
 */
other_models: number, 
/**
 * What the same tokens would have cost more with the main model, at the prices of today; less
 * than nothing when the others are dearer. None when a price is missing.
 */
eur_models: number | null, 
/**
 * What the answered questions would have cost as small calls, at the mean of those of this
 * month; none when there was none with a price.
 */
eur_decided: number | null, };

/**
 * Which model does what. All are asked of the one endpoint; only model and time differ.
 */
export type RoutingSettings = { 
/**
 * A definition with what goes with it.
 */
define: TaskRoute, 
/**
 * A definition that breaks blocking rules, mended; an empty model means the one that wrote it,
 * which also mends when this one does not answer.
 */
repair: TaskRoute, 
/**
 * Category and search words, where rules and index do not decide.
 */
prepare: TaskRoute, 
/**
 * Whether that may take a call. Off: what rules and index do not decide stays undecided.
 */
small_calls: boolean, 
/**
 * The model that drafts when that of `define` is unknown, fails or takes too long, and mends when
 * the one that wrote does; empty for none.
 */
fallback_model: string, };

/**
 * A rule that says something else.
 */
export type RuleChange = { 
/**
 * The rule.
 */
id: RuleId, 
/**
 * Its title in the version after.
 */
title: string, 
/**
 * What changed, field by field.
 */
fields: Array<RuleFieldChange>, };

/**
 * In how many new drafts a rule failed.
 */
export type RuleFailures = { 
/**
 * Its id.
 */
rule: string, 
/**
 * Its title; empty when the rules in force do not have it.
 */
title: string, 
/**
 * Its level: `blocking`, `serious`, `advice`.
 */
level: string, 
/**
 * How many drafts.
 */
drafts: number, };

/**
 * A field of a rule that says something else.
 */
export type RuleFieldChange = { 
/**
 * `level`, `title`, `why`, `question`, `instruction`, `categories`, `sources`, `check` (the words
 * and numbers that the rule looks for), `good` or `bad`.
 */
field: string, 
/**
 * Kept, removed and added pieces in reading order.
 */
parts: Array<DiffPart>, };

/**
 * The id of a rule, as the justice chain knows it: `STR-01`.
 */
export type RuleId = string;

/**
 * A text to try on one rule. Nothing is kept.
 */
export type RuleTry = { 
/**
 * The rule's id.
 */
rule: string, 
/**
 * Of which version; the one in force when left out.
 */
version?: string | null, 
/**
 * The term; may be empty.
 */
term: string, 
/**
 * The definition.
 */
text: string, 
/**
 * The chosen context.
 */
context: Context, 
/**
 * The chosen category.
 */
category?: Category | null, 
/**
 * Whether a source is recorded; unknown for a pasted text.
 */
has_source?: boolean | null, 
/**
 * Synonyms of the term.
 */
synonyms?: string[], 
/**
 * Concepts to compare with, as those of an example; the concepts of the store when empty.
 */
others?: Other[], };

/**
 * A rule as the screens show it.
 */
export type RuleView = { 
/**
 * The id.
 */
id: RuleId, 
/**
 * How heavily a failure weighs.
 */
level: Level, 
/**
 * A few words.
 */
title: string, 
/**
 * Why the rule is there.
 */
why: string, 
/**
 * What a person asks of a text.
 */
question: string, 
/**
 * The line for the prompt.
 */
instruction: string, 
/**
 * Categories that the rule is about; empty for all.
 */
categories: Array<Category>, 
/**
 * Texts that keep the rule.
 */
good: Array<Example>, 
/**
 * Texts that break it.
 */
bad: Array<Example>, 
/**
 * Where the rule comes from.
 */
sources: Array<string>, };

/**
 * Keeps a concept: a new one, or a change of an existing one.
 */
export type SaveConcept = { 
/**
 * The concept to change; left out for a new one.
 */
id?: ConceptId | null, 
/**
 * The version that the change was based on; required with `id`.
 */
base_version?: number | null, 
/**
 * The new text.
 */
fields: ConceptFields, 
/**
 * Why; may be empty.
 */
reason: string, 
/**
 * The draft that this text came from (`DefineResult::draft_id`), so that its model
 * provenance is kept with it.
 */
draft_id?: string | null, 
/**
 * Keep it although the same term and context exist; the user said why in `reason`.
 */
accept_duplicate: boolean, };

/**
 * What became of a save.
 */
export type SaveOutcome = { "outcome": "kept", 
/**
 * The concept as it now stands.
 */
view: ConceptView, } | { "outcome": "stale", 
/**
 * What stands in the store now.
 */
current: Concept, } | { "outcome": "duplicate", 
/**
 * Those that exist.
 */
hits: Array<DuplicateHit>, };

/**
 * One hit.
 */
export type SearchHit = { 
/**
 * The concept.
 */
id: ConceptId, 
/**
 * Its term.
 */
term: string, 
/**
 * The synonym that matched, when it was a synonym.
 */
synonym: string | null, 
/**
 * Its context, for telling homonyms apart.
 */
context: Context, 
/**
 * Its category, when chosen.
 */
category: Category | null, 
/**
 * Its editorial status.
 */
status: Status, 
/**
 * Where it came from.
 */
origin: Origin, 
/**
 * The definition, shortened to whole words.
 */
snippet: string, 
/**
 * What matched: `term`, `synonym`, `definition` or `explanation`.
 */
matched: string, 
/**
 * True when term or synonym equals the query but for case and inflection.
 */
exact: boolean, 
/**
 * On which days it holds.
 */
validity: Validity, 
/**
 * How it stands today.
 */
in_force: InForce, };

/**
 * A search while typing.
 */
export type SearchRequest = { 
/**
 * What was typed so far; empty gives no hits.
 */
query: string, 
/**
 * At most this many hits, 1 to 100; 20 when left out.
 */
limit?: number, 
/**
 * Only what holds on this day, `2026-01-31`; left out, everything is found, and what does not
 * hold today comes last.
 */
valid_on?: string | null, };

/**
 * Ranked hits: exact term, status, own context, then text.
 */
export type SearchResponse = { 
/**
 * The query that was answered, so that a late answer can be told from the current one.
 */
query: string, 
/**
 * Best first.
 */
hits: Array<SearchHit>, };

/**
 * A batch on the server. `queued + running + done + failed = total`.
 */
export type ServerJob = { 
/**
 * Its id.
 */
id: string, 
/**
 * Its name.
 */
name: string, 
/**
 * The model that is asked.
 */
model: string, 
/**
 * How it stands.
 */
state: ServerJobState, 
/**
 * Whether the user made it, and not somebody else of the organisation.
 */
own: boolean, 
/**
 * Why nothing of it is asked now.
 */
halt: ServerJobTold | null, 
/**
 * Why the server itself ended it.
 */
ended: ServerJobEnded | null, 
/**
 * When it was made.
 */
created_at: string, 
/**
 * Rows.
 */
total: number, 
/**
 * Rows that wait.
 */
queued: number, 
/**
 * Rows under way.
 */
running: number, 
/**
 * Rows with a definition.
 */
done: number, 
/**
 * Rows with an error; of a batch that was stopped, the rows that were not asked too.
 */
failed: number, 
/**
 * Different questions among the rows.
 */
questions: number, 
/**
 * Whole seconds until it is ready, about; none when too little is known.
 */
eta_s: number | null, };

/**
 * What to do with a batch on the server.
 */
export type ServerJobAct = { 
/**
 * Its id.
 */
id: string, 
/**
 * What.
 */
action: ServerJobAction, };

/**
 * What can be done with a batch on the server.
 */
export type ServerJobAction = "cancel" | "retry";

/**
 * Has the central server make definitions of the terms of a file.
 */
export type ServerJobCreate = { 
/**
 * The file.
 */
file: JobFile, 
/**
 * Names the wish: with the same key and file it is one batch, however often it is asked. Left
 * out, it is asked this once.
 */
key?: string | null, };

/**
 * A definition that the server made.
 */
export type ServerJobDraft = { 
/**
 * What the model wrote.
 */
reply: ServerJobReply, 
/**
 * The outcome of every rule, by the server's rules.
 */
report: Report, 
/**
 * Where it comes from.
 */
provenance: ServerJobOrigin, };

/**
 * Why the server ended a batch.
 */
export type ServerJobEnded = { 
/**
 * The server's name for it.
 */
error: string, 
/**
 * Why, in Dutch.
 */
message: string, 
/**
 * The same in English.
 */
english: string, 
/**
 * Why nothing of it was asked then.
 */
last: ServerJobTold | null, };

/**
 * Where a definition of the server comes from.
 */
export type ServerJobOrigin = { 
/**
 * The model.
 */
model: string, 
/**
 * How the answer came, in the server's word.
 */
from: string, };

/**
 * A page of rows.
 */
export type ServerJobPage = { 
/**
 * The rows in the order of the file.
 */
rows: Array<ServerJobRow>, 
/**
 * After which number the next page begins; none after the last one.
 */
next: number | null, };

/**
 * What the model wrote of it.
 */
export type ServerJobReply = { 
/**
 * The definition.
 */
definition: string, };

/**
 * A row with what came of it.
 */
export type ServerJobRow = { 
/**
 * Its number in the file.
 */
number: number, 
/**
 * The earlier row that asked the same: its answer stands here too.
 */
same_as: number | null, 
/**
 * The term.
 */
term: string, 
/**
 * Where it has its meaning.
 */
context: Context, 
/**
 * Its category.
 */
category: Category | null, 
/**
 * How it stands.
 */
state: ServerRowState, 
/**
 * Why there is no definition.
 */
error: ServerJobTold | null, 
/**
 * The definition.
 */
draft: ServerJobDraft | null, };

/**
 * Asks for a page of the rows of a batch on the server.
 */
export type ServerJobRows = { 
/**
 * The batch's id.
 */
id: string, 
/**
 * Only rows that stand so.
 */
state?: ServerRowState | null, 
/**
 * Rows after this number.
 */
after: number, 
/**
 * At most so many, 1 to 500.
 */
limit: number, };

/**
 * How a batch on the server stands.
 */
export type ServerJobState = "queued" | "running" | "done" | "cancelled";

/**
 * What the server says went wrong.
 */
export type ServerJobTold = { 
/**
 * The server's name for it.
 */
error: string, 
/**
 * What went wrong, in Dutch, with what to do.
 */
message: string, 
/**
 * The same in English.
 */
english: string, 
/**
 * Until when the server waits before it tries again.
 */
until: string | null, };

/**
 * How a row on the server stands.
 */
export type ServerRowState = "queued" | "running" | "done" | "failed";

/**
 * The central server, with which concepts are shared.
 */
export type ServerSettings = { 
/**
 * Its address, for instance `https://begrip.example`; empty when there is none.
 */
url: string, 
/**
 * Path of a PEM file with certificates to trust besides the system's.
 */
ca_file: string, };

/**
 * Everything that the user can set. Holds no secret.
 */
export type Settings = { 
/**
 * Name and screen.
 */
user: UserSettings, 
/**
 * The model endpoint.
 */
model: ModelSettings, 
/**
 * The response cache.
 */
cache: CacheSettings, 
/**
 * Limits on what a draft may use.
 */
budgets: Budgets, 
/**
 * What models cost.
 */
prices: Prices, 
/**
 * Batches of terms.
 */
batch: BatchSettings, 
/**
 * Which model does what.
 */
routing: RoutingSettings, 
/**
 * What goes along with a question.
 */
gather: GatherSettings, 
/**
 * What is told to whoever looks after the workstations.
 */
telemetry: TelemetrySettings, 
/**
 * The central server.
 */
server: ServerSettings, };

/**
 * The settings with what is known about them.
 */
export type SettingsView = { 
/**
 * As kept.
 */
settings: Settings, 
/**
 * The model endpoint that is in force: the settings', or what the environment lays over it.
 */
effective_model: ModelSettings, 
/**
 * Names of environment variables that overrule the model settings.
 */
overruled_by: Array<string>, 
/**
 * What is known of the model key.
 */
key: KeyState, 
/**
 * What is known of the telemetry.
 */
telemetry: TelemetryState, 
/**
 * Endpoints to start from.
 */
presets: Array<ModelPreset>, };

/**
 * Ends a conflict. What is not chosen stays in the history.
 */
export type SettleConflict = { 
/**
 * The concept.
 */
id: ConceptId, 
/**
 * Which text holds.
 */
take: Side, 
/**
 * Fields for which the other text holds.
 */
except: Array<string>, };

/**
 * A part of a whole with its 95 % interval.
 */
export type Share = { 
/**
 * How many.
 */
part: number, 
/**
 * Of how many.
 */
whole: number, 
/**
 * 0 to 1.
 */
share: number, 
/**
 * The interval's lower bound, 0 to `share`.
 */
low: number, 
/**
 * The interval's upper bound, `share` to 1.
 */
high: number, };

/**
 * Shares a concept, or shares it more widely.
 */
export type ShareConcept = { 
/**
 * The concept.
 */
id: ConceptId, } & ({ "with": "organisation" } | { "with": "named", 
/**
 * Their names.
 */
organisations: Array<string>, } | { "with": "chain" });

/**
 * With whom a concept is shared.
 */
export type ShareWith = { "with": "organisation" } | { "with": "named", 
/**
 * Their names.
 */
organisations: Array<string>, } | { "with": "chain" };

/**
 * One of two texts.
 */
export type Side = "mine" | "theirs";

/**
 * A sign-in that waits for the browser.
 */
export type SignInBegun = { 
/**
 * The page where the user signs in.
 */
address: string, 
/**
 * Whether a browser was opened on it.
 */
opened: boolean, };

/**
 * Begins to sign in.
 */
export type SignInRequest = { 
/**
 * Open the page in the system's browser.
 */
open: boolean, };

/**
 * Who did something, and when by the server's clock.
 */
export type SignatureView = { 
/**
 * Name of the account.
 */
by: string, 
/**
 * Its organisation.
 */
organisation: string, 
/**
 * When.
 */
at: string, 
/**
 * In their own words; may be empty.
 */
reason: string, };

/**
 * An article as it read on a day.
 */
export type SourceArticle = { 
/**
 * The law with its versions.
 */
source: SourceRow, 
/**
 * The version of that day.
 */
version: SourceVersionRow, 
/**
 * The article's number.
 */
number: string, 
/**
 * Where it stands.
 */
path: string, 
/**
 * What it says, a line each.
 */
text: string, 
/**
 * Its standard address.
 */
address: string, 
/**
 * How it is cited.
 */
citation: Citation, };

/**
 * Which article is asked for.
 */
export type SourceArticleRequest = { 
/**
 * BWB id, ECLI, citation title or abbreviation.
 */
source: string, 
/**
 * The article's number, or that of a decision's paragraph.
 */
article: string, 
/**
 * The day, `YYYY-MM-DD`; today when left out.
 */
date?: string | null, };

/**
 * The contents of a law on a day.
 */
export type SourceContents = { 
/**
 * The law with its versions.
 */
source: SourceRow, 
/**
 * The version of that day.
 */
version: SourceVersionRow, 
/**
 * Its articles, in order.
 */
articles: Array<SourceLine>, };

/**
 * Which contents are asked for.
 */
export type SourceContentsRequest = { 
/**
 * BWB id, ECLI, citation title or abbreviation.
 */
source: string, 
/**
 * The day, `YYYY-MM-DD`; today when left out.
 */
date?: string | null, };

/**
 * A file.
 */
export type SourceFile = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its bytes, in base64.
 */
content: string, };

/**
 * A line of a law's contents.
 */
export type SourceLine = { 
/**
 * The article's number.
 */
number: string, 
/**
 * Where it stands: headings from outside in.
 */
path: string, 
/**
 * How it begins.
 */
start: string, };

/**
 * What became of a file, or of one in a zip.
 */
export type SourceOutcome = { 
/**
 * The file's name.
 */
file: string, 
/**
 * `new`, `unchanged` or `refused`.
 */
outcome: string, 
/**
 * `law` or `decision`; empty for one that was refused.
 */
kind: string, 
/**
 * BWB id or ECLI.
 */
id: string, 
/**
 * Citation title, or the court.
 */
title: string, 
/**
 * First day of this text, `YYYY-MM-DD`; none when that is not known.
 */
valid_from: string | null, 
/**
 * Articles or paragraphs in it.
 */
articles: number, 
/**
 * Concepts that the law defines and that are new.
 */
concepts_new: number, 
/**
 * Concepts that got a new text.
 */
concepts_changed: number, 
/**
 * Concepts that the law no longer defines.
 */
concepts_withdrawn: number, 
/**
 * Why it was refused.
 */
error: UserError | null, };

/**
 * A law or decision.
 */
export type SourceRef = { 
/**
 * BWB id, ECLI, citation title or abbreviation.
 */
source: string, };

/**
 * A law or decision on this computer.
 */
export type SourceRow = { 
/**
 * BWB id or ECLI.
 */
id: string, 
/**
 * `law` or `decision`.
 */
kind: string, 
/**
 * Citation title, or the court.
 */
title: string, 
/**
 * Its versions, the latest first.
 */
versions: Array<SourceVersionRow>, };

/**
 * A version of a law.
 */
export type SourceVersionRow = { 
/**
 * First day, `YYYY-MM-DD`; none when that is not known. Of a decision its day.
 */
valid_from: string | null, 
/**
 * Last day, from the law itself or from the version that follows; none when there is no end.
 */
valid_to: string | null, 
/**
 * Articles in it.
 */
articles: number, 
/**
 * Whether it is in force today.
 */
in_force: boolean, 
/**
 * When it was imported.
 */
imported_at: string, };

/**
 * Files with laws or decisions.
 */
export type SourcesImport = { 
/**
 * The files: XML, Markdown, or zip files with those in them.
 */
files: Array<SourceFile>, 
/**
 * Since when laws hold that do not say so themselves, `YYYY-MM-DD`.
 */
valid_from?: string | null, };

/**
 * The editorial status of a concept, as in NL-SBB.
 */
export type Status = "in_preparation" | "proposed" | "established" | "established_in_revision" | "revised_proposed" | "superseded" | "withdrawn";

/**
 * Changes a concept's status: withdraw a draft, or bring it back.
 */
export type StatusChange = { 
/**
 * The concept.
 */
id: ConceptId, 
/**
 * The version that the user sees.
 */
base_version: number, 
/**
 * The new status: `withdrawn` or `in_preparation`.
 */
status: Status, 
/**
 * Why.
 */
reason: string, };

/**
 * A step of the user's own.
 */
export type StepView = { 
/**
 * The concept.
 */
id: ConceptId, 
/**
 * Its term.
 */
term: string, 
/**
 * What was done.
 */
step: ReviewStep, 
/**
 * When, by this computer's clock.
 */
at: string, 
/**
 * Why the server did not take it; `null` while it waits.
 */
problem: ReviewProblem | null, 
/**
 * The rules that stood in the way; of [`ReviewProblem::OtherRules`] the version that a text is established by.
 */
rules: Array<string>, };

/**
 * What something takes.
 */
export type StorageUse = { 
/**
 * `concepts`, `answers`, `memory`, `backups`.
 */
name: string, 
/**
 * Bytes.
 */
bytes: number, 
/**
 * Bytes that it may take; none without a bound.
 */
limit: number | null, };

/**
 * What is needed of some numbers to tell their mean: how many, their sum and that of their squares.
 */
export type Sum = { 
/**
 * How many.
 */
n: number, 
/**
 * Their sum.
 */
total: number, 
/**
 * The sum of their squares.
 */
squares: number, };

/**
 * A concept with changes that the server did not take.
 */
export type SyncConflict = { 
/**
 * The concept.
 */
id: ConceptId, 
/**
 * Its term, as the user sees it.
 */
term: string, 
/**
 * Why.
 */
why: ConflictReason, 
/**
 * Who made the text at the server, and for whom; empty when the server has none.
 */
by: string, 
/**
 * The fields in which both texts differ.
 */
fields: Array<ConflictField>, };

/**
 * What a sync did.
 */
export type SyncReport = { 
/**
 * Changes that got an answer.
 */
pushed: number, 
/**
 * Of those, the ones that were not taken.
 */
not_taken: number, 
/**
 * Concepts that the server told.
 */
pulled: number, 
/**
 * Ranges that were read again because they differed.
 */
repaired: number, 
/**
 * Whether both ends hold the same; `null` when that was not compared.
 */
equal: boolean | null, 
/**
 * How it stands now.
 */
status: SyncStatus, };

/**
 * A sync.
 */
export type SyncRequest = { 
/**
 * Compare the checksums of both ends at the end.
 */
compare: boolean, 
/**
 * The user has seen that very many concepts are withdrawn at once, and wants it so.
 */
accept_withdrawals: boolean, };

/**
 * How sharing with other organisations stands.
 */
export type SyncStatus = { 
/**
 * True when an address and a token are there.
 */
configured: boolean, 
/**
 * The server's address; empty when there is none.
 */
address: string, 
/**
 * For which organisation; empty before the first sync.
 */
organisation: string, 
/**
 * Concepts that are shared.
 */
shared: number, 
/**
 * Changes that wait for the server.
 */
waiting: number, 
/**
 * Concepts with changes that the server did not take.
 */
conflicts: number, 
/**
 * Proposals that wait for the user: to decide upon, or sent back.
 */
to_review: number, 
/**
 * Whether the user is an administrator of the organisation, as the server last said.
 */
administers: boolean, 
/**
 * When a sync last came to its end.
 */
synced_at: string | null, 
/**
 * When this computer and the server were last found to hold the same, by their checksums.
 */
equal_at: string | null, 
/**
 * What kept the latest sync of this program from its end.
 */
error: UserError | null, 
/**
 * What kept this program from taking over the rules or experiments that the server hands out.
 */
published_error: UserError | null, 
/**
 * What became of the user's own proposals and was not seen yet, the latest first.
 */
news: Array<ReviewNews>, };

/**
 * Model and time of a task.
 */
export type TaskRoute = { 
/**
 * Its model; the main model when empty.
 */
model: string, 
/**
 * Seconds that an answer may take in all, up to 600; 0 for the endpoint's own time.
 */
timeout_s: number, };

/**
 * What is told to whoever looks after the workstations: times and error codes, never a text.
 */
export type TelemetrySettings = { 
/**
 * Address of a collector that speaks OTLP over HTTP; empty for none. Gets the time of each step.
 */
otlp_url: string, 
/**
 * Whether errors are sent to the address that the keyring holds.
 */
errors: boolean, };

/**
 * What is known of the telemetry; never its secrets.
 */
export type TelemetryState = { 
/**
 * The environment names the collector, and the setting does not count.
 */
otlp_by_environment: boolean, 
/**
 * What is known of the address for errors.
 */
errors: KeyState, 
/**
 * Steps and errors sent since the start.
 */
sent: number, 
/**
 * Steps and errors since the start that did not get there.
 */
dropped: number, };

/**
 * Size of text on the screens.
 */
export type TextSize = "normal" | "large" | "larger" | "largest";

/**
 * Colours of the screens.
 */
export type Theme = "system" | "light" | "dark" | "high_contrast";

/**
 * What one tier or another cache holds and did.
 */
export type TierStats = { 
/**
 * Entries.
 */
entries: number, 
/**
 * Bytes.
 */
bytes: number, 
/**
 * Bytes that it may hold.
 */
limit: number, 
/**
 * Entries pushed out by size.
 */
evicted: number, 
/**
 * Look-ups since the start that found something.
 */
hits: number, 
/**
 * Look-ups since the start that found nothing.
 */
misses: number, };

/**
 * What happened to a shared concept.
 */
export type TrailEntry = { 
/**
 * The version that came of it.
 */
version: number, 
/**
 * What happened: `made`, `changed`, `withdrawn`, `revised`, `proposed`, `retracted`, `accepted`,
 * `rejected`, `commented`, `replaced` or `unknown`.
 */
act: string, 
/**
 * Who, and when.
 */
signature: SignatureView, 
/**
 * In which role.
 */
role: string, 
/**
 * The status before; empty for the first text.
 */
from: string, 
/**
 * The status after.
 */
to: string, 
/**
 * Which fields changed or were commented upon.
 */
fields: Array<string>, 
/**
 * The versions of the rules that checked it: the workstation's and the server's.
 */
packs: Array<string>, 
/**
 * The rules that the text broke, by either check.
 */
failing: Array<ReviewFinding>, 
/**
 * The model that drafted it, with its version of the prompt; empty when a person wrote it.
 */
model: string, 
/**
 * The hash that binds the entry to all before it.
 */
hash: string, };

/**
 * The trail of a concept as a file.
 */
export type TrailExport = { 
/**
 * The concept.
 */
id: ConceptId, 
/**
 * In which form.
 */
format: TrailFormat, };

/**
 * A form of a file.
 */
export type TrailFormat = "json" | "html";

/**
 * An error as a user sees it. Never holds a secret, a file's content or the text of a case.
 */
export type UserError = { 
/**
 * Stable code, `BG-` and three digits.
 */
code: string, 
/**
 * What happened.
 */
message: Bilingual, 
/**
 * What to do now.
 */
action: Bilingual, 
/**
 * A detail for whoever helps the user, such as a file's name or a field; may be empty.
 */
detail: string, };

/**
 * Who works here and how the screen looks.
 */
export type UserSettings = { 
/**
 * The name under which changes are kept; the account's name when empty.
 */
name: string, 
/**
 * The own context: goes first in search and is filled in for a new draft.
 */
own_context: Context, 
/**
 * Language of the screens.
 */
language: Language, 
/**
 * Colours.
 */
theme: Theme, 
/**
 * Size of text.
 */
text_size: TextSize, };

/**
 * On which days a concept holds (`dcterms:valid`): from the first up to and including the last.
 * A day that is left out is no bound.
 */
export type Validity = { 
/**
 * The first day on which it holds.
 */
from?: string | null, 
/**
 * The last day on which it holds.
 */
until?: string | null, };

/**
 * What the figures say of an arm beside the first one.
 */
export type Verdict = { 
/**
 * The arm.
 */
arm: string, 
/**
 * What they say.
 */
decision: Decision, 
/**
 * Why.
 */
reasons: Array<Bilingual>, };

/**
 * Work of batches and of the queue that runs or waits.
 */
export type WorkNow = { 
/**
 * Batches that run, and the queue when it does.
 */
jobs_running: number, 
/**
 * Rows of batches that wait.
 */
rows_waiting: number, 
/**
 * Drafts that wait for the network, or are made now that it is back.
 */
drafts_waiting: number, };

/** Commands that give one answer. */
export interface Commands {
  /** What the program is and how it stands. */
  app_info: { args: null; result: AppInfo };
  /** Searches while typing. */
  search: { args: SearchRequest; result: SearchResponse };
  /** A concept with its findings. */
  concept_get: { args: ConceptGet; result: ConceptView };
  /** Every kept change of a concept, latest first. */
  concept_history: { args: ConceptGet; result: Array<HistoryEntry> };
  /** What was asked of a model for a concept and what it answered, word for word. */
  concept_exchange: { args: ConceptGet; result: Exchange };
  /** A page of concepts. */
  concept_list: { args: ConceptList; result: ConceptPage };
  /** Keeps a new or changed concept. */
  concept_save: { args: SaveConcept; result: SaveOutcome };
  /** Takes a concept back to an earlier text, as a new version. */
  concept_revert: { args: RevertConcept; result: SaveOutcome };
  /** Withdraws a draft, or brings it back. */
  concept_status: { args: StatusChange; result: SaveOutcome };
  /** A concept as text for the clipboard. */
  concept_copy: { args: CopyRequest; result: Copied };
  /** Concepts that may be the same. */
  duplicates: { args: DuplicatesRequest; result: Array<DuplicateHit> };
  /** Checks a text with every rule. */
  check: { args: CheckRequest; result: Report };
  /** Checks a text with the rules that look at the text alone; the report leaves the others out. */
  check_text: { args: CheckRequest; result: Report };
  /** What would leave the machine for a draft. */
  preview: { args: DraftInput; result: PreviewResponse };
  /** What would be replaced in a text before it goes out. */
  pseudonymise: { args: PseudonymiseRequest; result: Pseudonymised };
  /** Stops a running draft. */
  define_cancel: { args: CancelRequest; result: null };
  /** Told when the user throws a draft away. */
  draft_discard: { args: DraftRef; result: null };
  /** Which experiments run, and which version of the prompt the next draft here gets. */
  flags_show: { args: null; result: FlagsView };
  /** Puts a signed file with experiments in force. */
  flags_import: { args: FlagsImport; result: FlagsView };
  /** How experiments stand. */
  experiments: { args: ExperimentsAsk; result: ExperimentReports };
  /** Suggestions for a context label. */
  context_suggest: { args: ContextSuggestRequest; result: Array<string> };
  /** Every rule of a version, blocking first. */
  rules_list: { args: PackRef; result: Array<RuleView> };
  /** Tries a text on one rule. */
  rule_try: { args: RuleTry; result: Finding };
  /** Every version of the rules on this computer, the latest made first. */
  packs_list: { args: null; result: Array<PackView> };
  /** What differs between two versions. */
  pack_compare: { args: PackCompare; result: PackDiff };
  /** Which of the user's own concepts get another outcome from a version. */
  pack_impact: { args: PackRef; result: PackImpact };
  /** Puts a version in force. */
  pack_activate: { args: PackRef; result: PackView };
  /** Keeps a signed version from a file; it is not in force yet. */
  pack_import: { args: PackImport; result: PackView };
  /** A version as a file. */
  pack_export: { args: PackRef; result: PackFile };
  /** Keeps laws and decisions from files. */
  sources_import: { args: SourcesImport; result: Array<SourceOutcome> };
  /** Every law and decision on this computer. */
  sources_list: { args: null; result: Array<SourceRow> };
  /** The contents of a law on a day. */
  source_contents: { args: SourceContentsRequest; result: SourceContents };
  /** An article as it read on a day. */
  source_article: { args: SourceArticleRequest; result: SourceArticle };
  /** The articles that fit some words best. */
  sources_search: { args: PassageSearch; result: Array<PassageHit> };
  /** The article behind a citation, when it is on this computer. */
  citation_article: { args: CitationLookup; result: SourceArticle | null };
  /** Removes a law or decision. */
  source_remove: { args: SourceRef; result: Removed };
  /** Keeps an editor's text. */
  buffer_save: { args: BufferSave; result: null };
  /** Gives a kept editor text back. */
  buffer_load: { args: BufferKey; result: Buffer | null };
  /** Every kept editor text, latest first. */
  buffer_list: { args: null; result: Array<Buffer> };
  /** Forgets an editor's text. */
  buffer_clear: { args: BufferKey; result: null };
  /** The settings and what is known about them. */
  settings_get: { args: null; result: SettingsView };
  /** Keeps the settings. */
  settings_save: { args: Settings; result: SettingsView };
  /** Sets or forgets the model key. */
  model_key: { args: KeyRequest; result: KeyState };
  /** Sets or forgets where errors are sent. */
  telemetry_dsn: { args: KeyRequest; result: SettingsView };
  /** Tries the model endpoint and says what failed. */
  model_test: { args: null; result: ModelTestResult };
  /** The response cache's figures. */
  cache_stats: { args: null; result: CacheStats };
  /** Removes cached answers. */
  cache_clear: { args: CacheClear; result: Removed };
  /** What the calls of a month took, and what the cache saved. */
  costs: { args: CostsRequest; result: Costs };
  /** How the program is used in a month. */
  insight: { args: InsightRequest; result: Insight };
  /** What a file of terms holds; nothing is kept. */
  job_preview: { args: JobFile; result: JobPreview };
  /** Makes a batch of a file of terms. */
  job_create: { args: JobCreate; result: JobView };
  /** Every batch and the drafts that wait for the network, the newest first. */
  job_list: { args: null; result: Array<JobView> };
  /** How a batch stands. */
  job_get: { args: JobRef; result: JobView };
  /** A page of a batch's rows with their results. */
  job_items: { args: JobItems; result: JobItemPage };
  /** Starts, pauses or cancels a batch, or has its failed rows asked again. */
  job_act: { args: JobAct; result: JobView };
  /** Removes a batch with its results. */
  job_remove: { args: JobRef; result: null };
  /** Removes one row, such as a draft that was taken over. */
  job_item_remove: { args: JobItemRef; result: null };
  /** A batch with its results as a file. */
  job_export: { args: JobExport; result: JobFileOut };
  /** Has a draft made as soon as the model can be reached. */
  draft_queue: { args: DraftInput; result: JobView };
  /** Has the server make definitions of the terms of a file. */
  server_job_create: { args: ServerJobCreate; result: ServerJob };
  /** The batches of the own organisation on the server, the newest first. */
  server_job_list: { args: null; result: Array<ServerJob> };
  /** How a batch on the server stands. */
  server_job_get: { args: JobRef; result: ServerJob };
  /** A page of the rows of a batch on the server. */
  server_job_rows: { args: ServerJobRows; result: ServerJobPage };
  /** Stops a batch on the server, or has its failed rows asked again. */
  server_job_act: { args: ServerJobAct; result: ServerJob };
  /** The results of a batch on the server as a file. */
  server_job_export: { args: JobExport; result: JobFileOut };
  /** How sharing with other organisations stands. */
  sync_status: { args: null; result: SyncStatus };
  /** Sends what waits for the central server and takes what is new. */
  sync_now: { args: SyncRequest; result: SyncReport };
  /** Concepts with changes that the server did not take, with both texts. */
  sync_conflicts: { args: null; result: Array<SyncConflict> };
  /** Ends a conflict with what the user chose. */
  sync_settle: { args: SettleConflict; result: SyncStatus };
  /** How a concept stands in sharing. */
  concept_sharing: { args: ConceptGet; result: ConceptSharing };
  /** Shares a concept, or shares it more widely. */
  concept_share: { args: ShareConcept; result: SyncStatus };
  /** Withdraws a shared concept for everybody. */
  concept_unshare: { args: ConceptGet; result: SyncStatus };
  /** What waits for a reviewer, what was sent back, and what became of the user's own steps. */
  review_inbox: { args: null; result: ReviewInbox };
  /** Proposes, decides, comments or takes a proposal back. */
  review_act: { args: ReviewAct; result: SyncStatus };
  /** The user has seen what became of own proposals. */
  review_seen: { args: ReviewSeen; result: SyncStatus };
  /** Begins a new text that is to take the place of an established one. */
  review_revise: { args: ConceptGet; result: ConceptView };
  /** Who did what to a shared concept, as the server wrote it down. */
  review_trail: { args: ConceptGet; result: Array<TrailEntry> };
  /** The same as a file. */
  review_trail_export: { args: TrailExport; result: JobFileOut };
  /** Sets or forgets the token of the central server. */
  server_token: { args: KeyRequest; result: KeyState };
  /** Begins to sign in at the issuer of the central server. */
  sign_in_begin: { args: SignInRequest; result: SignInBegun };
  /** Waits until the user has signed in in the browser. */
  sign_in_end: { args: null; result: AccountView };
  /** Stops waiting for the browser. */
  sign_in_stop: { args: null; result: AccountView };
  /** Forgets who signed in, and has the issuer end it. */
  sign_out: { args: null; result: AccountView };
  /** As whom this computer speaks to the central server. Makes no connection. */
  who_am_i: { args: null; result: AccountView };
  /** The organisations of the chain, for an administrator. */
  admin_organisations: { args: null; result: Array<AdminOrganisation> };
  /** The users of the own organisation, for an administrator, as all that begins with `admin_`. */
  admin_users: { args: null; result: Array<AdminUser> };
  /** Adds a user, who may be invited. */
  admin_user_add: { args: AdminNewUser; result: AdminUser };
  /** Another role, closed or open again, or an invitation. */
  admin_user_change: { args: AdminChange; result: AdminUser };
  /** Has nobody sign in as this user any more. */
  admin_user_unlink: { args: AdminRef; result: AdminUser };
  /** The tokens of the own organisation, without their secrets. */
  admin_tokens: { args: null; result: Array<AdminToken> };
  /** Makes a token for a machine; it is told this once. */
  admin_token_make: { args: AdminNewToken; result: AdminMadeToken };
  /** Revokes a token at once. */
  admin_token_revoke: { args: AdminRef; result: AdminToken };
  /** What the own organisation spent on models and may spend. */
  admin_quota: { args: null; result: AdminQuota };
  /** Changes what the own organisation allows itself; a bound that is not named stays. */
  admin_quota_set: { args: AdminBoundsChange; result: AdminQuota };
  /** Rules and experiments that the server hands out to the own organisation. */
  admin_published: { args: null; result: Array<AdminRelease> };
  /** What was done in administration, the latest first. */
  admin_log: { args: AdminLogAsk; result: AdminLog };
  /** Looks the workplace over. */
  doctor: { args: null; result: DoctorReport };
}

/** Commands that give events before their answer. */
export interface Streams {
  /** Drafts a definition. */
  define: { args: DefineRequest; event: DefineEvent; result: DefineResult };
}
