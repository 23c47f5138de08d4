#include "builder/tree/package.hpp"

#include <algorithm>
#include <functional>

#include "core/text.hpp"

namespace reburst::tree {
namespace {

bool names_a_file(const std::string& path) {
  if (!path.starts_with('/') || path.find(' ') != std::string::npos) return false;
  const auto clean = clean_path(path.c_str() + 1);
  return clean && !clean->empty();
}

Result<std::vector<Conffile>> parse_conffiles(const std::string& text, const std::string& label) {
  std::vector<Conffile> conffiles;
  for (std::string_view line : split(text, '\n')) {
    line = trim(line);
    if (line.empty()) continue;
    Conffile conffile;
    if (line.starts_with("remove-on-upgrade ")) {
      conffile.remove_on_upgrade = true;
      line = trim(line.substr(18));
    }
    conffile.path = std::string(line);
    if (!names_a_file(conffile.path)) {
      return fail(ErrorCode::kPackage,
                  "cannot unpack \"" + label + "\": its list of conffiles has the line \"" + conffile.path + "\"",
                  std::string(kBrokenPackageHint));
    }
    conffiles.push_back(std::move(conffile));
  }
  return conffiles;
}

Result<> check_identity(const Package& package, const lock::LockedPackage& locked) {
  const auto differ = [&](const std::string& what, const std::string& expected, const std::string& found) {
    return fail(ErrorCode::kPackage,
                "the package \"" + package.label + "\" is not the one that the lock names: " + what + "\n  expected " +
                    expected + "\n  actual   " + found,
                std::string(kBrokenPackageHint));
  };
  if (package.name != locked.name) return differ("name", locked.name, package.name);
  if (package.version != locked.version) return differ("version", locked.version, package.version);
  if (package.architecture != locked.architecture)
    return differ("architecture", locked.architecture, package.architecture);
  // Policy 5.6.12, of the part after the epoch; an archive's own tools see to it.
  const auto digit = package.version.find(':') + 1;
  if (lock::is_local(locked) && (package.version[digit] < '0' || package.version[digit] > '9')) {
    return fail(
        ErrorCode::kPackage,
        "cannot unpack \"" + package.label + "\": its version \"" + package.version + "\" does not begin with a digit",
        std::string(kBrokenPackageHint));
  }
  return {};
}

bool provides(const Package& package, const Relation& wanted) {
  if (package.name == wanted.name) return satisfies(package.version, wanted);
  for (const auto& group : parse_relations(package.control.get("Provides"))) {
    for (const Relation& offered : group) {
      if (offered.name != wanted.name) continue;
      if (wanted.op.empty() || (!offered.version.empty() && satisfies(offered.version, wanted))) return true;
    }
  }
  return false;
}

}  // namespace

bool Package::is_conffile(std::string_view path) const {
  return std::any_of(conffiles.begin(), conffiles.end(), [&](const Conffile& conffile) {
    return !conffile.remove_on_upgrade && std::string_view(conffile.path).substr(1) == path;
  });
}

Result<Package> read_package(const PackageFile& file) {
  const Deb deb = REBURST_TRY(Deb::open(file.file, {}, file.package->name + " " + file.package->version));
  Package package;
  package.label = deb.name();
  package.file = file.file;
  package.data_size = deb.data_size();
  package.control = deb.control();
  package.control_files = deb.control_files();
  package.name = std::string(package.control.get("Package"));
  package.version = std::string(package.control.get("Version"));
  package.architecture = std::string(package.control.get("Architecture"));
  REBURST_TRY(check_identity(package, *file.package));
  package.essential = package.control.get("Essential") == "yes";
  package.info_name =
      package.control.get("Multi-Arch") == "same" ? package.name + ":" + package.architecture : package.name;
  if (const auto found = package.control_files.find("conffiles"); found != package.control_files.end()) {
    package.conffiles = REBURST_TRY(parse_conffiles(found->second, package.label));
  }
  for (const auto& group : parse_relations(package.control.get("Replaces"))) {
    package.replaces.insert(package.replaces.end(), group.begin(), group.end());
  }
  return package;
}

std::vector<std::size_t> needed_by(const std::vector<Package>& packages, std::size_t package, std::string_view field) {
  std::vector<std::size_t> needed;
  for (const auto& group : parse_relations(packages[package].control.get(field))) {
    const auto first = [&]() -> std::ptrdiff_t {
      for (const Relation& relation : group) {
        const auto found = std::find_if(packages.begin(), packages.end(),
                                        [&](const Package& other) { return provides(other, relation); });
        if (found != packages.end()) return found - packages.begin();
      }
      return -1;
    }();
    if (first >= 0) needed.push_back(static_cast<std::size_t>(first));
  }
  return needed;
}

std::vector<std::size_t> with_dependencies(const std::vector<Package>& packages, std::vector<std::size_t> members) {
  std::vector<bool> chosen(packages.size());
  while (!members.empty()) {
    const std::size_t package = members.back();
    members.pop_back();
    if (chosen[package]) continue;
    chosen[package] = true;
    for (const char* field : {"Pre-Depends", "Depends"}) {
      for (const std::size_t other : needed_by(packages, package, field)) members.push_back(other);
    }
  }
  for (std::size_t i = 0; i < packages.size(); ++i) {
    if (chosen[i]) members.push_back(i);
  }
  return members;
}

std::vector<std::size_t> essential_set(const std::vector<Package>& packages) {
  std::vector<std::size_t> members;
  for (std::size_t i = 0; i < packages.size(); ++i) {
    if (packages[i].essential) members.push_back(i);
  }
  return with_dependencies(packages, std::move(members));
}

std::vector<std::size_t> unpack_order(const std::vector<Package>& packages, const std::vector<std::size_t>& members) {
  std::vector<bool> pending(packages.size());
  for (const std::size_t member : members) pending[member] = true;
  std::vector<std::size_t> order;
  const std::function<void(std::size_t)> visit = [&](std::size_t package) {
    if (!pending[package]) return;
    pending[package] = false;
    for (const std::size_t other : with_dependencies(packages, needed_by(packages, package, "Pre-Depends")))
      visit(other);
    order.push_back(package);
  };
  for (const std::size_t member : members) visit(member);
  return order;
}

}  // namespace reburst::tree
