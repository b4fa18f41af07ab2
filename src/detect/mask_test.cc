#include "detect/mask.h"

#include <gtest/gtest.h>

namespace tattle {
namespace {

struct Case {
  std::string name;
  std::string text, shown;
};

class Strangers : public testing::TestWithParam<Case> {};

TEST_P(Strangers, AreHidden) { EXPECT_EQ(mask_strangers(GetParam().text), GetParam().shown); }

INSTANTIATE_TEST_SUITE_P(
    Names, Strangers,
    testing::Values(Case{"Nothing", "", ""}, Case{"Path", "$.events[*].loc", "$.events[*].loc"},
                    Case{"Address", "$.contacts['boss@corp.example']['seen-by']", "$.contacts['•••']['seen-by']"},
                    Case{"EncodedAddress", "boss%40corp.example", "•••"},
                    Case{"TwiceEncoded", "boss%2540corp.example", "•••"}, Case{"At", "@type", "@type"},
                    Case{"Jwt", "$['Bearer-eyJhbGciOiJIUzI1NiJ9.SECRETJWT']", "$['•••']"},
                    Case{"Phone", "$.calls['+358501234567']", "$.calls['•••']"},
                    Case{"Year", "report_2026_11_23", "report_2026_11_23"},
                    Case{"Uuid", "8b1c2d3e-0a4f-4c6d-9e8f-1a2b3c4d5e6f", "•••"},
                    Case{"LongName", "sha256OfDeviceIdentifier", "sha256OfDeviceIdentifier"},
                    Case{"Package", "com.example.app.settings.isFirstLaunchSinceUpdate2",
                         "com.example.app.settings.isFirstLaunchSinceUpdate2"},
                    Case{"Version", "v1.21.3", "v1.21.3"}, Case{"Words", "päivä §", "päivä §"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace tattle
