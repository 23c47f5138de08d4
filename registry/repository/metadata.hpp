#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/handle.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "registry/client/trust.hpp"
#include "registry/repository/placed.hpp"
#include "signing/sign/key_folder.hpp"

namespace reburst::registry {

// Folders in the registry where a publication is prepared.
inline constexpr std::string_view kStagingName = ".staging";
// A timestamp whose new root may not be there yet, and a root whose new timestamp may not.
inline constexpr std::string_view kNextTimestampName = ".timestamp.json.next";
inline constexpr std::string_view kNextRootName = ".root.json.next";

// Who publishes, and when.
struct Publisher {
  signing::KeyFolder keys;
  signing::AskPassphrase ask;
  Epoch now = 0;
};

// The metadata of a registry. Whoever opened it for change holds the registry's lock alone. What is read was verified
// from the first root on, as a client does, but for expiry; what is written is seen by readers when commit() renames
// timestamp.json, and not before.
class Metadata {
 public:
  // kUsage when somebody else has been publishing for `wait_seconds`; kMissing when there is no registry and `create`
  // is false.
  [[nodiscard]] static Result<Metadata> open(const std::filesystem::path& registry, Publisher publisher, bool create,
                                             unsigned wait_seconds = 60);

  // The same, to look at: nothing is written to the registry, and commit() is refused (kUsage). The lock is shared with
  // other readers; where it cannot be had, as in a copy on a medium that is read-only, it is done without.
  [[nodiscard]] static Result<Metadata> open_to_read(const std::filesystem::path& registry, Publisher publisher,
                                                     unsigned wait_seconds = 60);
  [[nodiscard]] bool locked() const { return lock_.valid(); }

  [[nodiscard]] const std::filesystem::path& registry() const { return registry_; }
  [[nodiscard]] const Publisher& publisher() const { return publisher_; }
  [[nodiscard]] const tuf::Root& root() const { return next_.root; }
  [[nodiscard]] const tuf::Targets& targets() const { return next_.targets; }
  // The version of every role's metadata, as readers see it.
  [[nodiscard]] const std::map<std::string, std::uint64_t>& versions() const { return versions_; }
  // When what readers see expires, and what they will see after the next commit.
  [[nodiscard]] Epoch next_snapshot_expires() const { return next_header("snapshot").expires; }
  [[nodiscard]] Epoch snapshot_expires() const { return current_.snapshot.header.expires; }
  [[nodiscard]] Epoch timestamp_expires() const { return timestamp_expires_; }
  // Every delegated role as it will be after the next commit.
  [[nodiscard]] const std::map<std::string, tuf::Targets>& delegated() const { return next_.delegated; }

  // From here on only these delegated roles are looked at, and nothing can be committed. kMissing for an unknown one.
  // A registry that import made of some channels (docs/formats/bundle.md) is narrow from the beginning.
  [[nodiscard]] Result<> narrow(const std::vector<std::string>& roles);
  [[nodiscard]] bool narrowed() const { return narrowed_; }
  // Every delegated role as readers see it, those that narrow() left out too.
  [[nodiscard]] const std::map<std::string, tuf::Targets>& all_delegated() const { return all_delegated_; }

  // Changes a delegated role; a new one gets a delegation with the keys of the key folder.
  [[nodiscard]] Result<> set_delegated(const std::string& role, const std::vector<std::string>& paths,
                                       tuf::Targets targets);
  // Metadata that its keys have signed elsewhere (a proposal with enough approvals): of root, targets or a delegated
  // role, in this order. kUsage when it is not the next version.
  [[nodiscard]] Result<> set_sealed(const std::string& role, const std::vector<std::string>& paths, std::string sealed);
  // What commit() would write but for snapshot and timestamp, signed by those keys that are here: by role.
  [[nodiscard]] Result<std::map<std::string, std::string>> seal_changed() const;
  // The texts of root and targets, as readers see them or, of a root that the key folder has already, will see them;
  // empty when the registry is new.
  [[nodiscard]] const std::string& root_text() const { return ahead_.empty() ? current_.state.root : ahead_.back(); }
  [[nodiscard]] const std::string& targets_text() const { return current_.state.targets; }
  // Whether the keys that are here reach the role's threshold.
  [[nodiscard]] Result<bool> can_sign(const std::string& role) const;
  // The next commit signs this role again ("root", "targets", a delegated one) though nothing of it changed.
  void renew(const std::string& role) { changed_.insert(role); }
  // Keys and thresholds become those of the key folder (TUF 1.0.30, 6.1); what they sign is signed again. A root whose
  // own keys change is signed by `old_keys` too, and so is what other top roles sign whose keys change: as far as the
  // threshold of the old root is reached, readers are served without a break. commit() finds those that lie in the key
  // folder still, but for the root's. The roles whose keys or threshold change; may be none.
  [[nodiscard]] Result<std::vector<std::string>> rotate_keys(std::vector<std::unique_ptr<signing::Signer>> old_keys);
  // The same keys where the rotation comes by set_sealed().
  void sign_with_old_keys(std::vector<std::unique_ptr<signing::Signer>> old_keys) { old_keys_ = std::move(old_keys); }

