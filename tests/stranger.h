#pragma once

namespace tattle {

/// A person whose values are nowhere, on every host: all of the traffic is decoded and searched, and each verified
/// disclosure is false.
inline constexpr const char* kStranger = R"(
device: {addresses: ["0.0.0.0/0", "::/0"]}
data:
  - {datum: imei, value: "490154203237518"}
  - {datum: email, value: nobody.in.particular@example.com}
  - {datum: phone-number, value: "+358 45 765 4321"}
  - {datum: location, latitude: 61.49911, longitude: 23.78712, radius-m: 250}
  - {datum: advertising-id, value: 0f8fad5b-d9cb-469f-a165-70867728950e}
)";

}  // namespace tattle
