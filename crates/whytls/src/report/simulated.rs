//! What a program offers, told: `whytls simulate`.
//!
//! In:  a machine as flags and files describe it.
//! Out: [`Simulated`], as the contract's JSON or as Markdown in one of two languages.
//! Not here: the model. That is `policy`.

use std::fmt::Write as _;

use serde::Serialize;

use crate::content::{Lang, Risk, Text, Windows, library};
use crate::policy::{self, Change, Client, Decision, Form, Input, Machine, Origin, Place, Simulation};
use crate::{Paste, decode, facts};

/// What is asked, in the words of the command line.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The program: one of [`clients`].
    pub client: String,
    /// Its version.
    pub client_version: Option<String>,
    /// The system.
    pub os: Option<String>,
    /// The .NET that runs it.
    pub dotnet: Option<String>,
    /// The .NET Framework that it is built for.
    pub target: Option<String>,
    /// 32 or 64.
    pub bits: Option<String>,
}

/// The names of all clients.
#[must_use]
pub fn clients() -> Vec<&'static str> {
    Client::ALL.into_iter().map(Client::slug).collect()
}

/// The names of all systems.
#[must_use]
pub fn systems() -> Vec<&'static str> {
    library().windows.iter().map(|windows| windows.is.as_str()).collect()
}

/// The answer in the names of the contract.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct Simulated {
    whytls: super::view::About,
    pub client: &'static str,
    /// What is known of the machine, each with where it is from.
    pub known: Vec<KnownView>,
    /// What counts as not set because nothing was given.
    pub assumed: Vec<&'static str>,
    pub offers: Vec<OfferView>,
    pub unknown: Vec<UnknownView>,
    pub changes: Vec<ChangeView>,
}

/// Something that is known.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct KnownView {
    pub what: String,
    pub value: String,
    pub from: String,
}

/// One version.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct OfferView {
    pub protocol: String,
    pub offered: Option<bool>,
    pub decided_by: Option<DecisionView>,
    pub says: String,
    /// Sources contradict each other, or there is none.
    pub as_far_as_known: bool,
}

/// What decides.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct DecisionView {
    pub setting: String,
    #[serde(rename = "where")]
    pub place: &'static str,
    pub value: Option<String>,
    pub from: Option<String>,
}

/// What would change something, if it were known.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct UnknownView {
    pub what: &'static str,
    pub question: String,
    #[serde(rename = "if")]
    pub answers: Vec<AnswerView>,
}

/// What follows from one answer.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct AnswerView {
    pub value: String,
    pub name: String,
    pub offers: Vec<String>,
    /// Offered only if another unknown has the right answer too.
    pub perhaps: Vec<String>,
}

/// A change that makes a version offered.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct ChangeView {
    pub makes: String,
    pub form: &'static str,
    pub title: String,
    pub text: String,
    pub undo: String,
    /// The same for PowerShell, where it is a file for the registry.
    pub powershell: Option<PowerShellView>,
    pub restart: &'static str,
    pub risk: Risk,
    /// It works only with these answers to what is unknown.
    pub only_if: Option<OnlyIfView>,
    /// An update that has to be installed first.
    pub needs: Option<&'static str>,
}

/// A change of the registry as PowerShell commands.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct PowerShellView {
    pub text: String,
    pub undo: String,
}

/// On what it hangs whether a change works.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct OnlyIfView {
    pub what: &'static str,
    pub question: String,
    pub values: Vec<String>,
    pub names: Vec<String>,
}

impl Question {
    /// Runs the model on what is asked, with the settings that the files hold.
    ///
    /// # Errors
    /// A name that is not known, or values that contradict each other: one line that helps.
    pub fn answer(&self, files: &Paste, lang: Lang) -> Result<Simulated, String> {
        let client = Client::from_slug(&self.client).ok_or_else(|| {
            format!("--client {}: not known; known are {}", self.client, clients().join(", "))
        })?;
        let mut machine = Machine::new(client);
        if let Some(os) = &self.os {
            let windows = Windows::named(&library().windows, os)
                .ok_or_else(|| format!("--os {os}: not known; known are {}", systems().join(", ")))?;
            machine.know(Input::Os, &windows.is, Origin::Flag("--os"));
        }
        let given = [
            (Input::ClientVersion, &self.client_version, "--client-version"),
            (Input::Dotnet, &self.dotnet, "--dotnet"),
            (Input::Target, &self.target, "--target"),
            (Input::Bits, &self.bits, "--bits"),
        ];
        for (input, value, flag) in given {
            if let Some(value) = value {
                let numbered = value.bytes().any(|byte| byte.is_ascii_digit());
                let no_target = input == Input::Target && value == "none";
                if !numbered && !no_target {
                    return Err(format!("{flag} {value}: write a version, such as 4.7.2"));
                }
                machine.know(input, value, Origin::Flag(flag));
            }
        }
        let artifacts = decode::find(files);
        facts::settings(files, &artifacts, &mut machine);
        let simulation = policy::simulate(machine).map_err(|why| why.get(lang).to_owned())?;
        Ok(Simulated::new(&simulation, lang))
    }
}

