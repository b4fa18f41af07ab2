#pragma once

#include <memory>
#include <string>
#include <vector>

#include "packet/dissector.h"

namespace tattle {

/// Which host of a capture is the phone, from who opened conversations; asked when the subject file does not say.
class DeviceInference {
 public:
  DeviceInference();
  ~DeviceInference();
  void on_packet(const CapturedPacket& packet);

  struct Answer {
    DeviceAddresses addresses;            // of the one candidate
    std::string ground;                   // why, for the report
    std::vector<std::string> candidates;  // more than one: ambiguous; none: nobody opened a conversation
  };
  Answer answer() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tattle
