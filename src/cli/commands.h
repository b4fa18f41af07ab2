#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace tattle {

/// Exit codes of the contract.
enum ExitCode : int { kDone = 0, kFailed = 1, kUserMistake = 2, kConditionMet = 3 };

/// Each adds one subcommand with its options, help and example, and sets `exit_code` when it ran.
/// A UserError thrown by one is printed as a single line and ends in kUserMistake.
/// `arguments` is the command line without the program's name, for its record; it outlives the parsing.
void add_audit_command(CLI::App& app, const std::vector<std::string>& arguments, int& exit_code);
void add_evidence_command(CLI::App& app, int& exit_code);
void add_messages_command(CLI::App& app, int& exit_code);
void add_decode_command(CLI::App& app, int& exit_code);
void add_subject_command(CLI::App& app, int& exit_code);
void add_limits_command(CLI::App& app, int& exit_code);
void add_data_command(CLI::App& app, int& exit_code);
/// Of `data`: `tattle data trackers`.
void add_data_trackers_command(CLI::App& data, int& exit_code);
void add_key_command(CLI::App& app, int& exit_code);
void add_seal_command(CLI::App& app, int& exit_code);
void add_verify_command(CLI::App& app, int& exit_code);
void add_custody_command(CLI::App& app, int& exit_code);
void add_selftest_command(CLI::App& app, int& exit_code);
void add_completion_command(CLI::App& app, int& exit_code);

}  // namespace tattle
