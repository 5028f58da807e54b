//! The answer of `whytls simulate` as Markdown, in one of two languages.
//!
//! In:  [`Simulated`].
//! Out: the table, the reasons, what is not known, the smallest change, the other end.
//! Not here: what is true. That is `policy`.

use std::fmt::Write as _;

use super::views::AnswerView;
use super::{ChangeView, DecisionView, OfferView, ServerView, Simulated};
use crate::content::{Lang, Risk};
use crate::policy::{Client, Form};

impl Simulated {
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
        if let Some(ServerView { program: Some(program), .. }) = &self.server {
            let name = program.name();
            let _ = match lang {
                Lang::En => writeln!(out, "\n# What {name} accepts\n"),
                Lang::ZhCn => writeln!(out, "\n# {name} 接受什么\n"),
            };
            out.push_str(&program.markdown(lang));
        }
        out
    }

    /// The name on the screen.
    fn name(&self) -> &'static str {
        Client::from_slug(self.client).map_or(self.client, Client::name)
    }

    fn serves(&self) -> bool {
        self.role == "server"
    }

    /// Each version, whether it is offered, and what decides.
    pub(super) fn table(&self, out: &mut String, lang: Lang) {
        let say = |en: &'static str, zh: &'static str| if lang == Lang::En { en } else { zh };
        let head = match self.serves() {
            true => say("| | accepted | decided by |", "| | 是否接受 | 由什么决定 |"),
            false => say("| | offered | decided by |", "| | 是否提供 | 由什么决定 |"),
        };
        let _ = writeln!(out, "{head}");
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
    pub(super) fn answers(&self, out: &mut String, lang: Lang) {
        let list = |versions: &[String]| match (versions, lang) {
            ([], Lang::En) => "nothing".to_owned(),
            ([], Lang::ZhCn) => "无".to_owned(),
            (versions, Lang::En) => versions.join(", "),
            (versions, Lang::ZhCn) => versions.join("、"),
        };
        for unknown in &self.unknown {
            let _ = writeln!(out, "{}\n", unknown.question);
            // What gives the same stands together.
            let same = |a: &&AnswerView, b: &&AnswerView| a.offers == b.offers && a.perhaps == b.perhaps;
            let answers: Vec<&AnswerView> = unknown.answers.iter().collect();
            for group in answers.chunk_by(same) {
                let Some(answer) = group.first() else { continue };
                let names: Vec<&str> = group.iter().map(|answer| answer.name.as_str()).collect();
                let name = names.join(if lang == Lang::En { "; " } else { "；" });
                let (offers, perhaps) = (list(&answer.offers), list(&answer.perhaps));
                let does = match (self.serves(), lang) {
                    (false, Lang::En) => "offers",
                    (false, Lang::ZhCn) => "提供",
                    (true, Lang::En) => "accepts",
                    (true, Lang::ZhCn) => "接受",
                };
                let _ = match (answer.perhaps.is_empty(), lang) {
                    (true, Lang::En) => writeln!(out, "- {name}: it {does} {offers}"),
                    (true, Lang::ZhCn) => writeln!(out, "- {name}：{does} {offers}"),
                    (false, Lang::En) => {
                        writeln!(out, "- {name}: it {does} {offers}; {perhaps} depend on the rest")
                    }
                    (false, Lang::ZhCn) => {
                        writeln!(out, "- {name}：{does} {offers}；{perhaps} 取决于其余未知项")
                    }
                };
            }
            out.push('\n');
        }
    }

    /// What it comes to, in a sentence.
    pub(super) fn headline(&self, lang: Lang) -> String {
        let name = self.name();
        if self.serves() {
            return self.accepts(name, lang);
        }
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

    /// What a server comes to, in a sentence.
    fn accepts(&self, name: &str, lang: Lang) -> String {
        let accepted = |wanted: Option<bool>| {
            let found = self.offers.iter().filter(move |offer| offer.offered == wanted);
            found.map(|offer| offer.protocol.as_str()).collect::<Vec<_>>()
        };
        let (sure, open) = (accepted(Some(true)), accepted(None));
        match (sure.is_empty(), open.is_empty(), lang) {
            (true, true, Lang::En) => format!("{name} accepts no version at all here."),
            (true, true, Lang::ZhCn) => format!("{name} 在这里不接受任何版本。"),
            (_, true, Lang::En) => format!("{name} accepts {} here.", sure.join(", ")),
            (_, true, Lang::ZhCn) => format!("{name} 在这里接受 {}。", sure.join("、")),
            (_, false, Lang::En) => {
                format!("Whether {name} accepts {} here hangs on what is not known.", open.join(", "))
            }
            (_, false, Lang::ZhCn) => {
                format!("{name} 在这里是否接受 {}，取决于尚不清楚的几点。", open.join("、"))
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
        let fence = first.fence;
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
        line.push_str(match (self.risk, lang) {
            (Risk::Unsafe, Lang::En) => ", which is dangerous",
            (Risk::Unsafe, Lang::ZhCn) => "，有危险",
            _ => "",
        });
        if let Some(kb) = self.needs {
            line.push_str(&match lang {
                Lang::En => format!(", with update {kb} installed"),
                Lang::ZhCn => format!("，须先装更新 {kb}"),
            });
        }
        if let Some(only_if) = &self.only_if {
            line.push_str(&match lang {
                Lang::En => format!("; {}", only_if.says),
                Lang::ZhCn => format!("；{}", only_if.says),
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

impl DecisionView {
    /// `SCHANNEL\Protocols\TLS 1.2\Client` with its value and its place, for people.
    pub(super) fn shown(&self, lang: Lang) -> String {
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
        // The line says it better.
        let place = match &self.from {
            Some(line) if self.in_a_line => line,
            _ => place,
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

/// What is added where there is no source but what is known.
pub(super) fn noted(unsure: bool, lang: Lang) -> &'static str {
    match (unsure, lang) {
        (false, _) => "",
        (true, Lang::En) => " (As far as known.)",
        (true, Lang::ZhCn) => "（据目前所知。）",
    }
}
