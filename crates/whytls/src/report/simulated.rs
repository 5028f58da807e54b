//! What a program offers, told: `whytls simulate`.
//!
//! In:  a machine as flags and files describe it.
//! Out: [`Simulated`], as the contract's JSON or as Markdown in one of two languages.
//! Not here: the model. That is `policy`.

use std::fmt::Write as _;

use serde::Serialize;

use crate::content::{Lang, Risk, Service, Text, Windows, library};
use crate::policy::{self, Change, Client, Decision, Form, Input, Machine, Origin, Place, Simulation};
use crate::tls::Version;
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
    /// The version of OpenSSL that it stands on.
    pub openssl: Option<String>,
    /// The version that is wanted: `1.2`.
    pub wants: Option<String>,
    /// The host that it connects to.
    pub server: Option<String>,
}

/// The names of all clients.
#[must_use]
pub fn clients() -> Vec<&'static str> {
    Client::all().map(Client::slug).collect()
}

/// The names of all systems.
#[must_use]
pub fn systems() -> Vec<&'static str> {
    let library = library();
    let mut systems: Vec<&str> = library.windows.iter().map(|windows| windows.is.as_str()).collect();
    for system in library.programs.iter().flat_map(|program| &program.systems) {
        if !systems.contains(&system.is.as_str()) {
            systems.push(&system.is);
        }
    }
    systems.extend(["android-14", "ios-17", "macos-14"]);
    systems
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
    /// What else the hello shows.
    pub features: Vec<FeatureView>,
    pub changes: Vec<ChangeView>,
    /// What the server that was named accepts of it.
    pub server: Option<ServerView>,
}

/// Something that a hello shows beside its versions.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct FeatureView {
    pub feature: String,
    pub offered: bool,
    pub says: String,
    pub as_far_as_known: bool,
}

/// Offer and acceptance together.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct ServerView {
    pub host: String,
    pub service: Option<String>,
    /// The oldest version that it accepts.
    pub accepts_from: Option<String>,
    pub since: Option<String>,
    /// Whether client and server agree; none where that is unknown.
    pub agrees: Option<bool>,
    pub says: String,
    pub as_far_as_known: bool,
}

