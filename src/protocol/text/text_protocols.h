#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string_view>

#include "protocol/stream_parser.h"

// Protocols that talk in lines over a stream: how each is recognised and who reads it. By its port when the first line
// fits, on any other port by lines that nothing else begins with.

namespace tattle {

/// SMTP. Commands are requests, replies responses with their code; a mail is a `data` message with method DATA or BDAT.
/// AUTH's base64 is opened. @anomaly none: whatever does not fit is handed down as a line.
/// Sources: RFC 5321, 3207 (STARTTLS), 4954 (AUTH), 3030 (BDAT), 2920 (pipelining).
Sniff sniff_smtp(const StreamStart& start);
std::unique_ptr<StreamParser> make_smtp(const FlowInfo& flow, const StreamContext& above, ParserContext& parser);

/// POP3. A mail is a `data` message with method RETR or TOP. Sources: RFC 1939, 2595 (STLS), 5034 (AUTH).
Sniff sniff_pop3(const StreamStart& start);
std::unique_ptr<StreamParser> make_pop3(const FlowInfo& flow, const StreamContext& above, ParserContext& parser);

/// IMAP. Each literal is a `data` message with the command, or the response's word (APPEND, FETCH, …), as method.
/// Sources: RFC 9051, 3501, 7888 (non-synchronizing literals), 4959 (SASL-IR).
Sniff sniff_imap(const StreamStart& start);
std::unique_ptr<StreamParser> make_imap(const FlowInfo& flow, const StreamContext& above, ParserContext& parser);

/// FTP's control connection. Sources: RFC 959, 2428, 4217 (AUTH TLS).
Sniff sniff_ftp(const StreamStart& start);
std::unique_ptr<StreamParser> make_ftp(const FlowInfo& flow, const StreamContext& above, ParserContext& parser);

// What they share.
inline constexpr std::string_view kMailType = "message/rfc822";
inline constexpr std::string_view kBase64Type = "application/base64";

/// The code of a reply of SMTP or FTP: three digits, then a space, a hyphen or nothing.
std::optional<int> reply_code(std::string_view line);
/// All of it digits, at most 18.
std::optional<std::uint64_t> decimal(std::string_view text);
/// The port that says what the server speaks: the far end's inside a tunnel.
std::uint16_t port_of(const StreamStart& start);
/// False when a direction begins with what no line of text holds.
bool may_be_lines(const StreamStart& start);
/// The first line of a direction, without its end; none while it is not whole and may still become so.
std::optional<std::string_view> first_line(const StreamStart& start, Direction direction);
bool is_any_of(std::uint16_t port, std::initializer_list<std::uint16_t> ports);
/// Whether the upper-case first word of a line is one of `words` (separated by spaces).
bool begins_with_command(std::string_view line, std::string_view words);
bool contains_ignoring_case(std::string_view text, std::string_view upper);

}  // namespace tattle
