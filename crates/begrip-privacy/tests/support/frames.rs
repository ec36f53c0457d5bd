//! Sentences in which a name, a number or a place can stand.

/// A name in the middle of a sentence, with nothing that says that it is one.
pub const MIDDLE: [&str; 40] = [
    "Daarover heeft {} het gezien.",
    "Daarover heeft {} niets gehoord.",
    "Die avond heeft {} de auto herkend.",
    "Tot nu toe heeft {} geen verklaring gegeven.",
    "Volgens de verbalisanten was {} die nacht niet thuis.",
    "De auto stond op naam van {}, zo bleek later.",
    "Op de camerabeelden is te zien dat {} wegrent.",
    "De betrokkene zegt dat {} haar heeft geduwd.",
    "Later die nacht belde {} met een onbekend nummer.",
    "Er is een bericht gestuurd aan {} en aan een ander.",
    "Bij de doorzoeking trof de politie {} slapend aan.",
    "Toen de deur openging, stond {} in de gang.",
    "Zij heeft het geld aan {} gegeven.",
    "Uit het onderzoek volgt dat {} de rekening beheerde.",
    "Dat {} daarvan wist, staat vast.",
    "‘Ik heb {} nooit ontmoet’, verklaarde hij.",
    "Met {} is geen afspraak gemaakt.",
    "De tas van {} is niet teruggevonden.",
    "Naast hem liep {} (34) met een hond.",
    "De melding kwam van {}, die daar woont.",
    "Er is ruzie geweest tussen {} en een voorbijganger.",
    "Daarbij is {} gewond geraakt aan het hoofd.",
    "Op het briefje stond ‘bel {}’.",
    "Zonder {} was het niet gebeurd, aldus de verklaring.",
    "Als {} terugkomt, wordt hij gehoord.",
    "Op de achterbank zat {} te telefoneren.",
    "De telefoon was volgens hem van {} en niet van hem.",
    "Onder druk heeft {} de papieren getekend.",
    "In de periode daarna werd {} meermalen bedreigd.",
    "De bewaking heeft {} aangehouden en overgedragen.",
    "Het alibi van {} klopt niet.",
    "Hij heeft {} geslagen met een stok.",
    "Samen met {} heeft hij de deur geforceerd.",
    "Op vragen van de voorzitter antwoordt {} dat hij sliep.",
    "De kamer werd gehuurd door {} en diens kompaan.",
    "Vanaf dat moment woonde {} bij een kennis.",
    "Het geld was bestemd voor {}, aldus het dossier.",
    "Ter zitting is {} niet verschenen.",
    "De brief is ondertekend door {}.",
    "Niemand heeft {} daarna nog gezien.",
];

/// A name with which a sentence begins.
pub const START: [&str; 10] = [
    "{} heeft het gezien.",
    "{} ontkent dat hij er was.",
    "{} en een voorbijganger kregen ruzie.",
    "{} is niet verschenen.",
    "{} verklaart dat de deur open stond.",
    "{} zou de sleutel hebben gehad.",
    "{} werd op heterdaad aangehouden.",
    "{} had het geld op zak.",
    "{} zegt van niets te weten.",
    "{}, die daar woont, heeft de politie gebeld.",
];

/// A name with its title or role.
pub const AFTER_TITLE: [&str; 12] = [
    "Daarover heeft {} het gezien.",
    "Ook {} heeft niets gehoord.",
    "Gehoord is {}, die bij zijn verklaring blijft.",
    "De verklaring van {} is betrouwbaar.",
    "Namens de verdediging is verzocht {} te horen.",
    "Op het bureau werd {} herkend.",
    "Toen heeft {} de politie gebeld.",
    "Het letsel van {} is beschreven in het rapport.",
    "Daarna is {} door twee mannen bedreigd.",
    "Volgens {} stond de auto er al dagen.",
    "De rechtbank acht de lezing van {} niet aannemelijk.",
    "Er is telefonisch contact geweest met {} over de gang van zaken.",
];

/// Who somebody is to another, and words for naming.
pub const RELATIONS: [&str; 20] = [
    "zijn broer",
    "haar zus",
    "zijn vriendin",
    "haar ex-partner",
    "de buurvrouw",
    "zijn neef",
    "haar oom",
    "een collega",
    "ene",
    "een zekere",
    "een man genaamd",
    "een vrouw die zich noemt",
    "de familie",
    "zijn vader",
    "haar echtgenoot",
    "zijn zakenpartner",
    "de oppas",
    "haar stiefvader",
    "zijn schoonzus",
    "de huisbaas",
];

/// What stands before the number of a document, and how that number is made: `L` is a letter, `9` a digit.
pub const DOCUMENTS: [(&str, &str); 18] = [
    ("paspoortnummer", "LLL999L99"),
    ("paspoort met nummer", "LL99L9999"),
    ("een paspoort (nummer", "LLL9L9999)"),
    ("rijbewijsnummer", "5999999999"),
    ("rijbewijs met nummer", "5999999999"),
    ("identiteitskaart", "LL99L9999"),
    ("identiteitsbewijs met nummer", "LLL999999"),
    ("v-nummer", "2899999999"),
    ("V-nummer:", "289.999.9999"),
    ("v-nr.", "2899999999"),
    ("vreemdelingennummer", "2899999999"),
    ("SKN-nummer", "99999999"),
    ("SKN", "99999999"),
    ("BIG-nummer", "49999999901"),
    ("polisnummer", "999.999.999"),
    ("cliëntnummer", "9999999"),
    ("patiëntnummer:", "9999999"),
    ("verblijfsdocument met documentnummer", "LLL999999"),
];

/// Sentences with such a number.
pub const DOCUMENT: [&str; 5] = [
    "Hij toonde {} aan de agent.",
    "De aanvraag is gedaan onder {}.",
    "In het systeem staat {} vermeld.",
    "Bij de balie is {} gescand.",
    "De identiteit is vastgesteld met {}.",
];

/// Sentences with a place of birth or of living.
pub const PLACE: [&str; 8] = [
    "Hij is woonachtig te {}.",
    "Woonplaats: {}.",
    "Geboorteplaats: {}.",
    "De betrokkene, wonende te {}, is niet verschenen.",
    "Zij is geboren in {}.",
    "Hij staat ingeschreven in {}.",
    "Zij verblijft sinds kort in {} bij een kennis.",
    "Betrokkene woont in {}.",
];

/// Sentences with a postcode.
pub const POSTCODE: [&str; 5] = [
    "Het pakket ging naar postcode {}.",
    "Als postcode gaf hij {} op.",
    "Op het etiket stond {}.",
    "De melding kwam uit het gebied {}.",
    "De woning ({}) is verzegeld.",
];
