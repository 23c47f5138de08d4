#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "builder/image/image.hpp"
#include "core/digest.hpp"
#include "core/handle.hpp"
#include "core/json.hpp"
#include "core/result.hpp"

namespace reburst::attest {

// A file of the release that is written bit by bit and hashed on the way, so that a long list is never in memory as a
// whole. A failure to write shows in close().
class ArtifactFile {
 public:
  [[nodiscard]] static Result<ArtifactFile> create(const std::filesystem::path& folder, std::string name,
                                                   std::string kind);
  void put_text(std::string_view text);
  // In canonical form (docs/formats/canonical-json.md) without its newline; bytes that are not UTF-8 become U+FFFD.
  void put_json(const Json& value);
  // "[", the elements that `each` makes of `items` (null: none), "]".
  template <class Items, class Each>
  void put_list(const Items& items, Each&& each) {
    put_text("[");
    bool first = true;
    for (const auto& item : items) {
      const Json element = each(item);
      if (element.is_null()) continue;
      if (!first) put_text(",");
      first = false;
      put_json(element);
    }
    put_text("]");
  }
  [[nodiscard]] Result<image::Artifact> close();

 private:
  ArtifactFile(std::filesystem::path path, image::Artifact artifact, Fd fd);
  void flush();

  std::filesystem::path path_;
  image::Artifact artifact_;
  Fd fd_;
  Hasher hasher_;
  std::string buffer_;
  std::optional<Error> error_;
};

}  // namespace reburst::attest
