use serde_json::Value;

/// The window's own configuration: the browser gets the same policy.
const CONFIGURATION: &str = include_str!("../../../tauri.conf.json");

/// The window's content security policy, except that the bridge to the use cases is this host
/// instead of Tauri's.
///
/// Empty when the configuration holds none, which a test of the desktop refuses.
pub fn content_security_policy() -> String {
    let configuration: Value = serde_json::from_str(CONFIGURATION).unwrap_or_default();
    let directives = configuration
        .pointer("/app/security/csp")
        .and_then(Value::as_object);
    directives
        .into_iter()
        .flatten()
        .map(|(name, value)| match name.as_str() {
            "connect-src" => "connect-src 'self'".to_owned(),
            _ => format!("{name} {}", value.as_str().unwrap_or("'none'")),
        })
        .collect::<Vec<_>>()
        .join("; ")
}
