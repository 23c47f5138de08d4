#include "registry/oci/upload.hpp"

#include <algorithm>
#include <set>

#include "core/file.hpp"
#include "core/text.hpp"
#include "registry/oci/release.hpp"

namespace reburst::oci {

namespace {

Error wrong(const std::string& what, const std::string& expected, const std::string& actual) {
  return {ErrorCode::kIntegrity,
          "the registry has another " + what + "\n  expected " + expected + "\n  actual   " + actual,
          "the registry, or a proxy in front of it, is at fault: check its storage"};
}

// What the answer says of the digest, where it does.
tl::expected<bool, Failure> says_digest(const Answer& answer, const Digest& expected) {
  const std::string said = answer.header("docker-content-digest");
  if (said.empty()) return false;
  if (said == digest_text(expected)) return true;
  const auto digest = parse_digest(said);
  return tl::unexpected(Failure{wrong("digest", digest_text(expected), digest ? digest_text(*digest) : "no SHA-256")});
}

// Whether the registry has the blob; one of another size or digest is a failure.
tl::expected<bool, Failure> has_blob(Session& session, const Descriptor& blob) {
  const auto answer = session.try_once({"HEAD", session.url("blobs/" + digest_text(blob.sha256))}, true);
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status == 404) return false;
  const auto digest = says_digest(*answer, blob.sha256);
  if (!digest) return tl::unexpected(digest.error());
  const auto size = parse_decimal(answer->header("content-length"));
  if (size && *size != blob.size) {
    return tl::unexpected(Failure{wrong("size", std::to_string(blob.size), std::to_string(*size))});
  }
  return *digest || size;
}

Outcome upload_once(Session& session, const Descriptor& blob, int file,
                    const std::function<void(std::uint64_t)>& on_sent) {
  const auto there = has_blob(session, blob);
  if (!there) return tl::unexpected(there.error());
  if (*there) return Answer{};
  auto begun = session.try_once({"POST", session.url("blobs/uploads/")});
  if (!begun) return begun;
  const auto location = session.location(*begun);
  if (!location) return tl::unexpected(location.error());
  Request put{
      "PUT", add_query(*location, "digest", digest_text(blob.sha256)), {"Content-Type: application/octet-stream"}};
  put.file = file;
  put.file_size = blob.size;
  put.on_sent = on_sent;
  auto answer = session.try_once(put);
  if (!answer) return answer;
  if (auto digest = says_digest(*answer, blob.sha256); !digest) return tl::unexpected(digest.error());
  return answer;
}

Request of_manifest(const Session& session, const std::string& method, const std::string& reference,
                    std::string_view media_type) {
  Request out{method, session.url("manifests/" + reference)};
  const std::string_view header = method == "PUT" ? "Content-Type: " : "Accept: ";
  out.headers = {std::string(header) + std::string(media_type)};
  out.max_answer = kMaxManifest;
  return out;
}

}  // namespace

Result<> upload(Session& session, const std::string& what, const Descriptor& blob, const fs::path& file,
                Progress& progress) {
  const Fd content = REBURST_TRY(open_read(file));
  std::uint64_t shown = 0;  // a repeated attempt sends bytes that were counted already
  const auto show = [&](std::uint64_t sent) {
    if (sent <= shown) return;
    progress.advance(sent - shown);
    shown = sent;
  };
  REBURST_TRY(session.repeat(what, [&] { return upload_once(session, blob, content.get(), show); }));
  show(blob.size);
  return {};
}

Result<bool> put_manifest(Session& session, const std::string& what, const std::string& reference,
                          std::string_view media_type, const std::string& text,
                          const std::optional<Descriptor>& subject) {
  Request put = of_manifest(session, "PUT", reference, media_type);
  put.body = text;
  const Answer answer = REBURST_TRY(session.send(what, put));
  auto said = says_digest(answer, sha256(text));
  if (!said) return fail(session.error(what, std::move(said).error().error));
  if (!*said) {
    // The header is optional; the bytes themselves always tell.
    const Answer back = REBURST_TRY(session.send(what, of_manifest(session, "GET", reference, media_type)));
    if (back.body != text) {
      return fail(session.error(what, wrong("digest", digest_text(sha256(text)), digest_text(sha256(back.body)))));
    }
  }
  return subject && answer.header("oci-subject") == digest_text(subject->sha256);
}

Result<> put_fallback(Session& session, const Digest& subject, const std::vector<Descriptor>& referrers) {
  const std::string tag = fallback_tag(subject);
  const std::string what = "the index of referrers \"" + tag + "\"";
  const Answer there = REBURST_TRY(session.send(what, of_manifest(session, "GET", tag, kIndexType), true));
  const std::string existing = there.status == 404 ? std::string() : there.body;
  auto merged = merge_fallback(existing, referrers, "what it has there");
  if (!merged) return fail(session.error(what, std::move(merged).error()));
  if (*merged == existing) return {};
  REBURST_TRY(put_manifest(session, what, tag, kIndexType, *merged, std::nullopt));
  return {};
}

Result<std::string> merge_fallback(std::string_view existing, const std::vector<Descriptor>& referrers,
                                   std::string_view name) {
  const auto refuse = [&] {
    return fail(ErrorCode::kIntegrity, "\"" + std::string(name) + "\" is no image index, and is not replaced",
                "remove that tag from the registry, if nobody needs it, and push again");
  };
  if (existing.empty()) return to_text(Index{referrers});
  // Not parse_index(): entries of others may have digests that we do not know, and stay as they are.
  auto parsed = parse_json(existing, name, 16);
  if (!parsed || !parsed->is_object() || !parsed->contains("manifests")) return refuse();
  Json& manifests = parsed->at("manifests");
  if (!manifests.is_array() || parsed->value("mediaType", Json(kIndexType)) != kIndexType) return refuse();
  std::set<std::string> ours;
  for (const auto& each : referrers) ours.insert(digest_text(each.sha256));
  Json merged = Json::array();
  for (const auto& each : manifests) {
    const auto digest = each.is_object() ? each.find("digest") : each.end();
    if (!each.is_object() || digest == each.end() || !digest->is_string()) return refuse();
    if (!ours.contains(digest->get<std::string>())) merged.push_back(each);
  }
  for (const auto& each : referrers) merged.push_back(to_json(each));
  manifests = std::move(merged);
  return canonical_json(*parsed);
}

}  // namespace reburst::oci
