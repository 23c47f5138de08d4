#include "builder/tree/database.hpp"

#include <algorithm>
#include <set>

#include "core/text.hpp"

namespace reburst::tree {
namespace {

constexpr std::string_view kFolder = "var/lib/dpkg/";
constexpr std::string_view kProvidedPackage = "reburst-provided";
constexpr std::uint64_t kMaxStatus = 256U << 20U;

std::string in_folder(std::string_view name) {
  return std::string(kFolder) + std::string(name);
}

// deb-triggers(5): "interest[-await|-noawait] NAME"; comments and blank lines are skipped.
struct Interest {
  std::string trigger;
  bool await = true;
};
std::vector<Interest> interests(const Package& package) {
  std::vector<Interest> found;
  const auto file = package.control_files.find("triggers");
  if (file == package.control_files.end()) return found;
  for (const std::string_view line : split(file->second, '\n')) {
    if (line.starts_with('#')) continue;
    const auto words = split_words(line);
    if (words.size() != 2 || !words[0].starts_with("interest")) continue;
    found.push_back({std::string(words[1]), words[0] != "interest-noawait"});
  }
  return found;
}

std::string stanza_text(const Package& package) {
  std::string text;
  for (const auto& [name, value] : package.control.fields) {
    text += name + (value.starts_with('\n') ? ":" : ": ") + value + "\n";
    if (name == "Package") text += "Status: install ok unpacked\n";
  }
  if (package.conffiles.empty()) return text + "\n";
  text += "Conffiles:\n";
  for (const Conffile& conffile : package.conffiles) {
    text += " " + conffile.path + " newconffile" + (conffile.remove_on_upgrade ? " remove-on-upgrade" : "") + "\n";
  }
  return text + "\n";
}

bool is_script(std::string_view name) {
  return name == "preinst" || name == "postinst" || name == "prerm" || name == "postrm" || name == "config";
}

}  // namespace

Result<> Database::create(const std::string& architecture) const {
  for (const char* folder : {"alternatives", "info", "parts", "triggers", "updates"}) {
    REBURST_TRY(root_.make_folders(in_folder(folder)));
  }
  for (const char* file : {"status", "lock", "lock-frontend", "triggers/File", "triggers/Unincorp", "triggers/Lock"}) {
    const bool is_lock = std::string_view(file).starts_with("lock") || std::string_view(file).ends_with("Lock");
    REBURST_TRY(root_.write(in_folder(file), "", is_lock ? 0640 : 0644));
  }
  REBURST_TRY(root_.write(in_folder("info/format"), "1\n"));
  return root_.write(in_folder("arch"), architecture + "\n");
}

Result<> Database::add(const std::vector<Unpacked>& packages) const {
  std::string stanzas;
  for (const Unpacked& unpacked : packages) {
    REBURST_TRY(add_info(unpacked));
    REBURST_TRY(add_triggers(*unpacked.package));
    stanzas += stanza_text(*unpacked.package);
  }
  return root_.append(in_folder("status"), stanzas);
}

Result<> Database::add_info(const Unpacked& unpacked) const {
  const Package& package = *unpacked.package;
  const std::string stem = in_folder("info/") + package.info_name + ".";
  std::string list;
  for (const std::string& path : unpacked.listed) list += path + "\n";
  REBURST_TRY(root_.write(stem + "list", list));
  for (const auto& [name, content] : package.control_files) {
    REBURST_TRY(root_.write(stem + name, content, is_script(name) ? 0755 : 0644));
  }
  return {};
}

Result<> Database::add_triggers(const Package& package) const {
  for (const Interest& interest : interests(package)) {
    const std::string holder = package.info_name + (interest.await ? "" : "/noawait");
    if (interest.trigger.starts_with('/')) {
      REBURST_TRY(root_.append(in_folder("triggers/File"), interest.trigger + " " + holder + "\n"));
      continue;
    }
    if (interest.trigger.find('/') != std::string::npos || interest.trigger.starts_with('.')) {
      return fail(ErrorCode::kPackage,
                  "package \"" + package.name + "\" has the trigger \"" + interest.trigger + "\", which is no name");
    }
    REBURST_TRY(root_.append(in_folder("triggers/") + interest.trigger, holder + "\n"));
  }
  return {};
}

Result<> Database::activate_file_triggers(const std::vector<Unpacked>& packages) const {
  const std::string file = REBURST_TRY(root_.read(in_folder("triggers/File"), kMaxStatus));
  std::vector<std::string> triggers;
  for (const std::string_view line : split(file, '\n')) {
    if (const auto words = split_words(line); words.size() == 2) triggers.emplace_back(words[0]);
  }
  std::set<std::string> hit;
  for (const Unpacked& unpacked : packages) {
    for (const std::string& path : unpacked.listed) {
      for (const std::string& trigger : triggers) {
        if (path.starts_with(trigger) && (path.size() == trigger.size() || path[trigger.size()] == '/'))
          hit.insert(trigger);
      }
    }
  }
  std::string lines;
  for (const std::string& trigger : hit) lines += trigger + " -\n";
  if (lines.empty()) return {};
  return root_.append(in_folder("triggers/Unincorp"), lines);
}

Result<> Database::add_provided(const std::vector<std::string>& provided, const std::string& architecture) const {
  if (provided.empty()) return {};
  const std::string stanza =
      "Package: " + std::string(kProvidedPackage) +
      "\nStatus: install ok installed\nMaintainer: the image builder\nArchitecture: " + architecture +
      "\nMulti-Arch: foreign\nVersion: 1\nProvides: " + join(provided, ", ") +
      "\nDescription: what the image builder itself offers\n\n";
  REBURST_TRY(root_.write(in_folder("info/") + std::string(kProvidedPackage) + ".list", ""));
  return root_.append(in_folder("status"), stanza);
}

Result<> Database::remove_provided() const {
  const std::string text = REBURST_TRY(status());
  const std::string start = "Package: " + std::string(kProvidedPackage) + "\n";
  std::string kept;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find("\n\n", at);
    const std::size_t next = end == std::string::npos ? text.size() : end + 2;
    const std::string_view stanza = std::string_view(text).substr(at, next - at);
    if (!stanza.starts_with(start)) kept += stanza;
    at = next;
  }
  REBURST_TRY(root_.write(in_folder("status"), kept));
  return root_.remove(in_folder("info/") + std::string(kProvidedPackage) + ".list");
}

Result<std::string> Database::status() const {
  return root_.read(in_folder("status"), kMaxStatus);
}

Result<std::vector<std::string>> Database::unfinished() const {
  const std::string text = REBURST_TRY(status());
  std::vector<std::string> found;
  std::string package;
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with("Package: ")) package = std::string(line.substr(9));
    if (line.starts_with("Status: ") && line != "Status: install ok installed")
      found.push_back(package + ": " + std::string(line.substr(8)));
  }
  return found;
}

}  // namespace reburst::tree
