//! The one table of everything that can go wrong in front of a user: code, what happened, what to do, in Dutch and
//! English, and the HTTP status that a host answers with. A code exists only because somebody acts on it. Lower crates have
//! errors of their own; this crate turns each into a code (`from_*` in the modules that call them).

use serde::{Deserialize, Serialize};

/// A sentence in the two languages of the screens.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Bilingual {
    /// Dutch, B1.
    pub nl: String,
    /// English.
    pub en: String,
}

/// An error as a user sees it. Never holds a secret, a file's content or the text of a case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, thiserror::Error)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[error("{code}: {}", message.nl)]
pub struct UserError {
    /// Stable code, `BG-` and three digits.
    pub code: String,
    /// What happened.
    pub message: Bilingual,
    /// What to do now.
    pub action: Bilingual,
    /// A detail for whoever helps the user, such as a file's name or a field; may be empty.
    pub detail: String,
    /// The question to a model that it came of, for the log and for who is told of errors.
    #[serde(skip)]
    pub request_id: Option<String>,
}

impl UserError {
    /// The error of this code, with a detail.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        let row = code.row();
        let both = |nl: &str, en: &str| Bilingual {
            nl: nl.to_owned(),
            en: en.to_owned(),
        };
        Self {
            code: row.code.to_owned(),
            message: both(row.nl, row.en),
            action: both(row.do_nl, row.do_en),
            detail: detail.into(),
            request_id: None,
        }
    }

    /// The same, of this question to a model.
    pub(crate) fn of_question(mut self, request_id: &str) -> Self {
        self.request_id = Some(request_id.to_owned());
        self
    }

    /// True when the error has this code.
    pub fn is(&self, code: ErrorCode) -> bool {
        self.code == code.row().code
    }

    /// The HTTP status that a host answers with.
    pub fn http_status(&self) -> u16 {
        ErrorCode::ALL
            .iter()
            .map(|code| code.row())
            .find(|row| row.code == self.code)
            .map_or(500, |row| row.http)
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct ErrorRow {
    /// Stable code.
    pub code: &'static str,
    /// HTTP status.
    pub http: u16,
    /// What happened, Dutch.
    pub nl: &'static str,
    /// What to do, Dutch.
    pub do_nl: &'static str,
    /// What happened, English.
    pub en: &'static str,
    /// What to do, English.
    pub do_en: &'static str,
}

macro_rules! error_table {
    ($( $name:ident $code:literal $http:literal
        $nl:literal $do_nl:literal
        $en:literal $do_en:literal; )*) => {
        /// Everything that can go wrong in front of a user.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ErrorCode {
            $( #[doc = $en] $name, )*
        }

        impl ErrorCode {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$( Self::$name, )*];

            /// The code's row.
            pub fn row(self) -> ErrorRow {
                match self {
                    $( Self::$name => ErrorRow {
                        code: $code, http: $http,
                        nl: $nl, do_nl: $do_nl, en: $en, do_en: $do_en,
                    }, )*
                }
            }
        }
    };
}

