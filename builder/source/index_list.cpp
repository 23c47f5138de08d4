#include "builder/source/index_list.hpp"

#include <algorithm>
#include <array>

#include "builder/source/signed_release.hpp"
#include "core/text.hpp"
#include "fetch/uri.hpp"

namespace reburst::source {

namespace {

bool contains(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// Smallest first. The plain form comes last: mirrors list it but most do not keep it.
constexpr std::array<std::string_view, 3> kForms = {".xz", ".gz", ""};

IndexForm make_form(const Repository& repository, const ReleaseFile& file, const std::string& path,
                    const ReleaseEntry& entry) {
  IndexForm form{.name = repository.suite + "/" + path, .file = entry, .uris = {}};
  const std::string folder = suite_uri(repository) + "/";
  if (file.by_hash) {
    form.uris.push_back(folder + fetch::escape_path(path.substr(0, path.rfind('/'))) + "/by-hash/SHA256/" +
                        entry.sha256.hex());
  }
  form.uris.push_back(folder + fetch::escape_path(path));
  return form;
}

std::optional<WantedIndex> find_index(const Repository& repository, const ReleaseFile& file,
                                      const std::string& component, const std::string& architecture) {
  const std::string plain = component + "/binary-" + architecture + "/Packages";
  WantedIndex wanted{
      .release = 0, .component = component, .architecture = architecture, .forms = {}, .content = std::nullopt};
  if (const auto* content = file.find(plain)) wanted.content = *content;
  for (const auto form : kForms) {
    const std::string path = plain + std::string(form);
    if (const auto* entry = file.find(path)) wanted.forms.push_back(make_form(repository, file, path, *entry));
  }
  if (wanted.forms.empty()) return std::nullopt;
  return wanted;
}

// Old security suites call their components "updates/main" and still file them under "main".
std::string bare(const std::string& component) {
  const auto slash = component.rfind('/');
  return slash == std::string::npos ? component : component.substr(slash + 1);
}

std::optional<WantedIndex> find_either(const Repository& repository, const ReleaseFile& file,
                                       const std::string& component, const std::string& architecture) {
  auto found = find_index(repository, file, component, architecture);
  return found ? found : find_index(repository, file, bare(component), architecture);
}

std::string where(const Repository& repository) {
  return "\"" + fetch::without_credentials(repository.uri) + "\" suite \"" + repository.suite + "\"";
}

}  // namespace

Result<std::vector<WantedIndex>> list_indexes(const Repository& repository, const ReleaseFile& file,
                                              std::size_t release, const std::string& architecture,
                                              std::vector<std::string>& notes) {
  std::vector<std::string> architectures;
  if (file.architectures.empty() || contains(file.architectures, architecture)) architectures.push_back(architecture);
  if (file.packages_for_all) architectures.emplace_back("all");
  if (architectures.empty()) {
    return fail(
        ErrorCode::kMissing,
        where(repository) + " has no packages for " + architecture + ", only for " + join(file.architectures, " "),
        "use a mirror that has the architecture, or restrict the source to others (Architectures: in apt's sources)");
  }
  std::vector<WantedIndex> out;
  for (const auto& component : repository.components) {
    const auto before = out.size();
    for (const auto& each : architectures) {
      if (auto found = find_either(repository, file, component, each)) {
        found->release = release;
        out.push_back(*std::move(found));
      }
    }
    if (out.size() == before)
      notes.push_back("warning: " + where(repository) + " has no component \"" + component + "\"");
  }
  if (!out.empty()) return out;
  return fail(ErrorCode::kMissing,
              where(repository) + " has none of the components " + join(repository.components, " "),
              "it has: " + join(file.components, " "));
}

}  // namespace reburst::source
