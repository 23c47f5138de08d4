#include "tests/unit/oci/support.hpp"

namespace reburst::oci {
namespace {

class CheckLayout : public LayoutTest {
 protected:
  std::string blob(const Digest& digest) { return blob_path(layout_, digest).string(); }
  void write(const fs::path& path, const std::string& text) { ASSERT_TRUE(write_file_atomic(path, text)); }
  // The layout is refused alike by one thread and by several.
  std::string refusal() {
    const auto checked = check_layout(layout_, 1);
    const auto parallel = check_layout(layout_, 4);
    if (checked || parallel) return "accepted";
    EXPECT_EQ(checked.error().code, ErrorCode::kIntegrity);
    EXPECT_EQ(checked.error().render(), parallel.error().render());
    return checked.error().message;
  }
  // index.json with a member of its first entry changed.
  void change_index(const std::function<void(Json&)>& change) {
    Json index = *parse_json(*read_file(layout_ / "index.json", 100'000), "index.json");
    change(index);
    write(layout_ / "index.json", index.dump());
  }
  std::string on_layout(const std::string& why) {
    return "cannot accept the OCI layout \"" + layout_.string() + "\": " + why;
  }
  std::string on_blob(const Digest& digest, const std::string& why) {
    return "cannot accept the blob \"" + digest_text(digest) + "\" of the OCI layout \"" + layout_.string() +
           "\": " + why;
  }

  const Layer& disk_ = release_.layers[0];
  std::string subject_ = "sha256-" + release_.manifest.sha256.hex();
};

TEST_F(CheckLayout, NamesABlobWhoseContentIsWrong) {
  write(blob(disk_.sha256), std::string(disk_.size, 'x'));
  EXPECT_EQ(refusal(), on_layout("the blob \"" + digest_text(disk_.sha256) + "\" has the wrong SHA-256\n  expected " +
                                 disk_.sha256.hex() + "\n  actual   " + sha256(std::string(disk_.size, 'x')).hex()));
  EXPECT_EQ(check_layout(layout_, 1).error().hint,
            "publish the release again, or restore the folder from a copy of the registry");
}

TEST_F(CheckLayout, FindsEveryChangedBlob) {
  for (const auto& entry : fs::directory_iterator(blobs_folder(layout_))) {
    const std::string content = *read_file(entry.path(), 100'000);
    std::string changed = content;
    changed.back() = static_cast<char>(changed.back() ^ 1);
    write(entry.path(), changed);
    EXPECT_NE(refusal(), "accepted") << entry.path();
    write(entry.path(), content);
  }
  EXPECT_TRUE(check_layout(layout_, 2));
}

TEST_F(CheckLayout, NamesABlobThatIsMissingShortOrNoFile) {
  write(blob(disk_.sha256), "short");
  EXPECT_EQ(refusal(),
            on_blob(disk_.sha256, "wrong size\n  expected " + std::to_string(disk_.size) + "\n  actual   5"));
  fs::remove(blob(disk_.sha256));
  EXPECT_EQ(refusal(), on_blob(disk_.sha256, "it is not there"));
  fs::create_symlink(disk_.file, blob(disk_.sha256));
  EXPECT_EQ(refusal(), on_blob(disk_.sha256, "it is no regular file"));
  EXPECT_EQ(check_layout(layout_, 1).error().hint,
            "publish the release again, or restore the file from a copy of the registry");
}

TEST_F(CheckLayout, ChecksBlobsThatNobodyNames) {
  write(blob(sha256("unnamed")), "unnamed");
  EXPECT_TRUE(check_layout(layout_, 1));
  write(blob(sha256("other")), "unnamed");
  EXPECT_NE(refusal().find("has the wrong SHA-256"), std::string::npos);
  fs::remove(blob(sha256("other")));
  write(blobs_folder(layout_) / "notes", "x");
  EXPECT_EQ(refusal(), on_layout("\"notes\" among its blobs has no digest for a name"));
}

TEST_F(CheckLayout, RefusesAManifestThatIsWrong) {
  write(blob(release_.manifest.sha256), std::string(release_.manifest.text.size(), ' '));
  EXPECT_EQ(refusal(), on_blob(release_.manifest.sha256,
                               "wrong SHA-256\n  expected " + release_.manifest.sha256.hex() + "\n  actual   " +
                                   sha256(std::string(release_.manifest.text.size(), ' ')).hex()));
}

TEST_F(CheckLayout, RefusesAnIndexThatLies) {
  const auto index = *read_file(layout_ / "index.json", 100'000);
  const auto refused = [&](const std::function<void(Json&)>& change) {
    change_index(change);
    const std::string why = refusal();
    write(layout_ / "index.json", index);
    return why;
  };
  const std::string path = "\"" + (layout_ / "index.json").string() + "\"";
  EXPECT_EQ(refused([](Json& j) { j["manifests"][0]["annotations"][std::string(kTagAnnotation)] = "stable"; }),
            "cannot accept " + path + ": it has the tag \"stable\" twice");
  EXPECT_EQ(refused([](Json& j) { j["manifests"][0]["annotations"][std::string(kTagAnnotation)] = "a\nb"; }),
            "cannot accept " + path + ": it has a tag that is none");
  EXPECT_EQ(refused([](Json& j) { j["manifests"][0]["size"] = 3; }).find("cannot accept the blob"), 0U);
  EXPECT_NE(
      refused([](Json& j) { j["manifests"][1]["size"] = 5U << 20U; }).find("a manifest has at most 4194304 bytes"),
      std::string::npos);
  EXPECT_EQ(refused([](Json& j) { j["schemaVersion"] = 1; }), "cannot accept " + path + ": its schemaVersion is not 2");
}

TEST_F(CheckLayout, RefusesAnotherVersion) {
  write(layout_ / "oci-layout", "{\"imageLayoutVersion\":\"2.0.0\"}");
  EXPECT_EQ(refusal(), "cannot read the OCI layout \"" + layout_.string() + "\": its version is not 1.0.0");
  fs::remove(layout_ / "oci-layout");
  EXPECT_EQ(check_layout(layout_, 1).error().code, ErrorCode::kMissing);
}

TEST_F(CheckLayout, RefusesTwoSizesOfOneBlob) {
  Manifest other = *parse_manifest(release_.manifest.text, "manifest");
  other.layers[0].size += 1;
  const std::string text = to_text(other);
  write(blob(sha256(text)), text);
  change_index([&](Json& j) { j["manifests"].push_back(to_json(describe(kManifestType, text))); });
  const std::string why = refusal();
  EXPECT_NE(why.find("one manifest says that it has "), std::string::npos) << why;
}

TEST_F(CheckLayout, RefusesAReferrerThatNoClientWouldFind) {
  const auto signature = check_layout(layout_, 1)->at(subject_ + ".signature");
  const std::string name = "the referrer \"" + digest_text(signature) + "\"";
  const auto index = *read_file(layout_ / "index.json", 100'000);
  const auto set = [&](const std::string& tag, const std::function<void(Json&)>& change) {
    write(layout_ / "index.json", index);
    change_index([&](Json& j) {
      for (auto& entry : j["manifests"]) {
        if (entry["annotations"][std::string(kTagAnnotation)] == tag) change(entry);
      }
    });
  };
  set(subject_ + ".signature", [](Json& entry) { entry.erase("annotations"); });
  EXPECT_EQ(refusal(), on_layout(name + " has no tag"));
  set(subject_, [](Json& entry) { entry.erase("annotations"); });
  const std::string unlisted = refusal();
  EXPECT_NE(unlisted.find(" does not stand in the index \"" + subject_ + "\""), std::string::npos) << unlisted;
  const auto use_fallback = [&](const Index& fallback) {
    const std::string text = to_text(fallback);
    write(blob(sha256(text)), text);
    set(subject_, [&](Json& entry) {
      entry["digest"] = digest_text(sha256(text));
      entry["size"] = text.size();
    });
  };
  write(layout_ / "index.json", index);
  const Index good =
      *parse_index(*read_file(blob_path(layout_, check_layout(layout_, 1)->at(subject_)), 10'000), "index");
  Index changed = good;
  changed.manifests[0].annotations["dev.sigstore.bundle.predicateType"] = "https://example.org/other";
  use_fallback(changed);
  EXPECT_EQ(refusal(), on_layout("the index \"" + subject_ + "\" describes " + name + " otherwise than its manifest"));
  changed = good;
  changed.manifests.erase(changed.manifests.begin());
  use_fallback(changed);
  EXPECT_EQ(refusal(), on_layout(name + " does not stand in the index \"" + subject_ + "\""));
}

}  // namespace
}  // namespace reburst::oci
