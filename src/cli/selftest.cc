#include "evidence/seal/selftest.h"

#include <fmt/format.h>

#include <memory>
#include <thread>

#include "cli/commands.h"
#include "cli/say.h"
#include "run/selftest_run.h"

namespace tattle {

void add_selftest_command(CLI::App& app, int& exit_code) {
  struct Options {
    std::string samples;
    unsigned jobs = std::max(1u, std::thread::hardware_concurrency());
  };
  CLI::App* command =
      app.add_subcommand("selftest", "Audit the sample whose truth is known with this very program, and compare");
  auto options = std::make_shared<Options>();
  command->add_option("--samples", options->samples, "folder that holds the sample and its truth")->option_text("DIR");
  command->add_option("--jobs", options->jobs, "threads")->check(CLI::Range(1u, 256u))->capture_default_str();
  command->footer("Example:\n  tattle selftest\n\nExit code 1 when anything was missed, extra or counted wrongly.");
  command->callback([options, &exit_code] {
    const SelftestResult result =
        run_selftest(options->samples.empty() ? find_samples() : options->samples, options->jobs);
    for (const std::string& fault : result.faults) fmt::print("{}\n", one_line(fault));
    fmt::print("{}\n", to_string(result.score));
    exit_code = result.score.perfect() ? kDone : kFailed;
  });
}

}  // namespace tattle