impl Simulated {
    fn new(simulation: &Simulation, lang: Lang) -> Self {
        let machine = &simulation.machine;
        let inputs = machine.inputs().map(|(input, given)| KnownView {
            what: input.name().to_owned(),
            value: given.value.clone(),
            from: from(&given.origin, lang),
        });
        let settings = machine.settings().iter().map(|setting| KnownView {
            what: setting.name.clone(),
            value: setting.value.clone(),
            from: from(&setting.origin, lang),
        });
        Self {
            whytls: super::view::About::this(),
            client: machine.client.slug(),
            known: inputs.chain(settings).collect(),
            assumed: assumed(machine, lang),
            offers: simulation
                .verdicts
                .iter()
                .map(|verdict| OfferView {
                    protocol: verdict.version.to_string(),
                    offered: verdict.offered,
                    decided_by: verdict.decided_by.as_ref().map(|decision| DecisionView::new(decision, lang)),
                    says: verdict.says.get(lang).to_owned(),
                    as_far_as_known: verdict.unsure,
                })
                .collect(),
            unknown: simulation
                .unknown
                .iter()
                .map(|unknown| UnknownView {
                    what: unknown.input.name(),
                    question: unknown.input.question().get(lang).to_owned(),
                    answers: unknown
                        .answers
                        .iter()
                        .map(|answer| AnswerView {
                            value: answer.answer.value.clone(),
                            name: answer.answer.name.get(lang).to_owned(),
                            offers: answer.offers.iter().map(ToString::to_string).collect(),
                            perhaps: answer.perhaps.iter().map(ToString::to_string).collect(),
                        })
                        .collect(),
                })
                .collect(),
            changes: simulation.changes.iter().map(|change| ChangeView::new(change, machine, lang)).collect(),
        }
    }