error_table! {
    // 1xx: what the user gave in.
    TermEmpty "BG-101" 422
        "Er is geen term ingevuld." "Vul een term in, bijvoorbeeld ‘verdachte’."
        "No term was filled in." "Fill in a term, for instance ‘verdachte’.";
    TermTooLong "BG-102" 422
        "Een term of een label van de context is te lang: er passen 200 tekens in." "Kort de term of het label in. Zet een hele zin in het veld Definitie."
        "A term or a label of the context is too long: 200 characters fit." "Shorten the term or the label. Put a whole sentence in the field Definition.";
    TextTooLong "BG-103" 413
        "Deze tekst is te lang om te bewaren of te toetsen." "Kort de tekst in tot 20.000 tekens. Uw tekst staat nog in het veld."
        "This text is too long to keep or to check." "Shorten it to 20,000 characters. Your text is still in the field.";
    TooManyEntries "BG-104" 422
        "Een lijst heeft te veel regels: er passen er 50 in." "Haal regels weg die u niet nodig hebt."
        "A list has too many entries: 50 fit." "Remove entries that you do not need.";
    ValidityReversed "BG-116" 422
        "De laatste dag waarop het begrip geldt, ligt vóór de eerste." "Kies bij ‘Geldig tot en met’ een dag die niet vóór ‘Geldig vanaf’ ligt, of laat er een leeg."
        "The last day on which the concept holds lies before the first." "Choose a day under ‘Valid until’ that is not before ‘Valid from’, or leave one of them empty.";
    BadRequest "BG-105" 400
        "Het programma begreep deze opdracht niet." "Probeer het opnieuw. Blijft het misgaan? Geef de code en het detail door aan uw beheerder."
        "The program did not understand this request." "Try again. If it keeps failing, give the code and the detail to your administrator.";
    UnknownCommand "BG-106" 404
        "Deze opdracht bestaat niet." "Werk Begrip bij naar de nieuwste versie."
        "This command does not exist." "Update Begrip to the latest version.";
    NotFound "BG-107" 404
        "Dit begrip staat niet (meer) op deze computer." "Zoek het begrip opnieuw op."
        "This concept is not (or no longer) on this computer." "Look the concept up again.";
    NotEditable "BG-108" 409
        "Deze tekst staat vast en kan niet worden gewijzigd." "Alleen een begrip in voorbereiding kunt u wijzigen. Is het ingetrokken? Haal het dan eerst terug."
        "This text is established and cannot be changed." "Only a concept in preparation can be changed. Was it withdrawn? Then bring it back first.";
    StatusNotAllowed "BG-109" 409
        "Deze status kan het begrip nu niet krijgen." "Kies een andere status."
        "The concept cannot get this status now." "Choose another status.";
    Stale "BG-113" 409
        "Dit begrip is intussen gewijzigd, in een ander venster of door iemand anders." "Bekijk de nieuwe tekst en bewaar daarna opnieuw. Uw tekst is niet weg."
        "This concept was changed meanwhile, in another window or by somebody else." "Look at the new text and keep yours again. Your text is not lost.";
    AlreadyThere "BG-114" 409
        "Dit begrip bestaat al in dezelfde context." "Wijzig het bestaande begrip (het nummer staat bij het detail) of kies een andere context."
        "This concept exists already in the same context." "Change the existing concept (the detail names its id) or choose another context.";
    SettingInvalid "BG-110" 422
        "Een instelling klopt niet; er is niets bewaard." "Verbeter het veld dat bij het detail staat."
        "A setting is wrong; nothing was kept." "Correct the field that the detail names.";
    FileUnreadable "BG-111" 422
        "Dit bestand kan niet worden gelezen." "Controleer of het bestand bestaat en tekst in UTF-8 bevat."
        "This file cannot be read." "Check that the file exists and holds text in UTF-8.";
    LineInvalid "BG-112" 422
        "Een regel van het bestand klopt niet." "Verbeter de regel die bij het detail staat."
        "A line of the file is wrong." "Correct the line that the detail names.";
    FileNotUtf8 "BG-115" 422
        "Een deel van dit bestand is geen UTF-8. Begrip heeft dat deel gelezen als Windows-1252." "Kijk of letters met een accent kloppen. Bewaar het bestand anders opnieuw, als ‘CSV UTF-8’."
        "Part of this file is not UTF-8. Begrip read that part as Windows-1252." "Check that letters with an accent are right. If not, save the file again as ‘CSV UTF-8’.";
    PartNotKept "BG-117" 422
        "Een deel van de opgestelde tekst past niet in een begrip en is niet bewaard. De rest wel." "Lees bij het detail wat het was. Voeg het zo nodig korter toe met ‘begrip concepts edit’."
        "Part of the draft does not fit in a concept and was not kept. The rest was." "The detail says what it was. If needed, add it in a shorter form with ‘begrip concepts edit’.";

    // 16x: a batch of terms.
    TableEmpty "BG-161" 422
        "Dit bestand bevat geen termen." "Zet op de eerste rij de namen van de kolommen en daaronder op elke rij een term."
        "This file holds no terms." "Put the names of the columns in the first row and a term in each row below it.";
    TableTooLarge "BG-162" 413
        "Dit bestand is te groot voor een reeks." "Verdeel het in kleinere bestanden: ten hoogste 10 MB en 20.000 rijen."
        "This file is too large for a batch." "Split it into smaller files: at most 10 MB and 20,000 rows.";
    TableNoTerm "BG-163" 422
        "Dit bestand heeft geen kolom met termen." "Zet op de eerste rij ‘term’ boven de kolom met de termen."
        "This file has no column with terms." "Put ‘term’ above the column with the terms, in the first row.";
    TableUnreadable "BG-164" 422
        "Dit bestand is geen tabel die Begrip kan lezen." "Kies een CSV-bestand of een Excel-bestand (.xlsx)."
        "This file is no table that Begrip can read." "Choose a CSV file or an Excel file (.xlsx).";
    TableQuote "BG-169" 422
        "In dit bestand wordt een aanhalingsteken niet gesloten. Rijen zouden daardoor wegvallen." "Sluit op de regel die bij het detail staat het aanhalingsteken, of haal het weg."
        "A quotation mark in this file is not closed. Rows would be lost by it." "Close the quotation mark on the line that the detail names, or remove it.";
    RowFaulty "BG-165" 422
        "Deze rij klopt niet; er is niets gevraagd." "Verbeter in het bestand wat bij het detail staat en voer de rij opnieuw in."
        "This row is wrong; nothing was asked." "Correct in the file what the detail names and bring the row in again.";
    JobUnknown "BG-166" 404
        "Deze reeks staat niet (meer) op deze computer." "Kies een reeks uit de lijst."
        "This batch is not (or no longer) on this computer." "Choose a batch from the list.";
    JobBusy "BG-167" 409
        "Een ander venster of programma werkt al aan deze reeks." "Wacht tot het klaar is, of zet de reeks daar op pauze."
        "Another window or program works on this batch already." "Wait until it is ready, or pause the batch there.";
    JobNotNow "BG-168" 409
        "Dit kan niet met een reeks die zo ver is." "Kijk hoe de reeks ervoor staat en kies iets anders."
        "This cannot be done with a batch that is this far." "See how the batch stands and choose something else.";
    JobRowBroke "BG-170" 500
        "Deze rij is niet gemaakt door een fout in het programma. De andere rijen gingen door." "Kies ‘Mislukte rijen opnieuw’. Blijft het misgaan? Geef de code en de term door aan uw beheerder."
        "This row was not made because of a fault in the program. The other rows went on." "Choose ‘Failed rows again’. If it keeps failing, give the code and the term to your administrator.";

    // 2xx: the store on this computer.
    StoreNewer "BG-201" 500
        "Uw gegevens zijn gemaakt met een nieuwere versie van Begrip." "Werk Begrip bij. Er is niets gewijzigd."
        "Your data were made with a newer version of Begrip." "Update Begrip. Nothing was changed.";
    StoreKeyLost "BG-202" 500
        "De sleutel van uw gegevens is weg. Zonder sleutel kan Begrip ze niet openen." "Zet de sleutel terug uit een reservekopie, of begin met een leeg bestand. Het oude bestand blijft bewaard."
        "The key of your data is gone. Begrip cannot open them without it." "Put the key back from a backup, or begin with an empty file. The old file is kept.";
    StoreKeyWrong "BG-203" 500
        "De sleutel past niet op uw gegevens." "Zet de juiste sleutel terug. Uw gegevens zijn niet beschadigd en niet gewijzigd."
        "The key does not fit your data." "Put the right key back. Your data are not damaged and were not changed.";
    StoreRecovered "BG-204" 500
        "Uw gegevens waren beschadigd. Begrip heeft een reservekopie teruggezet." "Controleer uw laatste wijzigingen. Het beschadigde bestand is bewaard."
        "Your data were damaged. Begrip put a backup back." "Check your latest changes. The damaged file was kept.";
    StoreRescued "BG-205" 500
        "Uw gegevens waren beschadigd. Begrip heeft gered wat leesbaar was." "Controleer uw begrippen, en lees wetten en uitspraken bij Bronnen opnieuw in. Het beschadigde bestand is bewaard."
        "Your data were damaged. Begrip rescued what could be read." "Check your concepts, and import laws and decisions again under Sources. The damaged file was kept.";
    StoreBusy "BG-206" 503
        "Een ander programma houdt uw gegevens bezet." "Wacht even en probeer het opnieuw. Uw tekst staat nog op het scherm."
        "Another program keeps your data occupied." "Wait a moment and try again. Your text is still on the screen.";
    StoreFull "BG-207" 507
        "De schijf is vol; er is niets bewaard." "Maak ruimte vrij en bewaar opnieuw. Uw tekst staat nog op het scherm."
        "The disk is full; nothing was kept." "Free some space and keep it again. Your text is still on the screen.";
    StoreDenied "BG-208" 500
        "Begrip mag niet schrijven in de map met uw gegevens." "Vraag uw beheerder om schrijfrechten voor de map die bij het detail staat."
        "Begrip may not write in the folder with your data." "Ask your administrator for write access to the folder that the detail names.";
    StoreFailed "BG-209" 500
        "Het lezen of bewaren van uw gegevens is mislukt." "Probeer het opnieuw. Blijft het misgaan? Kies bij Instellingen ‘Controleer deze computer’, of draai ‘begrip doctor’."
        "Reading or keeping your data failed." "Try again. Run ‘begrip doctor’ if it keeps failing.";
    BufferInvalid "BG-210" 422
        "De tijdelijke tekst kan niet worden bewaard." "Bewaar uw tekst als begrip, of kort haar in."
        "The temporary text cannot be kept." "Keep your text as a concept, or shorten it.";
    StoreKeyOpen "BG-211" 500
        "Het sleutelbestand was leesbaar voor anderen. Begrip heeft dat hersteld." "Laat uw beheerder nagaan wie het bestand heeft kunnen lezen."
        "The key file was readable by others. Begrip has mended that." "Let your administrator find out who could have read the file.";
    CacheRenewed "BG-212" 500
        "De bewaarde antwoorden waren beschadigd. Begrip is zonder bewaarde antwoorden begonnen." "U hoeft niets te doen. Uw begrippen zijn ongeschonden."
        "The kept answers were damaged. Begrip began with an empty cache." "You need not do anything. Your concepts are intact.";
    StartFailed "BG-213" 500
        "Begrip kan niet starten." "Start Begrip opnieuw. Geef het detail door aan uw beheerder als het blijft misgaan."
        "Begrip cannot start." "Start Begrip again. Give the detail to your administrator if it keeps failing.";
    SettingsLost "BG-214" 500
        "Een deel van uw instellingen kon niet worden gelezen. Daarvoor gelden weer de standaardwaarden." "Vul bij Instellingen opnieuw in wat bij het detail staat. De oude instellingen zijn apart bewaard."
        "Part of your settings could not be read. The defaults hold for it." "Fill in again in Settings what the detail names. The old settings were kept aside.";
    StoreKeyringAway "BG-215" 500
        "De sleutelbos van uw computer is niet bereikbaar. Daarin staat de sleutel van uw gegevens." "Meld u opnieuw aan bij uw computer of ontgrendel de sleutelbos, en probeer het opnieuw. Uw gegevens zijn ongeschonden."
        "Your computer's keyring cannot be reached. It holds the key of your data." "Sign in to your computer again or unlock the keyring, and try again. Your data are intact.";

    // 3xx: the rules.
    RulesBroken "BG-301" 500
        "De regels kunnen niet worden gelezen." "Installeer Begrip opnieuw."
        "The rules cannot be read." "Install Begrip again.";
    PackUnsigned "BG-302" 422
        "Dit bestand met regels is niet ondertekend." "Vraag de maker om een ondertekend bestand. Er is niets gewijzigd."
        "This file with rules is not signed." "Ask its maker for a signed file. Nothing was changed.";
    PackUnknownKey "BG-303" 403
        "Dit bestand met regels is ondertekend met een sleutel die u niet vertrouwt." "Vraag de maker om de openbare sleutel, controleer het kenmerk en vertrouw haar met ‘begrip rules trust’."
        "This file with rules is signed with a key that you do not trust." "Ask its maker for the public key, compare the fingerprint and trust it with ‘begrip rules trust’.";
    PackChanged "BG-304" 422
        "Dit bestand met regels is beschadigd, of na het ondertekenen gewijzigd." "Vraag de maker om een nieuw bestand. Er is niets gewijzigd."
        "This file with rules is damaged, or was changed after it was signed." "Ask its maker for a new file. Nothing was changed.";
    PackUnreadable "BG-305" 422
        "Dit is geen bestand met regels." "Kies een bestand dat ‘begrip rules export’ of ‘begrip rules pack’ heeft gemaakt."
        "This is no file with rules." "Choose a file that ‘begrip rules export’ or ‘begrip rules pack’ has made.";
    PackNewer "BG-306" 422
        "Dit bestand met regels is gemaakt voor een nieuwere versie van Begrip." "Werk Begrip bij en voer het bestand opnieuw in."
        "This file with rules was made for a newer version of Begrip." "Update Begrip and import the file again.";
    PackOther "BG-307" 409
        "Er zijn al regels met deze versie, met een andere inhoud." "Vraag de maker om een bestand met een nieuwe versie. Er is niets gewijzigd."
        "There are rules with this version already, and they say something else." "Ask its maker for a file with a new version. Nothing was changed.";
    PackRules "BG-308" 422
        "Een van de regels klopt niet." "Verbeter de regel die bij het detail staat. Er is niets gewijzigd."
        "One of the rules is wrong." "Correct the rule that the detail names. Nothing was changed.";
    PackTooLarge "BG-309" 413
        "Dit bestand is te groot voor een bestand met regels." "Kies een bestand van ten hoogste 4 MB."
        "This file is too large for a file with rules." "Choose a file of at most 4 MB.";
    PackUnknown "BG-310" 404
        "Deze versie van de regels staat niet op deze computer." "Kies een versie uit de lijst, of voer haar eerst in."
        "This version of the rules is not on this computer." "Choose a version from the list, or import it first.";
    RuleUnknown "BG-311" 404
        "Deze regel bestaat niet in deze versie." "Zoek de regel op in de lijst met regels."
        "This rule does not exist in this version." "Look the rule up in the list of rules.";
    PackDamaged "BG-312" 500
        "De gekozen regels zijn beschadigd of niet te gebruiken met deze versie van Begrip. De regels van Begrip zelf gelden nu." "Kies bij Regels een andere versie, of voer het bestand opnieuw in met een nieuwe versie."
        "The chosen rules are damaged, or of no use to this version of Begrip. Begrip's own rules hold now." "Choose another version in Rules, or import the file again with a new version.";
    PackOutdated "BG-313" 409
        "Begrip heeft nieuwere regels dan die u gebruikt." "Vergelijk beide versies bij Regels en kies welke geldt."
        "Begrip has newer rules than those you use." "Compare the two versions in Rules and choose which one holds.";
    KeyUnreadable "BG-314" 422
        "Deze sleutel om regels te ondertekenen is niet te lezen." "Kies het bestand dat ‘begrip rules keygen’ heeft gemaakt."
        "This key for signing rules cannot be read." "Choose the file that ‘begrip rules keygen’ has made.";
    PackUnusable "BG-315" 500
        "Deze versie van de regels is beschadigd. Er is niets gewijzigd." "Kies een andere versie, of vraag de maker om dezelfde regels met een nieuwe versie."
        "This version of the rules is damaged. Nothing was changed." "Choose another version, or ask its maker for the same rules under a new version.";

    // 32x: experiments with the prompt.
    FlagsUnreadable "BG-321" 422
        "Dit is geen bestand met proeven dat Begrip kan lezen." "Vraag de maker om een nieuw bestand, of werk Begrip bij. Er is niets gewijzigd."
        "This is no file with experiments that Begrip can read." "Ask its maker for a new file, or update Begrip. Nothing was changed.";
    FlagsUntrusted "BG-322" 403
        "Dit bestand met proeven heeft geen handtekening die u vertrouwt, of is daarna gewijzigd." "Vraag de maker om een ondertekend bestand en om de openbare sleutel (‘begrip rules trust’). Er is niets gewijzigd."
        "This file with experiments has no signature that you trust, or was changed after it was signed." "Ask its maker for a signed file and for the public key (‘begrip rules trust’). Nothing was changed.";
    FlagsOlder "BG-323" 409
        "Dit bestand met proeven is ouder dan het bestand dat geldt." "Vraag de maker om een bestand met een hoger nummer. Er is niets gewijzigd."
        "This file with experiments is older than the one in force." "Ask its maker for a file with a higher number. Nothing was changed.";
    FlagsOther "BG-324" 409
        "Er geldt al een bestand met proeven met dit nummer, met een andere inhoud." "Vraag de maker om een bestand met een hoger nummer. Er is niets gewijzigd."
        "A file with experiments with this number is in force, and it says something else." "Ask its maker for a file with a higher number. Nothing was changed.";
    FlagsPromptUnknown "BG-325" 422
        "Dit bestand met proeven noemt een versie van de opdracht die dit programma niet heeft." "Werk Begrip bij en voer het bestand opnieuw in. Er is niets gewijzigd."
        "This file with experiments names a version of the prompt that this program does not have." "Update Begrip and import the file again. Nothing was changed.";
    PromptUnknown "BG-326" 422
        "Kies twee versies van de opdracht die dit programma heeft." "Schrijf bijvoorbeeld: --versions 1,2."
        "Choose two versions of the prompt that this program has." "Write for instance: --versions 1,2.";

    // 4xx: the prompt and its budget.
    PromptTooLarge "BG-401" 413
        "Uw vraag is te groot voor het taalmodel." "Kort uw notities in of kies minder context. Er is niets verstuurd."
        "Your question is too large for the language model." "Shorten your notes or choose less context. Nothing was sent.";
    BudgetSpent "BG-402" 429
        "Het budget van vandaag laat geen nieuwe vraag toe. Er is niets verstuurd." "Zoeken, toetsen en bewaarde antwoorden blijven werken. Verhoog het budget bij Instellingen of ga morgen verder."
        "Today's budget leaves no room for a new question. Nothing was sent." "Look-up, checking and kept answers go on. Raise the budget in Settings or go on tomorrow.";
    MonthSpent "BG-411" 429
        "Het budget van deze maand laat geen nieuwe vraag toe. Er is niets verstuurd." "Zoeken, toetsen en bewaarde antwoorden blijven werken. Verhoog het budget bij Instellingen of ga volgende maand verder."
        "This month's budget leaves no room for a new question. Nothing was sent." "Look-up, checking and kept answers go on. Raise the budget in Settings or go on next month.";
    CallTooDear "BG-412" 429
        "Deze vraag kan meer kosten dan u voor één vraag toestaat. Er is niets verstuurd." "Kort uw notities in, verlaag de lengte van het antwoord of verhoog de grens bij Instellingen."
        "This question may cost more than you allow for one question. Nothing was sent." "Shorten your notes, lower the length of the answer or raise the limit in Settings.";
    PriceUnknown "BG-414" 404
        "Dit model heeft geen prijs." "Bekijk met ‘begrip prices list’ welke modellen een prijs hebben."
        "This model has no price." "See with ‘begrip prices list’ which models have one.";
    EntryUnknown "BG-415" 422
        "Dit is geen naam van een bewaard antwoord." "Neem de naam over uit ‘entry’ bij ‘begrip define --json’."
        "This is no name of a kept answer." "Take the name from ‘entry’ in ‘begrip define --json’.";
    WishEmpty "BG-416" 422
        "Er staat niet wat er anders moet." "Schrijf wat u anders wilt, bijvoorbeeld: maak het korter."
        "It does not say what should be other." "Write what you want otherwise, for instance: make it shorter.";
    WishTooLong "BG-417" 413
        "Deze wens is te lang voor het taalmodel. Er is niets verstuurd." "Kort de wens in tot hoogstens 1.000 tekens. Uw tekst staat nog in het veld."
        "This wish is too long for the language model. Nothing was sent." "Shorten it to at most 1,000 characters. Your text is still in the field.";
    MonthUnknown "BG-413" 422
        "Deze maand bestaat niet." "Schrijf een maand als jaar en maand, bijvoorbeeld 2026-11."
        "There is no such month." "Write a month as year and month, for instance 2026-11.";

    TermIdentifies "BG-410" 422
        "De term of de context bevat een gegeven dat naar een persoon of zaak verwijst." "Haal het gegeven weg en zet het, als het nodig is, bij de notities. Daar wordt het vervangen. Er is niets verstuurd."
        "The term or the context holds something that points to a person or case." "Take it out and put it in the notes if it is needed. There it is replaced. Nothing was sent.";

    // 5xx: the language model.
    ModelNotConfigured "BG-501" 409
        "Er is nog geen taalmodel ingesteld." "Stel een taalmodel in bij Instellingen. Zoeken en toetsen werken zonder."
        "No language model has been set up yet." "Set one up in Settings. Look-up and checking work without.";
    ModelUnreachable "BG-502" 503
        "Het taalmodel is niet bereikbaar." "Controleer uw netwerk. Zoeken, toetsen en bewaren werken gewoon door; uw invoer blijft staan."
        "The language model cannot be reached." "Check your network. Look-up, checking and keeping go on; your input stays.";
    ModelTls "BG-503" 502
        "De beveiligde verbinding met het taalmodel is niet te vertrouwen." "Vraag uw beheerder om het certificaat en kies dat bij Instellingen."
        "The secure connection with the language model cannot be trusted." "Ask your administrator for the certificate and choose it in Settings.";
    ModelKeyRefused "BG-504" 401
        "Het taalmodel weigert de sleutel." "Vul bij Instellingen de juiste sleutel in."
        "The language model refuses the key." "Fill in the right key in Settings.";
    ModelUnknown "BG-505" 404
        "Het taalmodel of het adres bestaat niet." "Controleer bij Instellingen het adres en de naam van het model."
        "The language model or the address does not exist." "Check the address and the model's name in Settings.";
    ModelBusy "BG-506" 503
        "Het taalmodel is te druk." "Wacht een paar minuten en probeer het opnieuw. Uw invoer blijft staan."
        "The language model is too busy." "Wait a few minutes and try again. Your input stays.";
    ModelFailed "BG-507" 502
        "Het taalmodel gaf een storing." "Probeer het later opnieuw. Uw invoer blijft staan."
        "The language model had a failure." "Try again later. Your input stays.";
    ModelTimeout "BG-508" 504
        "Het taalmodel antwoordt niet op tijd." "Probeer het opnieuw, of verhoog de wachttijd bij Instellingen. Uw invoer blijft staan."
        "The language model does not answer in time." "Try again, or raise the waiting time in Settings. Your input stays.";
    ModelBadReply "BG-509" 502
        "Het antwoord van het taalmodel is onbruikbaar." "Probeer het opnieuw. Kies bij Instellingen een ander model als het blijft misgaan."
        "The language model's answer cannot be used." "Try again. Choose another model in Settings if it keeps failing.";
    ModelCutShort "BG-510" 502
        "Het antwoord van het taalmodel is afgebroken." "Probeer het opnieuw. Het halve antwoord is niet bewaard. Blijft het misgaan, kies dan bij Instellingen een ander model of een grotere ‘Lengte van een antwoord’."
        "The language model's answer was cut short." "Try again. The half answer was not kept. If it keeps failing, choose another model in Settings, or a greater ‘Length of an answer’.";
    ModelFiltered "BG-511" 502
        "Het taalmodel wil deze vraag niet beantwoorden." "Formuleer uw notities anders, of schrijf de definitie zelf."
        "The language model does not want to answer this question." "Word your notes differently, or write the definition yourself.";
    ModelRefusedRequest "BG-512" 502
        "Het taalmodel weigert deze vraag." "Controleer bij Instellingen het adres, het model en de proxy."
        "The language model refuses this question." "Check address, model and proxy in Settings.";
    ModelPaused "BG-513" 503
        "Het taalmodel gaf een paar keer achter elkaar een storing. Begrip wacht even met vragen." "Probeer het over 10 seconden opnieuw. Blijft de storing, dan wacht Begrip telkens langer, tot 120 seconden. Bewaarde antwoorden werken nog."
        "The language model failed a few times in a row. Begrip waits before asking again." "Try again in 10 seconds. While it keeps failing, Begrip waits longer each time, up to 120 seconds. Kept answers still work.";
    Cancelled "BG-514" 499
        "U hebt het opstellen gestopt." "Uw invoer staat er nog. Begin opnieuw wanneer u wilt."
        "You stopped the draft." "Your input is still there. Begin again when you like.";
    NotInCache "BG-515" 503
        "Er is geen bewaard antwoord op deze vraag." "Ga verder wanneer het taalmodel weer bereikbaar is, of schrijf de definitie zelf."
        "There is no kept answer to this question." "Go on when the language model can be reached again, or write the definition yourself.";
    ModelContextSmall "BG-516" 502
        "Het taalmodel kan een vraag van deze lengte niet aan." "Kies bij Instellingen een model dat meer tekst tegelijk aankan, of vraag uw beheerder om de modelserver zo in te stellen. Minder context en kortere notities helpen soms ook."
        "The language model cannot take a question of this length." "Choose a model in Settings that takes more text at once, or ask your administrator to set up the model server so. Less context and shorter notes sometimes help too.";

    // 7xx: laws and court decisions.
    SourceUnreadable "BG-701" 422
        "Dit bestand is geen wet en geen uitspraak die Begrip kan lezen." "Kies een wet als XML van wetten.overheid.nl of als Markdown, of een uitspraak als XML van rechtspraak.nl."
        "This file is no law and no decision that Begrip can read." "Choose a law as XML from wetten.overheid.nl or as Markdown, or a decision as XML from rechtspraak.nl.";
    SourceEmpty "BG-702" 422
        "Dit bestand is leeg, of er staat geen enkel artikel in." "Download het bestand opnieuw. Er is niets ingelezen."
        "This file is empty, or there is no article in it." "Download the file again. Nothing was imported.";
    SourceTooLarge "BG-703" 413
        "Dit bestand is te groot: een wet mag 32 MB zijn en een zip uitgepakt 256 MB." "Splits de zip, of kies de wetten die u nodig hebt. Er is niets ingelezen."
        "This file is too large: a law may be 32 MB and a zip 256 MB when unpacked." "Split the zip, or choose the laws that you need. Nothing was imported.";
    SourceTruncated "BG-704" 422
        "Dit bestand houdt te vroeg op of is beschadigd." "Download het bestand opnieuw. Er is niets ingelezen."
        "This file ends too early or is damaged." "Download the file again. Nothing was imported.";
    SourceUnsafe "BG-705" 422
        "Dit bestand gebruikt een vorm van XML die onveilig is." "Gebruik het bestand zoals wetten.overheid.nl of rechtspraak.nl het geeft. Er is niets ingelezen."
        "This file uses a form of XML that is not safe." "Use the file as wetten.overheid.nl or rechtspraak.nl gives it. Nothing was imported.";
    SourceUnknownLaw "BG-706" 422
        "Uit dit bestand blijkt niet welke wet het is." "Zet boven de tekst tussen twee regels met --- een regel ‘bwb: BWBR0001854’ met het nummer van de wet."
        "This file does not show which law it is." "Put a line ‘bwb: BWBR0001854’ with the number of the law above the text, between two lines of ---.";
    SourceNotFound "BG-707" 404
        "Deze wet, dit artikel of deze uitspraak staat niet op deze computer, of gold niet op die datum." "Kijk bij Bronnen wat er is, of lees het bestand in."
        "This law, article or decision is not on this computer, or did not hold on that date." "Look under Sources what there is, or import the file.";
    DateInvalid "BG-708" 422
        "Dit is geen datum." "Schrijf een datum als 2026-01-31: jaar, maand, dag."
        "This is no date." "Write a date as 2026-01-31: year, month, day.";

    // 8xx: sharing with other organisations.
    ServerNotConfigured "BG-801" 409
        "Er is nog geen centrale server ingesteld." "Stel bij Instellingen het adres en de toegangssleutel van de server in. Alles op deze computer werkt zonder."
        "No central server has been set up yet." "Set its address and access token in Settings. Everything on this computer works without.";
    ServerUnreachable "BG-802" 503
        "De centrale server is niet bereikbaar." "Ga gewoon verder: uw wijzigingen wachten en gaan mee zodra de server er weer is."
        "The central server cannot be reached." "Just go on: your changes wait and leave as soon as the server is back.";
    ServerTls "BG-803" 502
        "De beveiligde verbinding met de centrale server is niet te vertrouwen." "Vraag uw beheerder om het certificaat en kies dat bij Instellingen."
        "The secure connection with the central server cannot be trusted." "Ask your administrator for the certificate and choose it in Settings.";
    ServerTokenRefused "BG-804" 401
        "De centrale server kent uw toegangssleutel niet (meer)." "Meld u opnieuw aan, of vraag uw beheerder om een nieuwe toegangssleutel. Uw wijzigingen blijven wachten."
        "The central server does not know your access token (any more)." "Sign in again, or ask your administrator for a new access token. Your changes go on waiting.";
    ServerProtocol "BG-805" 412
        "Begrip en de centrale server verstaan elkaar niet: een van beide is te oud." "Lees bij het detail welke u moet bijwerken. Uw wijzigingen blijven wachten."
        "Begrip and the central server do not understand each other: one of them is too old." "The detail says which one to update. Your changes go on waiting.";
    ServerBusy "BG-806" 503
        "De centrale server is te druk." "Wacht even en probeer het opnieuw. Uw wijzigingen blijven wachten."
        "The central server is too busy." "Wait a little and try again. Your changes go on waiting.";
    ServerFailed "BG-807" 502
        "De centrale server gaf een onbruikbaar antwoord." "Probeer het later opnieuw. Geef het detail aan uw beheerder als het blijft misgaan."
        "The central server gave an answer that cannot be used." "Try again later. Give the detail to your administrator if it keeps failing.";
    ServerRole "BG-808" 403
        "Uw rol op de centrale server is te klein om te wijzigen." "Vraag uw beheerder om de rol ‘author’. Uw wijzigingen blijven wachten."
        "Your role on the central server is too small to change anything." "Ask your administrator for the role ‘author’. Your changes go on waiting.";
    TooManyWithdrawn "BG-809" 409
        "Op de centrale server zijn opvallend veel begrippen tegelijk vervallen." "Vraag na of dat klopt. Klopt het, neem het dan over met ‘begrip sync --accept-withdrawals’. Tot dan verandert hier niets."
        "Strikingly many concepts were withdrawn at once on the central server." "Ask whether that is right. If so, take it over with ‘begrip sync --accept-withdrawals’. Until then nothing changes here.";
    ShareIdentifies "BG-810" 422
        "Dit begrip bevat een gegeven dat naar een persoon of zaak verwijst. Het wordt niet gedeeld." "Haal het gegeven weg, of zet het bij de notities. Die gaan nooit mee. Er is niets gewijzigd."
        "This concept holds something that points to a person or case. It is not shared." "Take it out, or put it in the notes. Those never leave. Nothing was changed.";
    ConflictUnknown "BG-811" 404
        "Over dit begrip valt niets te kiezen." "Bekijk met ‘begrip sync conflicts’ waar een keuze wacht."
        "There is nothing to choose about this concept." "See with ‘begrip sync conflicts’ where a choice waits.";
    NotShared "BG-812" 409
        "Dit begrip is nog niet gedeeld." "Deel het eerst met de organisaties die het moeten zien."
        "This concept is not shared yet." "First share it with the organisations that are to see it.";
    ReviewOwnText "BG-813" 409
        "U werkte zelf aan deze tekst mee. Een ander moet haar beoordelen." "Vraag een beoordelaar die er niet aan meeschreef."
        "You took part in writing this text. Somebody else has to judge it." "Ask a reviewer who did not write any of it.";
    ReviewBlocking "BG-814" 422
        "De tekst breekt een regel die vaststellen tegenhoudt. Bij het detail staat welke." "Stuur het voorstel terug met wat er moet veranderen."
        "The text breaks a rule that keeps it from being established. The detail says which." "Send the proposal back with what has to change.";
    ReviewTextChanged "BG-815" 409
        "De tekst is intussen veranderd." "Lees de tekst die er nu staat en kies opnieuw. Er is niets besloten."
        "The text has changed in the meantime." "Read the text that stands there now and choose again. Nothing was decided.";
    ReviewNotNow "BG-816" 409
        "Dit kan niet bij de status die het begrip nu heeft." "Bekijk met ‘begrip review inbox’ hoe het ervoor staat."
        "This cannot be done with the status that the concept has now." "See with ‘begrip review inbox’ how it stands.";
    ReviewNotAllowed "BG-817" 403
        "Uw rol of uw organisatie mag dit niet." "Voorstellen doet een auteur van de organisatie die het begrip deelde; vaststellen of terugsturen doet een beoordelaar."
        "Your role or your organisation may not do this." "An author of the organisation that shared the concept proposes; a reviewer accepts or rejects.";
    ReviewReason "BG-818" 422
        "Hierbij hoort een tekst van u." "Schrijf in een of twee zinnen wat u vindt."
        "This needs a text of yours." "Write in a sentence or two what you think.";
    ReviewOtherRules "BG-819" 409
        "Uw controle gebeurde met andere regels dan waarmee de server vaststelt. Bij het detail staat met welke. Er is niets besloten." "Haal op wat nieuw is en maak bij Regels de versie uit het detail actief als een andere dat is. Bekijk dan opnieuw wat de regels van de tekst vinden en besluit. Hebt u die versie van de regels niet, vraag dan uw beheerder of zij is uitgegeven en of uw Begrip is bijgewerkt."
        "Your check was made by other rules than those that the server establishes by. The detail says which. Nothing was decided." "Get what is new and, at Rules, make the version in the detail active if another one is. Then look again at what the rules find in the text, and decide. If you do not have that version of the rules, ask your administrator whether it was published and whether your Begrip is up to date.";
    SignInNotOffered "BG-830" 409
        "Bij deze centrale server kunt u zich niet aanmelden." "Vraag uw beheerder om een toegangssleutel en vul die in bij Instellingen."
        "You cannot sign in at this central server." "Ask your administrator for an access token and enter it in Settings.";
    SignInRefused "BG-831" 403
        "De dienst waar u zich aanmeldt, heeft u niet toegelaten." "Probeer het opnieuw. Lukt het niet, vraag dan uw beheerder of u Begrip mag gebruiken."
        "The service where you sign in did not let you in." "Try again. If it fails, ask your administrator whether you may use Begrip.";
    SignInEnded "BG-832" 401
        "Uw aanmelding is verlopen." "Meld u opnieuw aan. Uw wijzigingen blijven wachten; op deze computer werkt alles."
        "Your sign-in has ended." "Sign in again. Your changes go on waiting; everything on this computer works.";
    SignInFailed "BG-833" 502
        "Het aanmelden is niet gelukt. Wat terugkwam, hoort niet bij deze aanmelding of is niet te vertrouwen." "Probeer het opnieuw. Geef het detail aan uw beheerder als het blijft misgaan."
        "Signing in failed. What came back does not belong to this sign-in or cannot be trusted." "Try again. Give the detail to your administrator if it keeps failing.";
    SignInTooLate "BG-834" 408
        "U hebt zich niet op tijd aangemeld." "Begin opnieuw en maak het aanmelden in de browser binnen vijf minuten af."
        "You did not sign in in time." "Begin again and finish signing in in the browser within five minutes.";
    SignInUnreachable "BG-835" 503
        "De dienst waar u zich aanmeldt, is niet bereikbaar." "Ga gewoon verder en probeer het later opnieuw. Uw wijzigingen wachten."
        "The service where you sign in cannot be reached." "Just go on and try again later. Your changes wait.";
    SignInStopped "BG-836" 409
        "Het aanmelden is gestopt." "Begin opnieuw als u zich wilt aanmelden."
        "Signing in was stopped." "Begin again if you want to sign in.";
    NoAccount "BG-837" 403
        "U hebt op de centrale server geen account." "Vraag uw beheerder om u toe te voegen en meld u daarna opnieuw aan."
        "You have no account on the central server." "Ask your administrator to add you, and sign in again after that.";
    AccountClosed "BG-838" 403
        "Uw account op de centrale server is afgesloten." "Vraag uw beheerder of dat klopt. Op deze computer werkt alles."
        "Your account on the central server is closed." "Ask your administrator whether that is right. Everything on this computer works.";
    SignInShort "BG-839" 409
        "U bent aangemeld, maar niet voor lang: de dienst waar u zich aanmeldt, laat Begrip uw aanmelding niet verlengen." "Meld u opnieuw aan zodra Begrip daarom vraagt, en na elke start. Vraag uw beheerder of de dienst aanmeldingen langer kan laten gelden (offline_access, prompt=consent)."
        "You are signed in, but not for long: the service where you sign in does not let Begrip renew your sign-in." "Sign in again as soon as Begrip asks for it, and after each start. Ask your administrator whether the service can let sign-ins last (offline_access, prompt=consent).";
    AdminRole "BG-840" 403
        "U bent geen beheerder (meer) van uw organisatie." "Vraag een beheerder van uw organisatie of dat klopt."
        "You are no administrator of your organisation (any more)." "Ask an administrator of your organisation whether that is right.";
    AdminOneself "BG-841" 409
        "U kunt uzelf niet afsluiten, losmaken of een andere rol geven." "Vraag een andere beheerder van uw organisatie."
        "You cannot close, unlink or give another role to yourself." "Ask another administrator of your organisation.";
    AdminGone "BG-842" 404
        "Deze gebruiker of toegangssleutel is er niet (meer) in uw organisatie." "Open het scherm opnieuw en kijk wat er nu staat."
        "This user or access token is not there in your organisation (any more)." "Open the screen again and see what stands there now.";
    AdminNameTaken "BG-843" 409
        "Er is al een gebruiker met deze naam." "Kies een andere naam, of wijzig de gebruiker die er is."
        "There is a user with this name already." "Choose another name, or change the user who is there.";
    AdminEmailTaken "BG-844" 409
        "Dit e-mailadres hoort al bij een andere gebruiker." "Controleer het adres. Hoort het bij een andere organisatie, vraag dan wie de server bedient om het los te maken."
        "This e-mail address belongs to another user already." "Check the address. If another organisation has it, ask whoever operates the server to release it.";
    AdminTokenPerson "BG-845" 409
        "Voor iemand die zich aanmeldt, maakt u geen toegangssleutel: een ander zou in diens naam kunnen werken." "Voeg voor een koppeling een gebruiker zonder e-mailadres toe."
        "No access token is made for somebody who signs in: another could act in their name." "Add a user without an e-mail address for a machine.";
    AdminTokenDecides "BG-846" 409
        "Met een toegangssleutel beoordeelt of beheert niemand." "Geef de koppeling de rol lezer of auteur."
        "Nobody reviews or administers by an access token." "Give the machine the role reader or author.";
    AdminHoldsToken "BG-847" 409
        "Deze gebruiker heeft een toegangssleutel die een beheerder maakte." "Trek die toegangssleutel eerst in."
        "This user has an access token that an administrator made." "Revoke that access token first.";
    AdminClosed "BG-848" 409
        "Deze gebruiker is afgesloten." "Open het account eerst weer."
        "This user is closed." "Open the account again first.";
    AdminAboveBudget "BG-849" 409
        "Uw eigen grens is hoger dan het budget van uw organisatie." "Kies een lagere grens, of vraag wie de server bedient om een hoger budget."
        "Your own limit is above your organisation's budget." "Choose a lower limit, or ask whoever operates the server for a larger budget.";
    ServerInput "BG-850" 400
        "De centrale server neemt deze invoer niet aan." "Verbeter wat bij het detail staat en probeer het opnieuw."
        "The central server does not take this input." "Mend what the detail says and try again.";
    AdminOtherDomain "BG-851" 409
        "Dit e-mailadres is niet van een e-maildomein van uw organisatie." "Gebruik een adres van uw eigen organisatie, of vraag wie de server bedient om het domein toe te voegen."
        "This e-mail address is in no e-mail domain of your organisation." "Use an address of your own organisation, or ask whoever operates the server to add the domain.";
    ServerJobUnknown "BG-852" 404
        "Deze reeks staat niet (meer) op de server van uw organisatie." "Kies een reeks uit de lijst."
        "This batch is not (or no longer) on your organisation's server." "Choose a batch from the list.";
    ServerNoModel "BG-853" 503
        "Op de server van uw organisatie is geen taalmodel ingesteld." "Vraag uw beheerder, of laat de definities op deze computer maken."
        "No language model has been set up on your organisation's server." "Ask your administrator, or have the definitions made on this computer.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn how_long_to_wait_after_failures_is_what_the_breaker_waits() {
        let breaker = begrip_llm::BreakerSettings::default();
        let row = ErrorCode::ModelPaused.row();
        for (sentence, word) in [(row.do_nl, "seconden"), (row.do_en, "seconds")] {
            for time in [breaker.cool_down, breaker.longest] {
                let told = format!("{} {word}", time.as_secs());
                assert!(sentence.contains(&told), "{sentence}");
            }
        }
    }

    #[test]
    fn every_code_is_unique_well_formed_and_says_what_to_do() {
        let mut seen = BTreeSet::new();
        for code in ErrorCode::ALL {
            let row = code.row();
            assert!(seen.insert(row.code), "{} stands twice", row.code);
            let digits = row.code.strip_prefix("BG-").unwrap();
            let numbered = digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit());
            assert!(numbered, "{}", row.code);
            for sentence in [row.nl, row.do_nl, row.en, row.do_en] {
                assert!(
                    sentence.ends_with(['.', '?']) && sentence.len() > 10,
                    "{sentence}"
                );
            }
            assert!((400..600).contains(&row.http));
        }
    }

    #[test]
    fn the_http_status_comes_from_the_table() {
        assert_eq!(UserError::new(ErrorCode::NotFound, "").http_status(), 404);
    }
}
