#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/file.hpp"
#include "registry/oci/layout.hpp"
#include "registry/oci/oci.hpp"
#include "registry/oci/release.hpp"
#include "tests/support/http/test_server.hpp"

namespace reburst::oci {

// The files of a small release in `folder`, and what they make: two layers, a signature and a provenance.
[[nodiscard]] Release sample_release(const fs::path& folder, const std::string& version = "20261121T161027Z");

// A registry in memory (distribution-spec 1.1) on loopback, with the faults that a test gives it.
class FakeRegistry {
 public:
  using Reply = std::optional<test::ServerReply>;
  using Fault = std::function<Reply(const test::ServerRequest&)>;  // nothing: as a registry should
  explicit FakeRegistry(Fault fault = {});

  // "127.0.0.1:PORT/images/web"
  [[nodiscard]] std::string destination() const;
  [[nodiscard]] std::string uri() const { return server_.uri(); }
  [[nodiscard]] std::vector<test::ServerRequest> requests() const { return server_.requests(); }
  [[nodiscard]] std::size_t count(const std::string& method, const std::string& in_path) const;

  std::map<std::string, std::string> blobs;      // by digest
  std::map<std::string, std::string> manifests;  // by tag and by digest
  bool referrers_api = false;

 private:
  test::ServerReply answer(const test::ServerRequest& request);
  test::ServerReply answer_blob(const test::ServerRequest& request, const std::string& digest);
  test::ServerReply answer_manifest(const test::ServerRequest& request, const std::string& reference);

  Fault fault_;
  std::mutex mutex_;
  test::TestServer server_;
};

[[nodiscard]] PushOptions quick_push();

// A folder with a layout that holds sample_release() as "stable".
class LayoutTest : public testing::Test {
 protected:
  LayoutTest();
  Result<Digest> push_to(FakeRegistry& registry) {
    return push(layout_, "stable", registry.destination(), options_, silent_progress());
  }

  Result<TempDirectory> folder_ = TempDirectory::make("/tmp", "oci-test");
  fs::path layout_ = folder_->path() / "oci";
  Release release_ = sample_release(folder_->path());
  PushOptions options_ = quick_push();
};

}  // namespace reburst::oci