    /// One object, a line end behind it.
    #[must_use]
    pub fn json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).unwrap_or_default();
        json.push('\n');
        json
    }

    /// The table, what is unknown, and the smallest change.
    #[must_use]
    pub fn markdown(&self, lang: Lang) -> String {
        let say = |en: &'static str, zh: &'static str| if lang == Lang::En { en } else { zh };
        let mut out = String::new();
        let _ = writeln!(out, "{}\n", self.headline(lang));
        let _ = writeln!(out, "{}", say("| | offered | decided by |", "| | 是否提供 | 由什么决定 |"));
        let _ = writeln!(out, "| --- | --- | --- |");
        for offer in &self.offers {
            let offered = match offer.offered {
                Some(true) => say("yes", "是"),
                Some(false) => say("no", "否"),
                None => say("unknown", "未知"),
            };
            let decided = offer.decided_by.as_ref().map_or_else(String::new, |by| by.shown(lang));
            let _ = writeln!(out, "| {} | {offered} | {decided} |", offer.protocol);
        }
        out.push('\n');
        self.reasons(&mut out, lang);
        for assumed in &self.assumed {
            let _ = writeln!(out, "\n{assumed}");
        }
        if !self.unknown.is_empty() {
            let _ = writeln!(out, "\n## {}", say("What is not known", "尚不清楚的"));
        }
        for unknown in &self.unknown {
            let _ = writeln!(out, "\n{}\n", unknown.question);
            for answer in &unknown.answers {
                let list = |versions: &[String]| match versions {
                    [] => say("nothing", "无").to_owned(),
                    versions => versions.join(say(", ", "、")),
                };
                let offers = list(&answer.offers);
                let _ = match (answer.perhaps.as_slice(), lang) {
                    ([], Lang::En) => writeln!(out, "- {}: it offers {offers}", answer.name),
                    ([], Lang::ZhCn) => writeln!(out, "- {}：提供 {offers}", answer.name),
                    (perhaps, Lang::En) => writeln!(
                        out,
                        "- {}: it offers {offers}; {} depend on the rest",
                        answer.name,
                        list(perhaps)
                    ),
                    (perhaps, Lang::ZhCn) => {
                        writeln!(out, "- {}：提供 {offers}；{} 取决于其余未知项", answer.name, list(perhaps))
                    }
                };
            }
        }
        self.remedies(&mut out, lang);
        out
    }

    /// What it comes to, in a sentence.
    fn headline(&self, lang: Lang) -> String {
        let name = Client::from_slug(self.client).map_or(self.client, Client::name);
        let newest = |test: &dyn Fn(&OfferView) -> bool| {
            self.offers.iter().rfind(|offer| test(offer)).map(|offer| offer.protocol.as_str())
        };
        let sure = newest(&|offer| offer.offered == Some(true));
        let perhaps = newest(&|offer| offer.offered != Some(false));
        match (sure, perhaps, lang) {
            (_, None, Lang::En) => format!("{name} offers no version at all here: nothing is sent."),
            (_, None, Lang::ZhCn) => format!("{name} 在这里不提供任何版本：什么都不会发出。"),
            (Some(sure), Some(perhaps), Lang::En) if sure == perhaps => {
                format!("{name} offers {sure} at most here.")
            }
            (Some(sure), Some(perhaps), Lang::ZhCn) if sure == perhaps => {
                format!("{name} 在这里最高提供 {sure}。")
            }
            (_, Some(perhaps), Lang::En) => {
                format!("Whether {name} offers {perhaps} here hangs on what is not known.")
            }
            (_, Some(perhaps), Lang::ZhCn) => {
                format!("{name} 在这里是否提供 {perhaps}，取决于尚不清楚的几点。")
            }
        }
    }

    /// Each reason once, with the versions that it is for.
    fn reasons(&self, out: &mut String, lang: Lang) {
        let mut reasons: Vec<(&str, Vec<&str>, bool)> = Vec::new();
        for offer in &self.offers {
            match reasons
                .iter_mut()
                .find(|(says, _, unsure)| *says == offer.says && *unsure == offer.as_far_as_known)
            {
                Some((_, versions, _)) => versions.push(&offer.protocol),
                None => reasons.push((&offer.says, vec![&offer.protocol], offer.as_far_as_known)),
            }
        }
        for (says, versions, unsure) in reasons {
            let _ = match lang {
                Lang::En => {
                    let note = if unsure { " (As far as known.)" } else { "" };
                    writeln!(out, "- {}: {says}{note}", versions.join(", "))
                }
                Lang::ZhCn => {
                    let note = if unsure { "（据目前所知。）" } else { "" };
                    writeln!(out, "- {}：{says}{note}", versions.join("、"))
                }
            };
        }
    }

    /// The smallest change in full, the others by their titles.
    fn remedies(&self, out: &mut String, lang: Lang) {
        let Some(first) = self.changes.first() else { return };
        let say = |en: &'static str, zh: &'static str| if lang == Lang::En { en } else { zh };
        let form = Form::ALL.into_iter().find(|form| form.name() == first.form).unwrap_or(Form::Command);
        let fence = form.fence();
        let _ = match lang {
            Lang::En => writeln!(out, "\n## The smallest change that adds {}", first.makes),
            Lang::ZhCn => writeln!(out, "\n## 加上 {} 的最小改动", first.makes),
        };
        let _ = writeln!(out, "\n{}\n\n```{fence}\n{}\n```\n", first.headline(lang), first.text.trim_end());
        if first.form == Form::Reg.name() {
            let _ = writeln!(
                out,
                "{}\n\n```{fence}\n{}\n```",
                say("To undo it:", "撤销："),
                first.undo.trim_end()
            );
        } else {
            let _ = writeln!(out, "{}{}", say("To undo it: ", "撤销："), first.undo);
        }
        let _ = writeln!(out, "\n{}", first.restarted(lang));
        if self.changes.len() > 1 {
            let _ = writeln!(
                out,
                "\n{}\n",
                say("Or (`--format json` has them in full):", "或者（`--format json` 给出全文）：")
            );
            for change in self.changes.iter().skip(1) {
                let _ = writeln!(out, "- {}", change.headline(lang));
            }
        }
    }
}

impl ChangeView {
    fn new(change: &Change, machine: &Machine, lang: Lang) -> Self {
        Self {
            makes: change.makes.to_string(),
            form: change.form.name(),
            title: change.title.get(lang).to_owned(),
            text: change.text.clone(),
            undo: change.undo.get(lang).to_owned(),
            powershell: (change.form == Form::Reg).then(|| PowerShellView {
                text: policy::powershell(&change.operations),
                undo: policy::powershell(&policy::undone(machine, &change.operations)),
            }),
            restart: change.restart.name(),
            risk: change.risk,
            only_if: change.only_if.as_ref().map(|(input, answers)| OnlyIfView {
                what: input.name(),
                question: input.question().get(lang).to_owned(),
                values: answers.iter().map(|answer| answer.value.clone()).collect(),
                names: answers.iter().map(|answer| answer.name.get(lang).to_owned()).collect(),
            }),
            needs: change.needs,
        }
    }

