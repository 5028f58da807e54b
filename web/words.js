// Every word of the page, in its two languages. A word that depends on something is a function.

const en = {
  question: "Why did the secure connection fail?",
  lead: "Put everything the failure left behind into one box. You get the reason, the evidence line by line, what to do, and a report to keep.",
  navigation: "Site",
  problems: "Problems",
  reports: "Reports",

  paste: "Everything about the failure",
  hint: `Paste here. Several things at once are welcome:

  • the error with its whole stack trace
  • packets copied from Wireshark or tshark, a hex dump
  • output of openssl s_client, curl -v, keytool, certutil
  • .reg or reg query, app.config, java.security, nginx.conf
  • the line of code that connects
  • versions: system, .NET, Java, OpenSSL, library
  • what was tried already

A ticket or a blog post that holds all of this is fine too.`,
  clear: "Clear",
  addFiles: "Add files…",
  dropHint: "or drop them anywhere: captures, certificates, logs, exports, in any encoding",
  files: "Files",
  remove: (name) => `Remove ${name}`,
  unreadable: (name) => `${name} could not be read.`,
  tooLarge: (name, limit) => `${name} is too large for the page, which takes up to ${limit} MB. The command line takes any size: whytls diagnose FILE`,
  size: (bytes) => size(bytes, "bytes"),

  private: "Nothing you paste leaves this machine.",
  secrets: "Passwords and keys that are recognised are masked in the findings and in the report; still, read a report before you pass it on.",
  enforcedTitle: "How this is enforced",
  enforced: "The diagnosis runs inside this page, as WebAssembly. The page's Content-Security-Policy makes the browser refuse every request to another address: fetches, images, scripts, forms. The page asks the address that it came from only for its own files, and stores nothing but the language you choose.",

  answer: "Answer",
  views: "Views",
  empty: "The findings appear here while you type.",
  examples: "Try an example",
  example: {
    "windows-7-mail.md": "A whole blog post: mail from Windows 7",
    "smtpclient-trace.txt": "A .NET stack trace, in Chinese",
    "capture-failing.txt": "Four packets of a failing connection",
    "capture-both.txt": "Fails here, works there: two captures",
    "mailkit-usessl.txt": "An exception and a line of code",
    "hostname.txt": "A name that does not match",
  },
  unavailable: (name) => `The example ${name} could not be loaded.`,

  reading: "Reading…",
  stillReading: (seconds) => `Still reading, ${seconds} s`,
  stop: "Stop",
  failed: {
    start: "The part of this page that does the diagnosis did not start. It needs a browser from 2023 or later, with WebAssembly, and the page has to be opened over http or https.",
    crash: "whytls stumbled over this input. That is a fault in whytls, not in what you pasted.",
    limit: "This took too long, so it was stopped. Try a smaller part: the failing connection only. The command line has no limit.",
    stopped: "Stopped. Change the input to start again.",
  },
  reportFault: "Please report it to those who run this page, or to the whytls project, with the lines below and, if you may share it, the smallest part of the input that still does it. Nothing has been sent.",

  findings: (count) => (count ? `Findings (${count})` : "Findings"),
  report: "Report",
  copyMarkdown: "Copy Markdown",
  downloadMarkdown: "Download Markdown",
  copy: "Copy",
  copied: "Copied",
  first: (confidence, title) => `${confidence}: ${title}`,

  role: { problem: "Problem", consequence: "Consequence", advisory: "Advisory" },
  confidence: { certain: "Certain", likely: "Likely", possible: "Possible" },
  confidenceMeans: {
    certain: "Nothing else fits what was seen.",
    likely: "Act on this first; see how to be sure.",
    possible: "Worth a check.",
  },
  cause: (confidence) => `Cause (${confidence.toLowerCase()}): `,
  why: "Why",
  evidence: "Evidence",
  moreEvidence: (count) => `${count} more pieces of evidence`,
  original: "In English: ",
  line: (from, to) => (to > from ? `Lines ${from}–${to}` : `Line ${from}`),
  lineIn: (name, from, to) => `${name}, ${to > from ? `lines ${from}–${to}` : `line ${from}`}`,
  remedies: "What to do",
  risk: { safe: "safe", caution: "with care", unsafe: "dangerous" },
  checks: "How to be sure",
  separates: "Tells apart: ",
  onlyIf: "Only if this is the cause: ",
  tried: "What was tried",
  verdict: {
    "no-effect": "no effect",
    "needs-more": "not enough by itself",
    undone: "undone by another setting",
    "wrong-place": "in the wrong place",
    "would-have-worked": "would have worked",
    unsafe: "dangerous",
  },
  more: "About this problem",
  sources: "Sources",
  details: "Evidence and what to do",

  nothing: "Nothing about a secure connection was recognised here.",
  nothingRead: "This is what it was read as:",
  addMore: "What would help, in this order:",
  better: [
    "the whole error, with its stack trace and every inner or “caused by” part",
    "a capture of the failing connection: a .pcap file, or the packets copied as text",
    "the line of code or the command that connects, with host and port",
    "versions: operating system, .NET, Java, OpenSSL, library",
    "settings: the registry below SCHANNEL and .NETFramework, java.security, openssl.cnf, server configuration",
    "what works: the same from another machine or with another program",
  ],

  chain: "The certificate chain",
  wire: "What was said on the wire",
  read: "What was read",
  used: "used",
  notUsed: "not used",
  andMore: (count) => `… and ${count} more.`,
  comma: ", ",
  fullStop: ". ",
};

