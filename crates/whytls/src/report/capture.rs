//! Tells how a capture file was read.
//!
//! In:  the notes of a capture.
//! Out: one sentence for each, in both languages.
//! Not here: what is in the capture.

use crate::content::Lang;
use crate::wire::Note;

/// What there is to say, and what would help.
pub(super) fn sentence(note: &Note, lang: Lang) -> String {
    let (en, zh) = match note {
        Note::CutOff { at } => (
            format!("The file ends in the middle of a packet, at byte {at}: what was there before was read."),
            format!("文件在第 {at} 字节处的数据包中间结束：此前的内容已读取。"),
        ),
        Note::Damaged { at } => (
            format!("From byte {at} on the file is damaged: what was there before was read."),
            format!("文件从第 {at} 字节起已损坏：此前的内容已读取。"),
        ),
        Note::Snapped { packets } => (
            format!("{packets} packets are in the capture without their last bytes. Capture again with `-s 0`."),
            format!("抓包中有 {packets} 个数据包缺少末尾的字节。请用 `-s 0` 重新抓包。"),
        ),
        Note::UnknownLink { link, packets } => (
            format!("{packets} packets are of link type {}, which is not read.", link & 0x7fff_ffff),
            format!("有 {packets} 个数据包的链路类型为 {}，本程序不读取。", link & 0x7fff_ffff),
        ),
        Note::EncryptedWifi { frames } => (
            format!(
                "{frames} frames of a wireless network are encrypted. Capture on the machine itself, or decrypt them with Wireshark first."
            ),
            format!("有 {frames} 个无线网络帧已加密。请在本机上抓包，或先用 Wireshark 解密。"),
        ),
        Note::Bomb { unpacked } => (
            format!("The packed file grows without end: it was read up to byte {unpacked}."),
            format!("压缩文件解压后异常庞大：只读取到第 {unpacked} 字节。"),
        ),
        Note::Etl => (
            "A Windows event trace. `etl2pcapng IN.etl OUT.pcapng` (or `pktmon etl2pcap IN.etl`) makes a capture file of it, which can be read here.".to_owned(),
            "Windows 事件跟踪。`etl2pcapng IN.etl OUT.pcapng`（或 `pktmon etl2pcap IN.etl`）可将其转换为本程序能读取的抓包文件。".to_owned(),
        ),
        Note::KeyLog { lines } => (
            format!("The file holds {lines} secrets of TLS sessions. They were used to decrypt handshakes, and are not shown."),
            format!("文件中含有 {lines} 条 TLS 会话密钥。它们仅用于解密握手，不会显示。"),
        ),
        Note::FlowsDropped { flows } => (
            format!("{flows} connections more than can be shown were left out."),
            format!("连接过多，省略了 {flows} 个。"),
        ),
    };
    if lang == Lang::En { en } else { zh }
}
