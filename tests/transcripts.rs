//! What people type is run and compared: `tests/cli/*.md`.

#[test]
fn what_people_type_gives_what_the_transcripts_show() {
    trycmd::TestCases::new().case("../../tests/cli/*.md");
}
