#include "tests/unit/oci/support.hpp"

#include <algorithm>

namespace reburst::oci {

using test::ServerReply;
using test::ServerRequest;

namespace {

Layer sample_layer(const fs::path& folder, const std::string& name, const std::string& content) {
  EXPECT_TRUE(write_file_atomic(folder / name, content));
  return {folder / name, name, media_type_of(name), content.size(), sha256(content)};
}

std::string after(const std::string& path, const std::string& marker) {
  const auto at = path.find(marker);
  return at == std::string::npos ? std::string() : path.substr(at + marker.size());
}

}  // namespace

Release sample_release(const fs::path& folder, const std::string& version) {
  Release out;
  out.layers = {sample_layer(folder, "web_" + version + ".raw", "a disk of " + version),
                sample_layer(folder, "manifest.json", "{\"version\":\"" + version + "\"}\n")};
  out.manifest = make_manifest(out.layers, {{"org.opencontainers.image.version", version}});
  out.referrers = {
      {"signature", "https://sigstore.dev/cosign/sign/v1", "{\"bundle\":\"signature of " + version + "\"}"},
      {"provenance", "https://slsa.dev/provenance/v1", "{\"bundle\":\"provenance of " + version + "\"}"}};
  out.tags = {version, "stable"};
  return out;
}

PushOptions quick_push() {
  PushOptions options;
  options.plain_http = true;
  options.stall_seconds = 1;
  options.retries = 2;
  options.backoff_ms = 1;
  return options;
}

LayoutTest::LayoutTest() {
  EXPECT_TRUE(add_to_layout(layout_, release_));
}

FakeRegistry::FakeRegistry(Fault fault)
    : fault_(std::move(fault)), server_([this](const ServerRequest& request) { return answer(request); }) {}

std::string FakeRegistry::destination() const {
  return server_.uri().substr(std::string("http://").size()) + "/images/web";
}

std::size_t FakeRegistry::count(const std::string& method, const std::string& in_path) const {
  const auto all = server_.requests();
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const auto& each) {
    return each.method == method && each.target.find(in_path) != std::string::npos;
  }));
}

ServerReply FakeRegistry::answer(const ServerRequest& request) {
  const std::lock_guard lock(mutex_);
  if (fault_) {
    if (auto reply = fault_(request)) return *reply;
  }
  if (request.path == "/v2/") return {.body = "{}"};
  if (request.method == "POST" && request.path == "/v2/images/web/blobs/uploads/") {
    return {.status = 202, .headers = {"Location: /upload/7?state=a%2Fb"}};
  }
  if (request.path.starts_with("/upload/7?state=a/b&digest=")) {
    const std::string digest = after(request.path, "&digest=");
    if (request.target.find("state=a%2Fb") == std::string::npos || digest != digest_text(sha256(request.body))) {
      return {.status = 400,
              .body = R"({"errors":[{"code":"DIGEST_INVALID","message":"provided digest did not match"}]})"};
    }
    blobs[digest] = request.body;
    return {.status = 201, .headers = {"Docker-Content-Digest: " + digest}};
  }
  if (const auto digest = after(request.path, "/v2/images/web/blobs/"); !digest.empty())
    return answer_blob(request, digest);
  if (const auto name = after(request.path, "/v2/images/web/manifests/"); !name.empty())
    return answer_manifest(request, name);
  return {.status = 404};
}

ServerReply FakeRegistry::answer_blob(const ServerRequest& /*request*/, const std::string& digest) {
  const auto found = blobs.find(digest);
  if (found == blobs.end()) return {.status = 404};
  return {.body = found->second, .headers = {"Docker-Content-Digest: " + digest}};
}

ServerReply FakeRegistry::answer_manifest(const ServerRequest& request, const std::string& reference) {
  if (request.method != "PUT") {
    const auto found = manifests.find(reference);
    return found == manifests.end() ? ServerReply{.status = 404} : ServerReply{.body = found->second};
  }
  const std::string digest = digest_text(sha256(request.body));
  manifests[reference] = manifests[digest] = request.body;
  ServerReply reply{.status = 201, .headers = {"Docker-Content-Digest: " + digest}};
  const auto manifest = parse_manifest(request.body, "manifest");
  if (referrers_api && manifest && manifest->subject) {
    reply.headers.push_back("OCI-Subject: " + digest_text(manifest->subject->sha256));
  }
  return reply;
}

}  // namespace reburst::oci