impl ServerView {
    fn new(host: &str, simulation: &Simulation, lang: Lang) -> Self {
        let Some(service) = Service::of(&library().services, host) else {
            let says = match lang {
                Lang::En => format!("What {host} accepts is not in the tables."),
                Lang::ZhCn => format!("表里没有 {host} 接受哪些版本。"),
            };
            let (service, accepts_from, since) = (None, None, None);
            return Self {
                host: host.to_owned(),
                service,
                accepts_from,
                since,
                agrees: None,
                says,
                as_far_as_known: false,
            };
        };
        let accepted = || {
            let all = simulation.verdicts.iter();
            all.filter(|verdict| verdict.version.rank() >= service.least.rank())
        };
        let agrees = match accepted().any(|verdict| verdict.offered == Some(true)) {
            true => Some(true),
            false => accepted().all(|verdict| verdict.offered == Some(false)).then_some(false),
        };
        let (name, least) = (&service.name, service.least);
        let (since_en, since_zh) = match service.since.as_str() {
            "" => (String::new(), String::new()),
            since => (format!(" since {since}"), format!("自 {since} 起")),
        };
        let says = match (agrees, lang) {
            (Some(true), Lang::En) => {
                format!("{name} accepts {least} or later{since_en}, and this client offers that.")
            }
            (Some(true), Lang::ZhCn) => {
                format!("{name} {since_zh}只接受 {least} 或更高版本，这个客户端提供它。")
            }
            (Some(false), Lang::En) => format!(
                "{name} accepts only {least} or later{since_en}, and this client offers none of that: the connection fails."
            ),
            (Some(false), Lang::ZhCn) => {
                format!("{name} {since_zh}只接受 {least} 或更高版本，而这个客户端都不提供：连接会失败。")
            }
            (None, Lang::En) => format!(
                "{name} accepts only {least} or later{since_en}; whether this client offers that hangs on what is not known."
            ),
            (None, Lang::ZhCn) => format!(
                "{name} {since_zh}只接受 {least} 或更高版本；这个客户端是否提供，取决于尚不清楚的几点。"
            ),
        };
        Self {
            host: host.to_owned(),
            service: Some(name.clone()),
            accepts_from: Some(least.to_string()),
            since: Some(service.since.clone()).filter(|since| !since.is_empty()),
            agrees,
            says,
            as_far_as_known: service.unsure,
        }
    }
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
            let is = match Windows::named(&library().windows, os) {
                Some(windows) => windows.is.as_str(),
                None if policy::is_system(os) => os,
                None => return Err(format!("--os {os}: not known; known are {}", systems().join(", "))),
            };
            machine.know(Input::Os, is, Origin::Flag("--os"));
        }
        let given = [
            (Input::ClientVersion, &self.client_version, "--client-version"),
            (Input::Dotnet, &self.dotnet, "--dotnet"),
            (Input::Target, &self.target, "--target"),
            (Input::Bits, &self.bits, "--bits"),
            (Input::Library, &self.openssl, "--openssl"),
        ];
        for (input, value, flag) in given {
            if let Some(value) = value {
                let numbered = value.bytes().any(|byte| byte.is_ascii_digit());
                let no_target = input == Input::Target && value == "none";
                if !numbered && !no_target {
                    return Err(format!("{flag} {value}: write a version, such as 4.7.2"));
                }
                let value = match input {
                    Input::Target => policy::target_version(value),
                    _ => value.clone(),
                };
                machine.know(input, value, Origin::Flag(flag));
            }
        }
        if let Some(wants) = &self.wants {
            let version = Version::named(wants).or_else(|| Version::named(&format!("TLS {wants}")));
            machine.wanted =
                Some(version.ok_or_else(|| format!("--wants {wants}: write a version, such as 1.2"))?);
        }
        let artifacts = decode::find(files);
        facts::settings(files, &artifacts, &mut machine);
        let simulation = policy::simulate(machine).map_err(|why| why.get(lang).to_owned())?;
        let mut simulated = Simulated::new(&simulation, lang);
        simulated.server = self.server.as_deref().map(|host| ServerView::new(host, &simulation, lang));
        Ok(simulated)
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
            features: simulation
                .features
                .iter()
                .map(|feature| FeatureView {
                    feature: feature.name.clone(),
                    offered: feature.offered,
                    says: feature.says.get(lang).to_owned(),
                    as_far_as_known: feature.unsure,
                })
                .collect(),
            server: None,
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
        self.table(&mut out, lang);
        out.push('\n');
        self.reasons(&mut out, lang);
        if let Some(server) = &self.server {
            let _ = writeln!(out, "\n{}{}", server.says, noted(server.as_far_as_known, lang));
        }
        if !self.features.is_empty() {
            let _ =
                writeln!(out, "\n{}\n", say("What else its ClientHello shows:", "它的 ClientHello 还表明："));
        }
        for feature in &self.features {
            let _ = writeln!(out, "- {}{}", feature.says, noted(feature.as_far_as_known, lang));
        }
        for assumed in &self.assumed {
            let _ = writeln!(out, "\n{assumed}");
        }
        if !self.unknown.is_empty() {
            let _ = writeln!(out, "\n## {}\n", say("What is not known", "尚不清楚的"));
        }
        self.answers(&mut out, lang);
        self.remedies(&mut out, lang);
        out
    }

    /// Each version, whether it is offered, and what decides.
    fn table(&self, out: &mut String, lang: Lang) {
        let say = |en: &'static str, zh: &'static str| if lang == Lang::En { en } else { zh };
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
    }

    /// What each answer to what is unknown gives.
    fn answers(&self, out: &mut String, lang: Lang) {
        let list = |versions: &[String]| match (versions, lang) {
            ([], Lang::En) => "nothing".to_owned(),
            ([], Lang::ZhCn) => "无".to_owned(),
            (versions, Lang::En) => versions.join(", "),
            (versions, Lang::ZhCn) => versions.join("、"),
        };
        for unknown in &self.unknown {
            let _ = writeln!(out, "{}\n", unknown.question);
            for answer in &unknown.answers {
                let (name, offers, perhaps) = (&answer.name, list(&answer.offers), list(&answer.perhaps));
                let _ = match (answer.perhaps.is_empty(), lang) {
                    (true, Lang::En) => writeln!(out, "- {name}: it offers {offers}"),
                    (true, Lang::ZhCn) => writeln!(out, "- {name}：提供 {offers}"),
                    (false, Lang::En) => {
                        writeln!(out, "- {name}: it offers {offers}; {perhaps} depend on the rest")
                    }
                    (false, Lang::ZhCn) => {
                        writeln!(out, "- {name}：提供 {offers}；{perhaps} 取决于其余未知项")
                    }
                };
            }
            out.push('\n');
        }
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

/// What a program offers, as a part of a report.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "the contract's names")]
pub struct PolicyView {
    pub client: &'static str,
    pub offers: Vec<OfferView>,
    pub unknown: Vec<UnknownView>,
    /// The same as Markdown.
    pub body_markdown: String,
}

impl PolicyView {
    /// Nothing where several things are unknown: what hangs on what would be no help then.
    pub(super) fn new(simulation: &Simulation, lang: Lang) -> Option<Self> {
        let simulated = Simulated::new(simulation, lang);
        let mut body_markdown = format!("{}\n\n", simulated.headline(lang));
        match simulated.unknown.len() {
            0 => simulated.table(&mut body_markdown, lang),
            1 => simulated.answers(&mut body_markdown, lang),
            _ => return None,
        }
        Some(Self {
            client: simulated.client,
            offers: simulated.offers,
            unknown: simulated.unknown,
            body_markdown: body_markdown.trim().to_owned(),
        })
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
            ("powershell", _) => "PowerShell",
            ("config", Lang::En) => "configuration",
            ("config", Lang::ZhCn) => "配置",
            // The title says where.
            _ => "",
        };
        let mut line = match lang {
            _ if form.is_empty() => self.title.clone(),
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

/// What is added where there is no source but what is known.
fn noted(unsure: bool, lang: Lang) -> &'static str {
    match (unsure, lang) {
        (false, _) => "",
        (true, Lang::En) => " (As far as known.)",
        (true, Lang::ZhCn) => "（据目前所知。）",
    }
}

/// What counts as not set because nothing of the kind was given.
fn assumed(machine: &Machine, lang: Lang) -> Vec<&'static str> {
    let given = |place| machine.settings().iter().any(|setting| setting.place == place);
    let mut assumed = Vec::new();
    if machine.client.program().is_some() {
        if machine.settings().is_empty() {
            assumed.push(match lang {
                Lang::En => "No settings were given: none counts as made.",
                Lang::ZhCn => "没有给出任何设置：一律按未设置处理。",
            });
        }
        return assumed;
    }
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
        let given = self.value.as_ref().filter(|value| !value.is_empty());
        let value = given.map_or_else(String::new, |value| format!(" = {value}"));
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
