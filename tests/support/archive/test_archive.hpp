#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/file.hpp"
#include "core/time.hpp"

namespace reburst::test {

// A GnuPG home with throw-away keys. Calls the real gpg (Debian package gnupg); fails by exception, which a test shows.
class Signer {
 public:
  Signer();
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;
  Signer(Signer&&) = delete;
  Signer& operator=(Signer&&) = delete;
  ~Signer();

  // Makes an Ed25519 key and returns its fingerprint. `faked_time` ("20200101T000000") and `expiry` ("seconds=60") are
  // gpg's.
  [[nodiscard]] std::string make_key(const std::string& name, const std::string& expiry = "0",
                                     const std::string& faked_time = "");
  [[nodiscard]] std::string export_key(const std::string& key, bool armored) const;
  [[nodiscard]] std::string clear_sign(const std::string& text, const std::vector<std::string>& keys,
                                       const std::string& faked_time = "") const;
  [[nodiscard]] std::string detached_signature(const std::string& text, const std::string& key) const;
  void revoke(const std::string& key) const;

 private:
  std::string gpg(std::vector<std::string> arguments, const std::string& input = {}) const;
  fs::path home_;
};

// A small archive with the layout of Debian's. Change what is to be wrong, then write() it.
struct TestArchive {
  std::string suite = "oldstable", codename = "bookworm";
  std::vector<std::string> components = {"main"};
  std::string architectures = "all amd64";
  std::map<std::string, std::string> fields = {};  // more Release fields; an empty value drops a default one
  std::string date = "Sat, 11 Jul 2026 10:16:37 UTC";
  std::map<std::string, std::string> packages = {};  // Packages by "main/binary-amd64"; default: one stanza each
  std::vector<std::string> forms = {"", ".gz",
                                    ".xz"};  // listed in the Release file; "" is listed but not stored, as by mirrors
  bool store_plain = false;
  bool by_hash = true;

  // Writes dists/<codename>/… below `folder`, without any signature; returns the Release file's text.
  std::string write(const fs::path& folder) const;
};

std::string xz(const std::string& content);
std::string gzip(const std::string& content);
void put_file(const fs::path& path, const std::string& content);
std::string get_file(const fs::path& path);

}  // namespace reburst::test
