#pragma once

#include "cli/run_options.h"
#include "run/audit_run.h"

namespace tattle {

/// Options of `tattle audit`; a replay reads those of a former run back by the same definitions.
struct AuditOptions : RunOptions {
  std::vector<std::string> subjects, devices, organisations, fail_on;
  std::string out, data, places, gateway, actions, format, language = "en";
  bool json = false, reveal = false;

  void add_audit_options(CLI::App& command) {
    add_to(command);
    auto repeats = [](CLI::Option* option) { return option->expected(1)->take_all(); };
    repeats(command.add_option("--subject", subjects, "the test person and phone: what was planted (YAML); may repeat")
                ->option_text("FILE (required)"))
        ->required();
    repeats(command.add_option("--device", devices, "the phone's MAC address, IP address or prefix; may repeat")
                ->option_text("ADDRESS"));
    command.add_option("--out", out, "folder for report.html, audit.json and audit.db")->option_text("DIR");
    command.add_flag("--json", json, "print the audit document instead of the summary");
    command
        .add_option("--format", format,
                    "print this instead of the summary: json (the audit document), csv (a line for each disclosure), "
                    "har (its HTTP messages, "
                    "decrypted, nothing masked) or "
                    "letter (questions to the phone's maker, without private values)")
        ->option_text("FORMAT");
    command.add_option("--language", language, "language of the report and the letter: en (default) or fi")
        ->option_text("LANGUAGE");
    command.add_flag("--reveal", reveal, "show the planted values instead of masking them");
    command
        .add_option(
            "--actions", actions,
            "log of what was done to the phone when (YAML or CSV): what was sent unasked, before a permission was "
            "given, or without telling")
        ->option_text("FILE");
    command.add_option("--data", data, "folder with country and network data")->option_text("DIR");
    command
        .add_option("--places", places,
                    "a table of your own: prefix,country,asn,holder (CSV); wins over the data; without this "
                    "option SUBJECT.places.csv beside the subject file, if there is one")
        ->option_text("FILE");
    command
        .add_option("--gateway", gateway,
                    "where the capture was made, as latitude and longitude (60.17,24.94) or country (FI): recipients "
                    "whose answers came too soon for the country of their registration are said not to be in it")
        ->option_text("PLACE");
    repeats(command
                .add_option("--organisations", organisations,
                            "organisations of your own (YAML, as data/organisations.yaml), or @ghostery/trackerdb's "
                            "trackerdb.json; yours win over those that come along; may repeat")
                ->option_text("FILE"));
    repeats(command
                .add_option("--fail-on", fail_on,
                            "exit with 3 when met: disclosure, inferred, clear or a datum such as imei; may repeat")
                ->option_text("CONDITION"));
  }
  AuditRequest request() const {
    AuditRequest request;
    request.pipeline = pipeline();
    request.subjects = subjects;
    request.devices = devices;
    request.hosts = hosts;
    request.data = data;
    request.places = places;
    request.actions = actions;
    request.organisations = organisations;
    request.gateway = gateway;
    request.database_folder = out;
    request.reveal = reveal;
    return request;
  }
};

}  // namespace tattle
