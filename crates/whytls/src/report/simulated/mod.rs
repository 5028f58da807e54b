//! What a program offers, or a server accepts, told: `whytls simulate`.
//!
//! In:  a machine as flags and files describe it, and the server at the other end.
//! Out: [`Simulated`], as the contract's JSON (`views`) or as Markdown in one of two languages (`prose`).
//! Not here: the model. That is `policy`.

mod part;
mod prose;
mod server;
mod views;

use serde::Serialize;

use crate::content::{Lang, Side, Windows, library};
use crate::policy::{self, Client, Input, Machine, Origin, Place, Simulation};
use crate::tls::Version;
use crate::{Paste, decode, facts};
pub use part::PolicyView;
use server::ServerView;
use views::{ChangeView, DecisionView, FeatureView, KnownView, OfferView, UnknownView, from};

/// What is asked, in the words of the command line.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The program: one of [`clients`]; none where only the server is asked about.
    pub client: Option<String>,
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
    /// The other end: the host that it connects to, or one of [`servers`].
    pub server: Option<String>,
    /// The version of the server program.
    pub server_version: Option<String>,
    /// The server's system.
    pub server_os: Option<String>,
    /// The version of OpenSSL, or of Java, that the server program stands on.
    pub server_library: Option<String>,
}

/// The names of all clients.
#[must_use]
pub fn clients() -> Vec<&'static str> {
    Client::all().filter(|client| client.side() == Side::Client).map(Client::slug).collect()
}

/// The names of all server programs.
#[must_use]
pub fn servers() -> Vec<&'static str> {
    Client::all().filter(|client| client.side() == Side::Server).map(Client::slug).collect()
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
    #[serde(skip_serializing_if = "Option::is_none")]
    whytls: Option<super::view::About>,
    pub client: &'static str,
    /// `client` where it offers, `server` where it accepts.
    pub role: &'static str,
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

/// What a flag says of a question, and the flag.
type Said<'a> = (Input, &'a Option<String>, &'static str);

impl Question {
    /// Runs the model on what is asked, with the settings that the files hold: those of the program, and
    /// those of the server.
    ///
    /// # Errors
    /// A name that is not known, or values that contradict each other: one line that helps.
    pub fn answer(&self, files: &Paste, of_server: &Paste, lang: Lang) -> Result<Simulated, String> {
        let server = self.server(of_server)?;
        let Some(name) = &self.client else {
            let server = server.ok_or_else(|| {
                format!(
                    "name a program with --client ({}), or with --server ({})",
                    clients().join(", "),
                    servers().join(", ")
                )
            })?;
            let mut machine = server;
            machine.wanted = self.wanted()?;
            return Ok(Simulated::new(&simulate(machine, lang)?, lang));
        };
        let client = Client::from_slug(name).filter(|client| client.side() == Side::Client);
        let client = client
            .ok_or_else(|| format!("--client {name}: not known; known are {}", clients().join(", ")))?;
        let said = [
            (Input::ClientVersion, &self.client_version, "--client-version"),
            (Input::Dotnet, &self.dotnet, "--dotnet"),
            (Input::Target, &self.target, "--target"),
            (Input::Bits, &self.bits, "--bits"),
            (Input::Library, &self.openssl, "--openssl"),
        ];
        let mut machine = machine(client, (&self.os, "--os"), &said)?.on_its_system();
        machine.wanted = self.wanted()?;
        facts::settings(files, &decode::find(files), &mut machine);
        let simulation = simulate(machine, lang)?;
        let mut simulated = Simulated::new(&simulation, lang);
        simulated.server = match (server, &self.server) {
            (Some(mut server), _) => {
                // What would help is what the client has.
                server.wanted = simulation.newest();
                let server = simulate(server, lang)?;
                Some(ServerView::of_program(&server, &simulation, lang))
            }
            (None, Some(host)) => Some(ServerView::of_host(host, &simulation, lang)),
            (None, None) => None,
        };
        Ok(simulated)
    }

