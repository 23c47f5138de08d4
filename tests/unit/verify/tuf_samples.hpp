#pragma once

#include "signing/verify/tuf.hpp"
#include "tests/support/signing/test_key.hpp"

namespace reburst::tuf {

// One of each kind of metadata, with all that they may hold.
struct Samples {
  test::TestKey first{signing::KeyType::kEd25519};
  test::TestKey second{signing::KeyType::kEcdsaP256};
  Header header{.version = 3, .expires = *parse_iso_time("2026-12-01T00:00:00Z")};

  [[nodiscard]] std::map<std::string, PublicKey> keys() const {
    return {{first.id(), first.public_key()}, {second.id(), second.public_key()}};
  }
  [[nodiscard]] RoleKeys both() const { return {.keyids = {first.id(), second.id()}, .threshold = 2}; }
  [[nodiscard]] Root root() const {
    return {.header = header,
            .keys = keys(),
            .roles = {{"root", both()}, {"targets", both()}, {"snapshot", both()}, {"timestamp", both()}}};
  }
  [[nodiscard]] Timestamp timestamp() const {
    return {.header = header, .snapshot = {.version = 7, .length = 1234, .sha256 = sha256("snapshot")}};
  }
  [[nodiscard]] Snapshot snapshot() const {
    return {.header = header,
            .meta = {{"targets.json", {.version = 2, .length = {}, .sha256 = {}}},
                     {"web-stable.json", {.version = 9, .length = 5, .sha256 = sha256("web")}}}};
  }
  [[nodiscard]] Targets targets() const {
    return {
        .header = header,
        .targets = {{"web/stable/1/web.raw",
                     {.length = 10, .sha256 = sha256("raw"), .custom = {{"role", "web"}, {"security_epoch", 1}}}}},
        .keys = keys(),
        .delegations = {
            {.name = "web-stable", .keys = both(), .paths = {"web/stable/*", "web/stable/*/*"}, .terminating = true}}};
  }
};

}  // namespace reburst::tuf