const zh = {
  question: "安全连接为什么失败？",
  lead: "把失败留下的所有东西贴进一个框里，就能得到原因、逐行的证据、解决办法，以及一份可以保存的报告。",
  navigation: "本站",
  problems: "问题",
  reports: "报告",

  paste: "与这次失败有关的一切",
  hint: `粘贴到这里，可以同时放多种内容：

  • 错误信息和完整的堆栈
  • 从 Wireshark 或 tshark 复制的数据包、十六进制转储
  • openssl s_client、curl -v、keytool、certutil 的输出
  • .reg 或 reg query、app.config、java.security、nginx.conf
  • 建立连接的那一行代码
  • 版本：操作系统、.NET、Java、OpenSSL、所用的库
  • 已经试过的办法

把这些都写在一起的工单或博客文章也可以。`,
  clear: "清空",
  addFiles: "添加文件…",
  dropHint: "或拖放到页面任意位置：抓包、证书、日志、导出文件，编码不限",
  files: "文件",
  remove: (name) => `移除 ${name}`,
  unreadable: (name) => `无法读取 ${name}。`,
  tooLarge: (name, limit) => `${name} 太大，本页面最多接受 ${limit} MB。命令行没有这个限制：whytls diagnose 文件`,
  size: (bytes) => size(bytes, "字节"),

  private: "您粘贴的内容不会离开您的电脑。",
  secrets: "能识别出的密码和密钥，在结论和报告里都会被遮盖；转发报告之前，仍请您自己读一遍。",
  enforcedTitle: "这一点如何保证",
  enforced: "分析以 WebAssembly 的形式在本页面内运行。页面的内容安全策略（Content-Security-Policy）让浏览器拒绝一切发往其他地址的请求，包括数据请求、图片、脚本和表单。页面只向自己的来源地址获取自身的文件，除所选语言外不保存任何内容。",

  answer: "结果",
  views: "视图",
  empty: "结论会随着输入显示在这里。",
  examples: "试一个示例",
  example: {
    "windows-7-mail.md": "一整篇博客：Windows 7 上发邮件",
    "smtpclient-trace.txt": "一段中文的 .NET 堆栈",
    "capture-failing.txt": "一次失败连接的四个数据包",
    "capture-both.txt": "一台失败、一台正常：两段抓包",
    "mailkit-usessl.txt": "一条异常和一行代码",
    "hostname.txt": "名称与证书不符",
  },
  unavailable: (name) => `示例 ${name} 加载失败。`,

  reading: "正在分析…",
  stillReading: (seconds) => `仍在分析，已用 ${seconds} 秒`,
  stop: "停止",
  failed: {
    start: "本页面负责分析的部分没有启动。它需要 2023 年以后、支持 WebAssembly 的浏览器，并且页面要通过 http 或 https 打开。",
    crash: "whytls 处理这份输入时出错了。这是 whytls 的缺陷，不是粘贴的内容有问题。",
    limit: "分析用时太长，已经停止。请只保留失败的那次连接再试；命令行没有时间限制。",
    stopped: "已停止。修改输入即可重新开始。",
  },
  reportFault: "请把它报告给本页面的维护者或 whytls 项目：附上下面几行；如果内容可以公开，再附上仍能重现问题的最小部分。目前没有发送任何内容。",

  findings: (count) => (count ? `结论（${count}）` : "结论"),
  report: "报告",
  copyMarkdown: "复制 Markdown",
  downloadMarkdown: "下载 Markdown",
  copy: "复制",
  copied: "已复制",
  first: (confidence, title) => `${confidence}：${title}`,

  role: { problem: "问题", consequence: "后果", advisory: "提醒" },
  confidence: { certain: "确定", likely: "很可能", possible: "有可能" },
  confidenceMeans: {
    certain: "没有别的解释符合所见的证据。",
    likely: "先按这一条处理，并看“如何确认”。",
    possible: "值得检查一下。",
  },
  cause: (confidence) => `起因（${confidence}）：`,
  why: "原因",
  evidence: "证据",
  moreEvidence: (count) => `另外 ${count} 条证据`,
  original: "英文原文：",
  line: (from, to) => (to > from ? `第 ${from}–${to} 行` : `第 ${from} 行`),
  lineIn: (name, from, to) => (to > from ? `${name} 第 ${from}–${to} 行` : `${name} 第 ${from} 行`),
  remedies: "怎么办",
  risk: { safe: "安全", caution: "需谨慎", unsafe: "危险" },
  checks: "如何确认",
  separates: "可以区分：",
  onlyIf: "仅当起因是这个时：",
  tried: "已经试过的办法",
  verdict: {
    "no-effect": "没有作用",
    "needs-more": "单靠它不够",
    undone: "被另一项设置抵消",
    "wrong-place": "位置不对",
    "would-have-worked": "本应有效",
    unsafe: "危险",
  },
  more: "关于这个问题",
  sources: "出处",
  details: "证据与解决办法",

  nothing: "没有识别出与安全连接有关的内容。",
  nothingRead: "这些内容被识别为：",
  addMore: "以下内容会有帮助，按重要性排列：",
  better: [
    "完整的错误信息，包括堆栈和每一层内部异常（“Caused by”）",
    "失败连接的抓包：.pcap 文件，或复制为文本的数据包",
    "建立连接的那行代码或命令，包括主机和端口",
    "版本：操作系统、.NET、Java、OpenSSL、所用的库",
    "设置：注册表 SCHANNEL 和 .NETFramework 下的内容、java.security、openssl.cnf、服务器配置",
    "什么情况下正常：换一台机器或换一个程序的结果",
  ],

  chain: "证书链",
  wire: "网络上说了什么",
  read: "读到的内容",
  used: "已用作证据",
  notUsed: "未使用",
  andMore: (count) => `……还有 ${count} 项。`,
  comma: "、",
  fullStop: "。",
};

const TABLE = { en, "zh-CN": zh };

/** The words of a language. */
export function words(lang) {
  return TABLE[lang];
}

/** The nearest language that we have for a tag such as `zh-Hans-SG`, or nothing. */
export function nearest(tag) {
  return Object.keys(TABLE).find((lang) => lang.slice(0, 2) === tag?.slice(0, 2).toLowerCase());
}

function size(bytes, unit) {
  if (bytes < 10_000) return `${bytes} ${unit}`;
  if (bytes < 10_000_000) return `${Math.round(bytes / 1000)} kB`;
  return `${Math.round(bytes / 1_000_000)} MB`;
}
