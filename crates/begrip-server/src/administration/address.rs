//! E-mail addresses and their domains, each in the one form in which they are compared.

use unicode_normalization::is_nfkc;

/// The longest address that is invited, in characters.
const LONGEST: usize = 254;

/// A domain as the network names it: small letters, and `xn--…` for what is not ASCII. Nothing for what is no
/// domain of an organisation: a single word, or a name that no machine can have.
pub fn domain(text: &str) -> Option<String> {
    host(text).filter(|host| host.contains('.'))
}

/// An address in small letters, its domain as [`domain`] has it. Nothing for what is none, and for a name in
/// letters that only look like others: which mailbox it is, the provider of the mail says.
pub fn email(text: &str) -> Option<String> {
    let text = text.trim();
    let (name, of) = text.split_once('@')?;
    let odd = |char: char| char.is_control() || char.is_whitespace();
    let whole = !name.is_empty() && is_nfkc(name) && !name.contains(odd);
    let email = format!("{}@{}", name.to_lowercase(), host(of)?);
    (whole && email.chars().count() <= LONGEST).then_some(email)
}

fn host(text: &str) -> Option<String> {
    idna::domain_to_ascii_strict(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_one_form_and_what_only_looks_like_it_has_none() {
        for (text, form) in [
            (" Anna@OM.example ", Some("anna@om.example")),
            ("anna@ＯＭ．example", Some("anna@om.example")),
            ("anna@MÜNCHEN.example", Some("anna@xn--mnchen-3ya.example")),
            (
                "anna@mu\u{308}nchen.example",
                Some("anna@xn--mnchen-3ya.example"),
            ),
            (
                "anna@xn--mnchen-3ya.example",
                Some("anna@xn--mnchen-3ya.example"),
            ),
            ("ａnna@om.example", None),
            ("x＠dji.example@om.example", None),
            ("x@dji.example@om.example", None),
            ("x@dji.example＠om.example", None),
            ("anna@om..example", None),
            ("anna@om .example", None),
            ("an na@om.example", None),
            ("@om.example", None),
            ("anna@", None),
            ("anna", None),
        ] {
            assert_eq!(email(text).as_deref(), form, "{text}");
        }
        assert_eq!(email(&format!("{}@om.example", "a".repeat(250))), None);
        for (text, form) in [
            (" OM.Example", Some("om.example")),
            ("om", None),
            ("@om.example", None),
            ("*.om.example", None),
        ] {
            assert_eq!(domain(text).as_deref(), form, "{text}");
        }
    }
}
