//! What became of settings that were tried: the model is run with and without them.
//!
//! In:  a machine, the settings that were tried on it, and what was seen on the wire.
//! Out: for each of them a verdict, for each possible target framework where that is unknown.
//! Not here: which settings of a paste were tried.

use super::machine::{Input, Machine, Origin, Place, Setting, text};
use super::worlds::{Answer, Possible, possible};
use super::{Client, Decision, dotnet, native, schannel};
use crate::content::{Side, Text, Verdict};
use crate::tls::Version;

/// Settings that say one thing, perhaps in several places.
#[derive(Clone, Debug)]
pub struct Fix {
    /// As it is spoken of: `SchUseStrongCrypto = 1`.
    pub name: String,
    /// The settings.
    pub settings: Vec<Setting>,
}

/// What the wire showed of the program.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The newest version of its hello.
    pub newest: Option<Version>,
    /// It was seen before the fixes were made.
    pub before_fixes: bool,
    /// The same program offers the wanted version on this system, with nothing set as far as is known.
    pub works_on: Option<String>,
}

/// The verdict on one fix.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The verdict where the program is as the evidence has it.
    pub verdict: Verdict,
    /// One sentence for each kind of program that it may be; the likely kinds first.
    pub says: Vec<Sentence>,
}

/// What became of a fix, for one kind of program.
#[derive(Clone, Debug)]
pub struct Sentence {
    /// The target framework, where it is unknown.
    pub target: Option<Answer>,
    /// What was seen fits a program of this kind.
    pub fits: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// Why.
    pub why: Text,
}

/// Judges every fix: by itself, and among the others.
#[must_use]
pub fn judge(machine: &Machine, fixes: &[Fix], wanted: Version, seen: &Seen) -> Vec<Judgement> {
    let bare = without(machine, fixes.iter());
    let mut targets: Vec<Option<Answer>> = Vec::new();
    for world in [machine, &bare].into_iter().filter_map(|machine| possible(machine).ok()).flatten() {
        if let Some(answer) = world.answer(Input::Target) {
            let answer = Some(answer.clone());
            if !targets.contains(&answer) {
                targets.push(answer);
            }
        }
    }
    if targets.is_empty() {
        targets.push(None);
    }
    let of_target = |target: &Option<Answer>, machine: &Machine| {
        let mut machine = machine.clone();
        if let Some(target) = target {
            machine.suppose(Input::Target, &target.value);
        }
        machine
    };
    fixes
        .iter()
        .map(|fix| {
            let mut says: Vec<Sentence> = targets
                .iter()
                .map(|target| {
                    let case = Case {
                        bare: of_target(target, &bare),
                        all: of_target(target, machine),
                        fixes,
                        wanted,
                    };
                    let (verdict, why) = case.verdict_of_either_bitness(fix);
                    Sentence { fits: case.fits(seen), target: target.clone(), verdict, why }
                })
                .collect();
            // Where nothing fits, the evidence is of another moment, and every kind is as likely.
            if says.iter().all(|sentence| !sentence.fits) {
                says.iter_mut().for_each(|sentence| sentence.fits = true);
            }
            // Nobody tries a fix where nothing is wrong: programs that failed before it come first.
            let well_before = |sentence: &Sentence| {
                let worlds = possible(&of_target(&sentence.target, &bare)).unwrap_or_default();
                worlds.iter().all(|world| world.outcome.has(wanted))
            };
            says.sort_by_cached_key(|sentence| (!sentence.fits, well_before(sentence)));
            let first = says.first().map_or(Verdict::NoEffect, |sentence| sentence.verdict);
            Judgement { verdict: first, says }
        })
        .collect()
}

/// The machine without some settings.
fn without<'f>(machine: &Machine, fixes: impl Iterator<Item = &'f Fix>) -> Machine {
    let mut machine = machine.clone();
    for setting in fixes.flat_map(|fix| &fix.settings) {
        machine.unset(setting.place, &setting.name);
    }
    machine
}

