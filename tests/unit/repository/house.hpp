#pragma once

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/json.hpp"
#include "registry/repository/channel.hpp"
#include "registry/repository/proposal.hpp"
#include "registry/repository/publish.hpp"
#include "signing/sign/key_setup.hpp"

namespace reburst::registry {

// A publisher with the keys of root and targets elsewhere, and a registry on disk whose channels have moves alone.
class House : public testing::Test {
 protected:
  static constexpr Epoch kNow = 1'795'219'200;  // 2026-11-21T00:00:00Z

  void SetUp() override { ASSERT_TRUE(signing::create_split_keys(at("keys"), at("offline"), {})); }

  [[nodiscard]] fs::path at(const std::string& name) const { return folder_->path() / name; }
  [[nodiscard]] fs::path registry() const { return at("registry"); }

  [[nodiscard]] Publisher who(const std::string& name) const {
    return {.keys = signing::read_key_folder(at(name)).value(),
            .ask = [](std::string_view) -> Result<std::string> { return std::string(); },
            .now = kNow};
  }
  [[nodiscard]] Metadata open(const std::string& name = "keys") const {
    return Metadata::open(registry(), who(name), true).value();
  }

  // A key pair NAME.pem in a folder of that name, which has the public halves of all others.
  void add_person(const std::string& name, const std::string& role) {
    fs::create_directory(at(name));
    ASSERT_TRUE(signing::create_key(at(name) / (name + ".pem"), signing::KeyType::kEd25519, {}));
    auto folder = signing::read_key_folder(at("keys")).value();
    ASSERT_TRUE(signing::add_key(folder, role, (at(name) / (name + ".pub")).string()));
    ASSERT_TRUE(signing::write_key_folder(folder));
  }
  void change(const std::function<void(signing::KeyFolder&)>& how) {
    auto folder = signing::read_key_folder(at("keys")).value();
    how(folder);
    ASSERT_TRUE(signing::write_key_folder(folder));
  }
  // keys.json and the public halves go to everybody.
  void share(const std::vector<std::string>& people) const {
    for (const auto& entry : fs::directory_iterator(at("keys"))) {
      const auto name = entry.path().filename().string();
      if (!name.ends_with(".pub") && name != "keys.json") continue;
      for (const auto& one : people) fs::copy_file(entry.path(), at(one) / name, fs::copy_options::overwrite_existing);
    }
  }

  static void move(Metadata& metadata, const std::string& channel, const std::string& to) {
    auto one = read_channel(metadata, "web", channel).value();
    client::Move step;
    step.kind = "promote";
    step.to = to;
    step.reason = "tried";
    ASSERT_TRUE(add_move(one, std::move(step), metadata.publisher()));
    ASSERT_TRUE(save_channel(metadata, std::move(one)));
  }
  // What `name` proposes: `channel` points to `to`.
  [[nodiscard]] Proposal proposed(const std::string& name, const std::string& channel, const std::string& to) const {
    auto metadata = open(name);
    move(metadata, channel, to);
    return propose(metadata).value();
  }
  [[nodiscard]] Result<> publish(const Proposal& proposal) const {
    auto metadata = open();
    return accept(metadata, proposal, silent_progress());
  }
  // A registry with the channel web@dev.
  void begin() {
    auto first = proposed("keys", "dev", "1");
    ASSERT_EQ(approve(first, who("offline")).value(), 2U);
    ASSERT_TRUE(publish(first));
  }
  [[nodiscard]] std::string points_to(const std::string& channel) const {
    return current_version(read_channel(open(), "web", channel).value()).value();
  }

  template <class T>
  static void refused(const Result<T>& result, ErrorCode code, const std::string& message) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, code);
    EXPECT_EQ(result.error().message, message);
  }

 private:
  Result<TempDirectory> folder_ = TempDirectory::make("/tmp", "repository-test");
};

}  // namespace reburst::registry
