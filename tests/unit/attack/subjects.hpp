#pragma once

#include <stdexcept>

#include "attack/case.hpp"

namespace reburst::attack {

// A release as far as cases are judged by it; there are no files.
inline Subject some_subject() {
  Subject out;
  out.manifest.role = "web";
  out.manifest.version = "20260711T101637Z";
  out.manifest.kernel = "6.1.0-40-cloud-amd64";
  out.manifest.root_hash.bytes.fill(0xab);
  out.expected.verity.data_blocks = 100;
  out.expected.signature = image::BootSignature{};
  out.conf = "reburst-boot 2\nrole web\nsecure_boot preferred\nscan on\nticket optional\n";
  out.has_system = true;
  out.stub_version = 252;
  return out;
}

inline const Case& case_named(std::string_view name) {
  for (const Case& each : cases()) {
    if (each.name == name) return each;
  }
  throw std::invalid_argument(std::string(name));
}

}  // namespace reburst::attack