  // Roots of the key folder that this registry has not shown yet, as another registry got them first: the next commit
  // places them. A new registry begins with them.
  [[nodiscard]] std::size_t roots_ahead() const { return ahead_.size(); }
  // Whether the key folder has roots, and this registry has others: its readers need its own first root.
  [[nodiscard]] bool has_other_roots() const { return other_roots_; }
  // A registry that is new begins with these instead of the key folder's; without any, with a first one of its own.
  [[nodiscard]] Result<> begin_with(std::vector<std::string> roots);

  // Writes what changed as new versions, then snapshot and timestamp. Every role must reach its threshold with the
  // publisher's keys (kSignature); nothing is written otherwise. A registry that is new gets its first root. What roots
  // the registry has then, the key folder has before.
  [[nodiscard]] Result<> commit();

  // share_file() into the registry for the next commit, and the same for a file that is about to be written, or a
  // folder that may be made. It is removed again, with the folders that it leaves empty, unless commit() writes or
  // keep_placed() says that others are to have it. A registry that is new goes as a whole.
  [[nodiscard]] Result<> place(const std::filesystem::path& from, const std::filesystem::path& to);
  void place(const std::filesystem::path& file) { placed_.add(file); }
  void place_tree(const std::filesystem::path& folder) { placed_.add_tree(folder); }
  void keep_placed() { placed_.keep(); }

 private:
  // Metadata as it will be written: "3.web-stable" or "timestamp", and its bytes.
  struct File {
    std::string name, text;
  };

  Metadata(std::filesystem::path registry, Publisher publisher, Fd lock)
      : registry_(std::move(registry)), publisher_(std::move(publisher)), lock_(std::move(lock)), placed_(registry_) {}

  [[nodiscard]] Result<> load();
  [[nodiscard]] Result<> begin();
  [[nodiscard]] Result<> delegate(const std::string& role, const std::vector<std::string>& paths);
  [[nodiscard]] Result<tuf::RoleKeys> keys_of(const std::string& role,
                                              std::map<std::string, signing::PublicKey>& keys) const;
  [[nodiscard]] std::set<std::string> signers_of(const std::string& role) const;
  [[nodiscard]] tuf::Header next_header(const std::string& role) const;
  [[nodiscard]] Result<std::string> seal(const std::string& role, const Json& body) const;
  [[nodiscard]] Result<std::vector<File>> seal_all();
  [[nodiscard]] Result<client::VerifiedMetadata> check(const std::vector<File>& files) const;
  [[nodiscard]] Result<client::VerifiedMetadata> check_signed(const std::vector<File>& files) const;
  [[nodiscard]] Result<> write(const std::vector<File>& files) const;
  [[nodiscard]] Result<> find_old_keys();
  [[nodiscard]] Result<> finish_root(client::VerifiedMetadata& loaded) const;
  [[nodiscard]] Result<> adopt(std::vector<std::string> roots);
  [[nodiscard]] Result<> follow_key_folder();
  [[nodiscard]] Result<> keep_roots(const std::vector<File>& files) const;
  void sweep_roots() const;

  std::filesystem::path registry_;
  Publisher publisher_;
  Fd lock_;
  client::VerifiedMetadata current_;  // as readers see it; nothing in it when the registry is new
  client::VerifiedMetadata next_;     // as they will
  std::vector<std::string> ahead_;    // roots of others that the next commit places
  tuf::Root base_;                    // the root that the next one follows: the last of these, or the present
  bool other_roots_ = false;
  std::map<std::string, std::uint64_t> versions_;  // by role, as readers see them
  Epoch timestamp_expires_ = 0;
  bool narrowed_ = false;
  bool read_only_ = false;
  std::map<std::string, tuf::Targets> all_delegated_;
  std::set<std::string> changed_;              // roles that the next commit writes, but snapshot and timestamp
  std::map<std::string, std::string> sealed_;  // of those, what others have signed
  std::vector<std::unique_ptr<signing::Signer>> old_keys_;
  Placed placed_;  // goes before the lock
};

}  // namespace reburst::registry
