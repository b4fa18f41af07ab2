#include "run/selftest_run.h"

#include <fmt/format.h>

#include "evidence/seal/file_hash.h"
#include "run/audit_run.h"

namespace tattle {

SelftestResult run_selftest(const std::string& folder, unsigned jobs) {
  const std::string sample = folder + "/lumia-evening";
  AuditRequest request;
  request.pipeline.captures = {sample + ".pcapng"};
  request.pipeline.jobs = jobs;
  request.subjects = {sample + ".yaml"};
  request.places = sample + ".places.csv";
  load_subjects(request);
  const std::string document = audit_json(run_audit(std::move(request)).document, false);
  auto result = compare_with_truth(document, read_document(sample + ".truth.json", kManifestBytes));
  if (!result) {
    throw UserError(fmt::format("{}: the {} {}", folder, result.error().field == "selftest.truth" ? "truth" : "audit",
                                result.error().why));
  }
  return std::move(*result);
}

}  // namespace tattle
