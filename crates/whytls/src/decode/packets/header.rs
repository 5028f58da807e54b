//! The headers of a packet list: which column holds what.
//!
//! In:  the names that Wireshark and tshark give their columns, in the languages that they speak.
//! Out: the place of each column that counts.
//! Not here: the rows below (`columns`).

use super::columns;
use crate::paste::Line;

/// The names that a header has for the columns that count, as Wireshark and tshark print them.
pub(super) const COLUMNS: [(Column, &[&str]); 9] = [
    (
        Column::Source,
        &[
            "source",
            "src",
            "source address",
            "ip.src",
            "ipv6.src",
            "_ws.col.def_src",
            "_ws.col.source",
            "源",
            "源地址",
            "来源",
            "quelle",
            "origine",
            "sorgente",
            "origen",
            "источник",
            "送信元",
            "źródło",
            "출발지",
        ],
    ),
    (
        Column::Destination,
        &[
            "destination",
            "dst",
            "destination address",
            "ip.dst",
            "ipv6.dst",
            "_ws.col.def_dst",
            "_ws.col.destination",
            "目标",
            "目的",
            "目标地址",
            "目的地址",
            "ziel",
            "destinazione",
            "destino",
            "назначение",
            "宛先",
            "cel",
            "목적지",
        ],
    ),
    (
        Column::Protocol,
        &[
            "protocol",
            "_ws.col.protocol",
            "协议",
            "協定",
            "protokoll",
            "protocole",
            "protocollo",
            "protocolo",
            "протокол",
            "プロトコル",
            "protokół",
            "프로토콜",
        ],
    ),
    (
        Column::Info,
        &["info", "_ws.col.info", "信息", "資訊", "infos", "información", "информация", "情報", "정보"],
    ),
    (
        Column::Length,
        &[
            "length",
            "frame.len",
            "_ws.col.packet_length",
            "_ws.col.length",
            "长度",
            "長度",
            "länge",
            "longueur",
            "lunghezza",
            "longitud",
            "длина",
            "長さ",
        ],
    ),
    (
        Column::SourcePort,
        &["source port", "src port", "srcport", "tcp.srcport", "_ws.col.def_src_port", "源端口"],
    ),
    (
        Column::DestinationPort,
        &["destination port", "dest port", "dst port", "dstport", "tcp.dstport", "目标端口", "目的端口"],
    ),
    (
        Column::ServerName,
        &[
            "sni",
            "server name",
            "server name indication",
            "tls.handshake.extensions_server_name",
            "服务器名称",
        ],
    ),
    (
        Column::TimeToLive,
        &["ttl", "ip.ttl", "ipv6.hlim", "time to live", "hop limit", "生存时间", "存活时间", "跳数限制"],
    ),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Source,
    Destination,
    Protocol,
    Info,
    Length,
    SourcePort,
    DestinationPort,
    ServerName,
    TimeToLive,
}

/// Which cell of a row holds what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) source: usize,
    pub(super) destination: usize,
    pub(super) protocol: usize,
    pub(super) info: usize,
    pub(super) length: Option<usize>,
    pub(super) ports: Option<(usize, usize)>,
    pub(super) ttl: Option<usize>,
    pub(super) sni: Option<usize>,
    pub(super) cells: usize,
}

impl Header {
    pub(super) fn read(line: &Line<'_>) -> Option<Self> {
        // A header may be aligned more narrowly than its rows: then its words are the columns.
        let words = || line.body().split_whitespace().collect::<Vec<_>>();
        columns::cells(line.body()).and_then(|cells| Self::of(&cells)).or_else(|| Self::of(&words()))
    }

    pub(super) fn of(cells: &[&str]) -> Option<Self> {
        let at = |column: Column| {
            let (_, names) = COLUMNS.iter().find(|(known, _)| *known == column)?;
            cells.iter().position(|cell| {
                let cell = cell.trim_matches('"').to_lowercase();
                names.contains(&cell.as_str())
            })
        };
        Some(Self {
            source: at(Column::Source)?,
            destination: at(Column::Destination)?,
            protocol: at(Column::Protocol)?,
            info: at(Column::Info)?,
            length: at(Column::Length),
            ports: at(Column::SourcePort).zip(at(Column::DestinationPort)),
            ttl: at(Column::TimeToLive),
            sni: at(Column::ServerName),
            cells: cells.len(),
        })
    }
}
