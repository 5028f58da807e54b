//! How long a diagnosis takes: `make bench`. Work grows linearly with the input, and the start
//! (reading the knowledge) is paid once.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use whytls::{Lang, Paste};

fn main() {
    divan::main();
}

/// The post that it all began with.
const POST: &str = include_str!("../web/examples/windows-7-mail.md");

/// A log with a failure in every hundredth line.
fn log(bytes: usize) -> String {
    let mut log = String::with_capacity(bytes + 200);
    let mut line = 0_usize;
    while log.len() < bytes {
        line += 1;
        let second = line % 60;
        if line.is_multiple_of(100) {
            log.push_str(&format!(
                "2026-11-24 09:00:{second:02}.123 ERROR mailer[{line}] System.IO.IOException: Authentication failed because the remote party has closed the transport stream.\n"
            ));
        } else {
            log.push_str(&format!("2026-11-24 09:00:{second:02}.123 INFO mailer[{line}] queued message {line} for delivery (attempt 1)\n"));
        }
    }
    log
}

#[divan::bench]
fn the_post(bencher: Bencher<'_, '_>) {
    bencher.counter(BytesCount::of_str(POST)).bench(|| whytls::diagnose(&Paste::text(black_box(POST))));
}

#[divan::bench]
fn the_post_as_markdown(bencher: Bencher<'_, '_>) {
    bencher.bench(|| whytls::diagnose(&Paste::text(black_box(POST))).markdown(Lang::En));
}

#[divan::bench(args = [100_000, 1_000_000, 10_000_000], sample_count = 10)]
fn a_log(bencher: Bencher<'_, '_>, bytes: usize) {
    let log = log(bytes);
    bencher.counter(BytesCount::of_str(&log)).bench(|| whytls::diagnose(&Paste::text(black_box(&log))));
}

/// What costs most where work is not linear: one long line of what looks like the beginning of something.
#[divan::bench(args = ["(", "Exception ", "BEGIN PRIVATE KEY-----", "1.2.3.4\n", "TLSv1 ", "Frame 1: 1 bytes\n"], sample_count = 3)]
fn one_megabyte_of(bencher: Bencher<'_, '_>, piece: &str) {
    let text = piece.repeat(1_000_000 / piece.len());
    bencher.counter(BytesCount::of_str(&text)).bench(|| whytls::diagnose(&Paste::text(black_box(&text))));
}
