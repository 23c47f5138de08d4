#include "tests/support/archive/test_archive.hpp"

#include <stdexcept>

#include "core/digest.hpp"
#include "core/process.hpp"
#include "core/text.hpp"

namespace reburst::test {

namespace {

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().render());
  return *std::move(result);
}

void must(Result<> result) {
  if (!result) throw std::runtime_error(result.error().render());
}

std::string must_run(Command command) {
  command.timeout_seconds = 60;
  const Exit exit = must(run(command));
  if (exit.status != 0) throw std::runtime_error(command.argv.front() + ": " + exit.error);
  return exit.out;
}

}  // namespace

Signer::Signer() : home_(must(TempDirectory::make("/tmp", "gnupg")).release()) {}

Signer::~Signer() {
  (void)run({.argv = {"gpgconf", "--homedir", home_.string(), "--kill", "all"}});
  (void)remove_tree(home_);
}

std::string Signer::gpg(std::vector<std::string> arguments, const std::string& input) const {
  Command command{.argv = {"gpg", "--homedir", home_.string(), "--batch", "--quiet", "--no-tty", "--pinentry-mode",
                           "loopback", "--passphrase", ""}};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  command.input = input;
  return must_run(command);
}

std::string Signer::make_key(const std::string& name, const std::string& expiry, const std::string& faked_time) {
  std::vector<std::string> arguments = {"--quick-generate-key", name, "ed25519", "sign", expiry};
  if (!faked_time.empty()) arguments.insert(arguments.begin(), {"--faked-system-time", faked_time});
  (void)gpg(arguments);
  const std::string listing = gpg({"--with-colons", "--list-keys", name});
  for (const auto line : split(listing, '\n')) {
    const auto fields = split(line, ':');
    if (fields[0] == "fpr") return std::string(fields.at(9));
  }
  throw std::runtime_error("gpg made no key");
}

std::string Signer::export_key(const std::string& key, bool armored) const {
  std::vector<std::string> arguments = {"--export", key};
  if (armored) arguments.insert(arguments.begin(), "--armor");
  return gpg(arguments);
}

std::string Signer::clear_sign(const std::string& text, const std::vector<std::string>& keys,
                               const std::string& faked_time) const {
  std::vector<std::string> arguments;
  if (!faked_time.empty()) arguments = {"--faked-system-time", faked_time};
  for (const auto& key : keys) arguments.insert(arguments.end(), {"--local-user", key});
  arguments.emplace_back("--clear-sign");
  return gpg(arguments, text);
}

std::string Signer::detached_signature(const std::string& text, const std::string& key) const {
  return gpg({"--local-user", key, "--armor", "--detach-sign"}, text);
}

void Signer::revoke(const std::string& key) const {
  std::string certificate = get_file(home_ / "openpgp-revocs.d" / (key + ".rev"));
  const std::string guard = ":-----BEGIN";
  certificate.erase(certificate.find(guard), 1);
  (void)gpg({"--import"}, certificate);
}

std::string TestArchive::write(const fs::path& folder) const {
  const fs::path dists = folder / "dists" / codename;
  std::string listed;
  const auto store = [&](const std::string& path, const std::string& content, bool stored) {
    const auto digest = sha256(content).hex();
    listed += " " + digest + " " + std::to_string(content.size()) + " " + path + "\n";
    if (!stored) return;
    put_file(dists / path, content);
    if (by_hash) put_file(dists / fs::path(path).parent_path() / "by-hash" / "SHA256" / digest, content);
  };
  for (const auto& component : components) {
    const std::string place = component + "/binary-amd64";
    const auto given = packages.find(place);
    const std::string content =
        given != packages.end()
            ? given->second
            : "Package: " + component + "-only\nVersion: 1.0\nArchitecture: amd64\nFilename: pool/a.deb\nSize: 1\n\n";
    for (const auto& form : forms) {
      const std::string bytes = form == ".xz" ? xz(content) : form == ".gz" ? gzip(content) : content;
      store(place + "/Packages" + form, bytes, !form.empty() || store_plain || forms.size() == 1);
    }
  }
  std::map<std::string, std::string> all = {{"Origin", "Example"},
                                            {"Label", "Example"},
                                            {"Suite", suite},
                                            {"Codename", codename},
                                            {"Date", date},
                                            {"Architectures", architectures},
                                            {"Components",
                                             [this] {
                                               std::string out;
                                               for (const auto& component : components)
                                                 out += (out.empty() ? "" : " ") + component;
                                               return out;
                                             }()},
                                            {"No-Support-for-Architecture-all", "Packages"}};
  if (by_hash) all["Acquire-By-Hash"] = "yes";
  for (const auto& [name, value] : fields) all[name] = value;
  std::string text;
  for (const auto& [name, value] : all) {
    if (!value.empty()) text += name + ": " + value + "\n";
  }
  text += "SHA256:\n" + listed;
  put_file(dists / "Release", text);
  return text;
}

std::string xz(const std::string& content) {
  return must_run({.argv = {"xz", "--stdout"}, .input = content});
}

std::string gzip(const std::string& content) {
  return must_run({.argv = {"gzip", "--stdout", "--no-name"}, .input = content});
}

void put_file(const fs::path& path, const std::string& content) {
  must(make_directories(path.parent_path()));
  must(write_file_atomic(path, content));
}

std::string get_file(const fs::path& path) {
  return must(read_file(path, 1U << 30U));
}

}  // namespace reburst::test
