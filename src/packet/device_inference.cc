#include "packet/device_inference.h"
namespace tattle {
struct DeviceInference::State {};
DeviceInference::DeviceInference() : state_(std::make_unique<State>()) {}
DeviceInference::~DeviceInference() = default;
void DeviceInference::on_packet(const CapturedPacket&) {}
DeviceInference::Answer DeviceInference::answer() const { return {}; }
}  // namespace tattle
