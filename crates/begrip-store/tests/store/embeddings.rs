//! Texts as vectors: kept once, for one model.

use begrip_store::Store;
use jiff::Timestamp;

#[test]
fn a_vector_comes_back_for_its_text_and_model_pointing_the_same_way() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(home.path(), false, Timestamp::UNIX_EPOCH).unwrap();
    let known = |model: &str, texts: &[&str]| store.embeddings(model, texts).unwrap();
    assert_eq!(known("m", &["vonnis"]), [None]);
    store
        .keep_embeddings(
            "m",
            &[("vonnis", vec![0.5, -1.0]), ("arrest", vec![0.0, 0.0])],
        )
        .unwrap();
    assert_eq!(
        known("m", &["arrest", "beschikking", "vonnis"]),
        [Some(vec![0.0, 0.0]), None, Some(vec![64.0, -127.0])]
    );
    assert_eq!(known("ander", &["vonnis"]), [None]);
    // What another model made cannot be compared with it: it goes.
    store
        .keep_embeddings("ander", &[("vonnis", vec![1.0])])
        .unwrap();
    assert_eq!(known("ander", &["vonnis"]), [Some(vec![127.0])]);
    assert_eq!(known("m", &["vonnis"]), [None]);
}

#[test]
fn the_oldest_go_when_there_are_too_many() {
    let home = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(home.path(), false, Timestamp::UNIX_EPOCH).unwrap();
    store
        .keep_embeddings("m", &[("eerste", vec![1.0])])
        .unwrap();
    let texts: Vec<String> = (0..10_000).map(|n| n.to_string()).collect();
    let rows: Vec<(&str, Vec<f32>)> = texts
        .iter()
        .map(|text| (text.as_str(), vec![1.0]))
        .collect();
    store.keep_embeddings("m", &rows).unwrap();
    let known = store.embeddings("m", &["eerste", "0", "9999"]).unwrap();
    assert_eq!(known, [None, Some(vec![127.0]), Some(vec![127.0])]);
}
