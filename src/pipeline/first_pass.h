#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "decrypt/keys/key_store.h"
#include "decrypt/tls/tls.h"
#include "packet/device/device_inference.h"
#include "packet/selection.h"
#include "pipeline/import_table.h"
#include "pipeline/input.h"

namespace tattle {

/// What is learnt from captures that can be read twice, before they are read for their messages.
struct FirstPass {
  std::vector<std::pair<Address, std::string>> names;  // that the files themselves give
  bool several_sources = false;                        // more than one file or interface
  ImportedClients imports;                             // of HARs and the like
};

/// A key file that the user gave, and whether anything in the captures was for it.
struct KeyFile {
  std::string path;
  KeyStore keys;
  bool private_key = false;
  bool fits = false;

  /// Tells it of a connection.
  void meet(const TlsFacts& facts);
};

/// Reads key logs and PEM keys into the store.
/// @throws UserError  Missing or unreadable, or neither.
/// @param warnings  Gets one line for each file of which lines were not understood.
std::vector<KeyFile> read_key_files(const std::vector<std::string>& paths, const Limits& limits, KeyStore& keys,
                                    std::vector<std::string>& warnings);

/// Collects secrets and names, tells the device inference (may be null) of every packet, and, where private keys
/// were given, decrypts handshakes for the sessions that later flows resume.
/// Secrets and names count wherever they stand; of packets only those of the selection.
FirstPass first_pass(Input& input, const Limits& limits, KeyStore& keys, PacketSelection& selection,
                     DeviceInference* inference, const Progress& progress);

}  // namespace tattle