    /// The server program, by its name or by its configuration; none where it is a host.
    fn server(&self, files: &Paste) -> Result<Option<Machine>, String> {
        let named = self.server.as_deref().and_then(Client::from_slug);
        if let Some(client) = named.filter(|client| client.side() == Side::Client) {
            return Err(format!("--server {}: no server; known are {}", client.slug(), servers().join(", ")));
        }
        let told = || files.inputs.iter().find_map(|input| policy::program_in(Side::Server, input.text()));
        let Some(client) = named.or_else(told) else { return Ok(None) };
        let library = match client.program().and_then(|program| program.on.as_deref()) {
            Some("java") => Input::Java,
            _ => Input::Library,
        };
        let said = [
            (Input::ClientVersion, &self.server_version, "--server-version"),
            (library, &self.server_library, "--server-library"),
        ];
        let mut machine = machine(client, (&self.server_os, "--server-os"), &said)?;
        facts::settings(files, &decode::find(files), &mut machine);
        Ok(Some(machine))
    }

    fn wanted(&self) -> Result<Option<Version>, String> {
        let Some(wants) = &self.wants else { return Ok(None) };
        let version = Version::named(wants).or_else(|| Version::named(&format!("TLS {wants}")));
        let version = version.ok_or_else(|| format!("--wants {wants}: write a version, such as 1.2"))?;
        Ok(Some(version))
    }
}

/// A machine as flags describe it.
fn machine(
    client: Client,
    (os, flag): (&Option<String>, &'static str),
    said: &[Said<'_>],
) -> Result<Machine, String> {
    let mut machine = Machine::new(client);
    if let Some(os) = os {
        let is = match Windows::named(&library().windows, os) {
            Some(windows) => windows.is.as_str(),
            None if policy::is_system(os) => os,
            None => return Err(format!("{flag} {os}: not known; known are {}", systems().join(", "))),
        };
        machine.know(Input::Os, is, Origin::Flag(flag));
    }
    for (input, value, flag) in said {
        let Some(value) = value else { continue };
        let numbered = value.bytes().any(|byte| byte.is_ascii_digit());
        let no_target = *input == Input::Target && value == "none";
        if !numbered && !no_target {
            return Err(format!("{flag} {value}: write a version, such as 4.7.2"));
        }
        let value = match input {
            Input::Target => policy::target_version(value),
            _ => value.clone(),
        };
        machine.know(*input, value, Origin::Flag(flag));
    }
    Ok(machine)
}

fn simulate(machine: Machine, lang: Lang) -> Result<Simulation, String> {
    policy::simulate(machine).map_err(|why| why.get(lang).to_owned())
}

fn side_name(side: Side) -> &'static str {
    match side {
        Side::Client => "client",
        Side::Server => "server",
    }
}

impl Simulated {
    fn new(simulation: &Simulation, lang: Lang) -> Self {
        Self { whytls: Some(super::view::About::this()), ..Self::part(simulation, lang) }
    }

    /// Without what the whole document says of itself.
    fn part(simulation: &Simulation, lang: Lang) -> Self {
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
            whytls: None,
            client: machine.client.slug(),
            role: side_name(machine.client.side()),
            known: inputs.chain(settings).collect(),
            assumed: assumed(machine, lang),
            offers: simulation.verdicts.iter().map(|verdict| OfferView::new(verdict, lang)).collect(),
            unknown: simulation.unknown.iter().map(|unknown| UnknownView::new(unknown, lang)).collect(),
            features: simulation.features.iter().map(|feature| FeatureView::new(feature, lang)).collect(),
            server: None,
            changes: simulation
                .changes()
                .iter()
                .map(|change| ChangeView::new(change, machine, lang))
                .collect(),
        }
    }

    /// One object, a line end behind it.
    #[must_use]
    pub fn json(&self) -> String {
        super::view::json(self)
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
    if machine.client.side() == Side::Client && !given(Place::Code) && !given(Place::Config) {
        assumed.push(match lang {
            Lang::En => {
                "No code or configuration was given: the program is taken to name no versions itself."
            }
            Lang::ZhCn => "没有给出代码或配置：按程序自己不指定版本处理。",
        });
    }
    assumed
}