fn with<'f>(machine: &Machine, settings: impl Iterator<Item = &'f Setting>) -> Machine {
    let mut machine = machine.clone();
    for setting in settings {
        machine.set(setting.place, &setting.name, &setting.value, setting.origin.clone());
    }
    machine
}

/// One kind of program.
struct Case<'f> {
    bare: Machine,
    all: Machine,
    fixes: &'f [Fix],
    wanted: Version,
}

impl Case<'_> {
    /// Whether the wanted version is offered; none where it hangs on something else that is unknown.
    fn offers(&self, machine: &Machine) -> Option<bool> {
        let worlds = possible(machine).unwrap_or_default();
        let first = worlds.first()?.outcome.has(self.wanted);
        worlds.iter().all(|world| world.outcome.has(self.wanted) == first).then_some(first)
    }

    fn fits(&self, seen: &Seen) -> bool {
        let too_old = seen.newest.is_some_and(|newest| newest.rank() < self.wanted.rank());
        let then = if seen.before_fixes { &self.bare } else { &self.all };
        let contradicts = too_old && self.offers(then) == Some(true);
        let works = seen.works_on.as_ref().is_none_or(|os| {
            let mut other = self.bare.clone();
            other.suppose(Input::Os, os);
            self.offers(&other) != Some(false)
        });
        !contradicts && works
    }

    /// The verdict where the bitness is unknown: the same for both, or that on a 64-bit program, or
    /// that the value stands where only one of them looks.
    fn verdict_of_either_bitness(&self, fix: &Fix) -> (Verdict, Text) {
        if self.all.known(Input::Bits).is_some() {
            return self.verdict(fix);
        }
        let of = |bits: &str| {
            let mut case = Self { bare: self.bare.clone(), all: self.all.clone(), ..*self };
            case.bare.suppose(Input::Bits, bits);
            case.all.suppose(Input::Bits, bits);
            case
        };
        let (wide, narrow) = (of("64"), of("32"));
        let alone = |case: &Self| self.offers(&with(&case.bare, fix.settings.iter()));
        match (alone(&wide), alone(&narrow)) {
            (Some(a), Some(b)) if a != b && self.offers(&self.bare) == Some(false) => (
                Verdict::WrongPlace,
                text(
                    "It acts only on programs of one bitness: 32-bit programs on 64-bit Windows read the copy under Wow6432Node, 64-bit programs the other one. Set it in both.",
                    "它只对一种位数的程序起作用：64 位 Windows 上的 32 位程序读取 Wow6432Node 下的那一份，64 位程序读取另一份。两处都要设置。",
                ),
            ),
            _ => wide.verdict(fix),
        }
    }

    fn verdict(&self, fix: &Fix) -> (Verdict, Text) {
        let alone = with(&self.bare, fix.settings.iter());
        let (before, after) = (self.offers(&self.bare), self.offers(&alone));
        let wanted = self.wanted;
        let name = &fix.name;
        let keys = [("DisabledByDefault", "0"), ("Enabled", "1")].map(|(value, number)| Setting {
            place: Place::Registry,
            name: schannel::value_name(wanted, Side::Client, value),
            value: number.to_owned(),
            origin: Origin::Supposed,
        });
        let worlds = possible(&alone).unwrap_or_default();
        let read = |worlds: &[Possible]| {
            worlds.iter().flat_map(|world| &world.read).any(|read| fix.settings.contains(read))
        };
        if before != Some(false) && !read(&worlds) {
            return (Verdict::NoEffect, self.not_read(fix, &worlds));
        }
        match (before, after) {
            (Some(true), Some(false)) => (
                Verdict::NeedsMore,
                text(
                    format!(
                        "It makes things worse: without it such a program offers {wanted}; {name} leaves the choice to Windows, which does not, until the Schannel key is set as well."
                    ),
                    format!(
                        "反而更糟：不设它，这种程序本来就会提供 {wanted}；{name} 改由 Windows 决定，而在同时设置 Schannel 键之前，Windows 不提供。"
                    ),
                ),
            ),
            (Some(true), _) => (
                Verdict::NoEffect,
                text(
                    format!("Such a program offers {wanted} without it."),
                    format!("这种程序不设它也会提供 {wanted}。"),
                ),
            ),
            (_, Some(true)) => self.would_have_worked(fix),
            (_, Some(false) | None) => {
                if self.offers(&other_view(&alone, &fix.settings)) == Some(true) {
                    return (
                        Verdict::WrongPlace,
                        text(
                            "It would work in the other view of the registry: this program reads the copy of the other bitness (with or without Wow6432Node).",
                            "换到注册表的另一个视图就会起作用：这个程序读取的是另一种位数的那一份（带或不带 Wow6432Node）。",
                        ),
                    );
                }
                if !read(&worlds) {
                    return (Verdict::NoEffect, self.not_read(fix, &worlds));
                }
                let needs_keys = self.offers(&with(&alone, keys.iter())) == Some(true);
                let keys_alone = self.offers(&with(&self.bare, keys.iter())) == Some(true);
                if needs_keys && !keys_alone {
                    return (
                        Verdict::NeedsMore,
                        text(
                            format!(
                                "It leaves the choice to Windows, and Windows leaves {wanted} out. It needs the Schannel key as well (`{wanted}\\Client`, `DisabledByDefault = 0`)."
                            ),
                            format!(
                                "它改由 Windows 决定，而 Windows 不提供 {wanted}。还需要同时设置 Schannel 键（`{wanted}\\Client`，`DisabledByDefault = 0`）。"
                            ),
                        ),
                    );
                }
                if needs_keys {
                    return (
                        Verdict::NoEffect,
                        text(
                            format!(
                                "It says what held already: such a program leaves the choice to Windows, and Windows leaves {wanted} out. What is needed is the Schannel key (`{wanted}\\Client`, `DisabledByDefault = 0`)."
                            ),
                            format!(
                                "它说的本来就是如此：这种程序本来就由 Windows 决定，而 Windows 不提供 {wanted}。需要的是 Schannel 键（`{wanted}\\Client`，`DisabledByDefault = 0`）。"
                            ),
                        ),
                    );
                }
                (
                    Verdict::NoEffect,
                    text(
                        format!("The program reads it, but it does not add {wanted}."),
                        format!("程序会读取它，但它并不会加上 {wanted}。"),
                    ),
                )
            }
        }
    }

    fn would_have_worked(&self, fix: &Fix) -> (Verdict, Text) {
        let wanted = self.wanted;
        let name = &fix.name;
        if self.offers(&self.all) != Some(false) {
            return (
                Verdict::WouldHaveWorked,
                text(
                    format!(
                        "For such a program it is the cure: {wanted} is then offered. If the failure stayed, the value did not reach the process (program or machine not restarted, value reset by a policy, the other bitness), or something else is wrong."
                    ),
                    format!(
                        "对这种程序它正是解药：之后会提供 {wanted}。如果故障依旧，说明该值没有到达进程（程序或机器没有重启、被策略改回、位数不对），或另有原因。"
                    ),
                ),
            );
        }
        let alone = with(&self.bare, fix.settings.iter());
        let by = self
            .fixes
            .iter()
            .filter(|other| other.name != fix.name)
            .find(|other| self.offers(&with(&alone, other.settings.iter())) == Some(false));
        let by = by.map_or_else(String::new, |by| by.name.clone());
        (
            Verdict::Undone,
            text(
                format!(
                    "Alone it would have worked for such a program; {by} takes it back: it is asked first, and leaves the choice to Windows. Remove {by}, or set the Schannel key as well. ({name} by itself did not reach the process if it was tried alone before: not restarted, or the other bitness.)"
                ),
                format!(
                    "对这种程序，单独设置它本来就会起作用；{by} 把它抵消了：程序先看后者，于是由 Windows 决定。去掉 {by}，或同时设置 Schannel 键。（若之前曾单独试过 {name}，说明它没有到达进程：没有重启，或位数不对。）"
                ),
            ),
        )
    }

    /// Why a program does not read a setting.
    fn not_read(&self, fix: &Fix, worlds: &[Possible]) -> Text {
        let client = self.bare.client;
        let of_dotnet = |setting: &Setting| setting.name.to_ascii_lowercase().contains(r"\.netframework\");
        let last =
            |setting: &Setting| setting.name.rsplit('\\').next().unwrap_or_default().to_ascii_lowercase();
        let only = |test: &dyn Fn(&Setting) -> bool| fix.settings.iter().all(test);
        if only(&|setting| last(setting) == "defaultsecureprotocols") && client != Client::WinHttp {
            return text(
                format!(
                    "It is WinHTTP's, another library. {} goes to Schannel directly and never reads it.",
                    client.name()
                ),
                format!("它属于另一个库 WinHTTP。{} 直接使用 Schannel，从不读取它。", client.name()),
            );
        }
        if only(&|setting| setting.name == native::WININET) && client != Client::WinInet {
            return text(
                format!("It is WinINet's (Internet Explorer, Office). {} does not read it.", client.name()),
                format!("它属于 WinINet（Internet Explorer、Office）。{} 不读取它。", client.name()),
            );
        }
        if only(&|setting| {
            setting.name.to_ascii_lowercase().ends_with(r"\server\enabled")
                || setting.name.to_ascii_lowercase().ends_with(r"\server\disabledbydefault")
        }) {
            return text(
                "It stands under Server, which clients do not read; the one for clients is beside it, under Client.",
                "它在 Server 下，客户端不读取；客户端用的是旁边的 Client。",
            );
        }
        if only(&|setting| of_dotnet(setting) && setting.name.contains("v2.0.50727")) {
            return text(
                "It stands under v2.0.50727, which only programs of CLR 2 (.NET 2.0 to 3.5) read.",
                "它在 v2.0.50727 下，只有 CLR 2（.NET 2.0 至 3.5）的程序才读取。",
            );
        }
        if only(&of_dotnet) {
            let by = worlds
                .first()
                .and_then(|world| world.outcome.offers.iter().find(|offer| offer.version == self.wanted));
            let system = by.is_some_and(|offer| offer.decided_by.setting.starts_with("SCHANNEL"));
            if only(&|setting| last(setting).eq_ignore_ascii_case(dotnet::STRONG_VALUE)) && system {
                return text(
                    "It acts where .NET names the versions. Such a program leaves the choice to Windows, and never gets as far as this value.",
                    "它只在由 .NET 指定版本时起作用。这种程序由 Windows 决定版本，根本走不到这一项。",
                );
            }
            if let Some(Decision { setting, place: Place::Code, .. }) = by.map(|offer| &offer.decided_by) {
                return text(
                    format!("The code names the versions itself ({setting}), so no registry value is asked."),
                    format!("代码自己指定了版本（{setting}），不再看注册表。"),
                );
            }
            return text(
                format!("It is a value of .NET Framework, and {} here does not read it.", client.name()),
                format!("它是 .NET Framework 的值，这里的 {} 不读取它。", client.name()),
            );
        }
        text(
            format!("{} does not read it here.", client.name()),
            format!("{} 在这里不读取它。", client.name()),
        )
    }
}

/// The same settings in the registry's other view.
fn other_view(machine: &Machine, settings: &[Setting]) -> Machine {
    let mut machine = machine.clone();
    for setting in settings.iter().filter(|setting| setting.place == Place::Registry) {
        let upper = setting.name.to_ascii_uppercase();
        let name = match upper.find(r"\WOW6432NODE\") {
            Some(at) => {
                let rest = setting.name.get(at + r"\WOW6432NODE".len()..).unwrap_or_default();
                format!("{}{rest}", setting.name.get(..at).unwrap_or_default())
            }
            None => setting.name.replacen(r"HKLM\SOFTWARE\", r"HKLM\SOFTWARE\Wow6432Node\", 1),
        };
        machine.set(Place::Registry, name, &setting.value, setting.origin.clone());
    }
    machine
}