    /// The title, with where it is made and on what it hangs.
    fn headline(&self, lang: Lang) -> String {
        let form = match (self.form, lang) {
            ("reg", Lang::En) => "registry",
            ("reg", Lang::ZhCn) => "注册表",
            ("app-config", Lang::En) => "the program's .exe.config",
            ("app-config", Lang::ZhCn) => "程序的 .exe.config",
            ("code", Lang::En) => "code",
            ("code", Lang::ZhCn) => "代码",
            ("powershell", _) => "PowerShell",
            (_, Lang::En) => "command",
            (_, Lang::ZhCn) => "命令",
        };
        let mut line = match lang {
            Lang::En => format!("{} ({form})", self.title),
            Lang::ZhCn => format!("{}（{form}）", self.title),
        };
        if let Some(kb) = self.needs {
            line.push_str(&match lang {
                Lang::En => format!(", with update {kb} installed"),
                Lang::ZhCn => format!("，须先装更新 {kb}"),
            });
        }
        if let Some(only_if) = &self.only_if {
            line.push_str(&match lang {
                Lang::En => format!("; only if: {} {}", only_if.question, only_if.names.join(", ")),
                Lang::ZhCn => format!("；仅当：{}{}", only_if.question, only_if.names.join("、")),
            });
        }
        line
    }

    fn restarted(&self, lang: Lang) -> &'static str {
        match (self.restart, lang) {
            ("machine", Lang::En) => "Then restart the machine.",
            ("machine", Lang::ZhCn) => "然后重启机器。",
            ("program", Lang::En) => "Then start the program again.",
            ("program", Lang::ZhCn) => "然后重新启动程序。",
            (_, Lang::En) => "Nothing has to be restarted.",
            (_, Lang::ZhCn) => "无需重启任何东西。",
        }
    }
}

/// What counts as not set because nothing of the kind was given.
fn assumed(machine: &Machine, lang: Lang) -> Vec<&'static str> {
    let given = |place| machine.settings().iter().any(|setting| setting.place == place);
    let mut assumed = Vec::new();
    if !given(Place::Registry) {
        assumed.push(match lang {
            Lang::En => "No registry values were given: none of them counts as set.",
            Lang::ZhCn => "没有给出注册表值：一律按未设置处理。",
        });
    }
    if !given(Place::Code) && !given(Place::Config) {
        assumed.push(match lang {
            Lang::En => {
                "No code or configuration was given: the program is taken to name no versions itself."
            }
            Lang::ZhCn => "没有给出代码或配置：按程序自己不指定版本处理。",
        });
    }
    assumed
}

impl DecisionView {
    fn new(decision: &Decision, lang: Lang) -> Self {
        Self {
            setting: decision.setting.clone(),
            place: decision.place.name(),
            value: decision.value.clone(),
            from: decision.origin.as_ref().map(|origin| from(origin, lang)),
        }
    }
}

impl DecisionView {
    /// `SCHANNEL\Protocols\TLS 1.2\Client` with its value and its place, for people.
    fn shown(&self, lang: Lang) -> String {
        let place = match (self.place, lang) {
            ("code", Lang::En) => "code",
            ("code", Lang::ZhCn) => "代码",
            ("config", Lang::En) => "configuration",
            ("config", Lang::ZhCn) => "配置",
            ("registry", Lang::En) => "registry",
            ("registry", Lang::ZhCn) => "注册表",
            ("environment", Lang::En) => "environment",
            ("environment", Lang::ZhCn) => "环境变量",
            (_, Lang::En) => "default",
            (_, Lang::ZhCn) => "默认",
        };
        // Behind the key that all of .NET's values share, the name tells enough.
        let setting = match self.setting.split_once(r".NETFramework\") {
            Some((_, rest)) => rest,
            None => &self.setting,
        };
        let value = self.value.as_ref().map_or_else(String::new, |value| format!(" = {value}"));
        match lang {
            Lang::En => format!("`{setting}{value}` ({place})"),
            Lang::ZhCn => format!("`{setting}{value}`（{place}）"),
        }
    }
}

/// Where something is from, in words.
fn from(origin: &Origin, lang: Lang) -> String {
    match origin {
        Origin::Flag(flag) => (*flag).to_owned(),
        Origin::Line { input, line, .. } => {
            let text = Text { en: format!("{input}, line {line}"), zh: format!("{input} 第 {line} 行") };
            text.get(lang).to_owned()
        }
        Origin::Supposed => Text { en: "supposed".to_owned(), zh: "假设".to_owned() }.get(lang).to_owned(),
    }
}
