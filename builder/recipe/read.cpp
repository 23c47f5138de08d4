#include "builder/recipe/read.hpp"

#include <map>

#include "builder/recipe/checks.hpp"
#include "builder/recipe/inputs.hpp"

namespace reburst::recipe {

namespace {

// The document is valid: a key that is there has the right type, so these need no errors.
std::string text_of(const Node& map, std::string_view key, std::string_view otherwise = {}) {
  const auto* node = find(map, key);
  return node == nullptr ? std::string(otherwise) : node->scalar;
}
bool flag_of(const Node& map, std::string_view key, bool otherwise = false) {
  const auto text = text_of(map, key, otherwise ? "true" : "false");
  return text == "true" || text == "True" || text == "TRUE";
}
std::int64_t number_of(const Node& map, std::string_view key, std::int64_t otherwise) {
  const auto* node = find(map, key);
  return node == nullptr ? otherwise : whole_number(node->scalar).value_or(otherwise);
}
const std::vector<Node>& items_of(const Node& map, std::string_view key) {
  static const std::vector<Node> kNone;
  const auto* node = find(map, key);
  return node == nullptr ? kNone : node->items;
}
std::vector<std::string> texts_of(const Node& map, std::string_view key) {
  std::vector<std::string> texts;
  for (const auto& item : items_of(map, key)) texts.push_back(item.scalar);
  return texts;
}
const Node& map_of(const Node& map, std::string_view key) {
  static const Node kNone;
  const auto* node = find(map, key);
  return node == nullptr ? kNone : *node;
}

// Each function below reads one field into the recipe and its machine-independent form into `merged`.

Result<> read_sources(const Node& root, Recipe& recipe) {
  const auto& node = map_of(root, "sources");
  recipe.sources = HostSources{};
  recipe.merged["sources"] = "host";
  if (node.kind != Kind::kList) return {};
  std::vector<ArchiveSource> sources;
  Json json = Json::array();
  for (const auto& item : node.items) {
    const auto& keyring = *find(item, "keyring");
    ArchiveSource source{.uri = text_of(item, "uri"),
                         .suites = texts_of(item, "suites"),
                         .components = texts_of(item, "components"),
                         .keyring = REBURST_TRY(find_input_file(keyring, "keyring"))};
    // Without the address: any mirror serves, the keyring decides.
    json.push_back({{"suites", source.suites},
                    {"components", source.components},
                    {"keyring_sha256", REBURST_TRY(input_digest(keyring, source.keyring))}});
    sources.push_back(std::move(source));
  }
  recipe.sources = std::move(sources);
  recipe.merged["sources"] = std::move(json);
  return {};
}

Result<> read_packages(const Node& root, Recipe& recipe) {
  const auto& node = map_of(root, "packages");
  auto& packages = recipe.packages;
  packages.install = texts_of(node, "install");
  packages.exclude = texts_of(node, "exclude");
  packages.recommends = flag_of(node, "recommends");
  Json local = Json::array();
  for (const auto& item : items_of(node, "local")) {
    packages.local.push_back(REBURST_TRY(find_input_file(item, "package file")));
    local.push_back({{"file", packages.local.back().filename().string()},
                     {"sha256", REBURST_TRY(input_digest(item, packages.local.back()))}});
  }
  recipe.merged["packages"] = {{"install", packages.install},
                               {"exclude", packages.exclude},
                               {"recommends", packages.recommends},
                               {"local", std::move(local)}};
  return {};
}

void read_debconf(const Node& root, Recipe& recipe) {
  Json json = Json::array();
  for (const auto& item : items_of(root, "debconf")) {
    recipe.debconf.push_back({.package = text_of(item, "package"),
                              .question = text_of(item, "question"),
                              .type = text_of(item, "type"),
                              .value = text_of(item, "value")});
    const auto& answer = recipe.debconf.back();
    json.push_back(
        {{"package", answer.package}, {"question", answer.question}, {"type", answer.type}, {"value", answer.value}});
  }
  recipe.merged["debconf"] = std::move(json);
}

std::string octal(std::uint32_t mode) {
  std::string text = "0000";
  for (std::size_t i = 4; i-- > 0; mode /= 8) text[i] = static_cast<char>('0' + mode % 8);
  return text;
}

Result<Json> describe_content(const Node& item, FileEntry& entry) {
  if (entry.content) return Json{{"type", "file"}, {"sha256", sha256(*entry.content).hex()}};
  const auto& from = *find(item, "from");
  entry.from = input_path(from);
  Json described = REBURST_TRY(describe_input(from));
  if (described["type"] == "folder" && entry.mode) {
    return fail_at(find_member(item, "mode")->mark, "\"mode\" cannot stand with a folder",
                   "leave it out: folders get 0755, files 0755 or 0644 by their executable bit");
  }
  return described;
}

Result<> read_files(const Node& root, Recipe& recipe) {
  Json json = Json::array();
  for (const auto& item : items_of(root, "files")) {
    FileEntry entry{.path = text_of(item, "path"),
                    .content = {},
                    .from = {},
                    .mode = {},
                    .owner = text_of(item, "owner", "root"),
                    .group = text_of(item, "group", "root")};
    if (const auto* content = find(item, "content")) entry.content = content->scalar;
    if (const auto* mode = find(item, "mode")) entry.mode = checks::mode_bits(mode->scalar);
    Json described = REBURST_TRY(describe_content(item, entry));
    if (described["type"] == "file") {
      const std::uint32_t usual = described.value("executable", false) ? 0755 : 0644;
      described.erase("executable");
      described["mode"] = octal(entry.mode.value_or(usual));
    }
    described.update({{"path", entry.path}, {"owner", entry.owner}, {"group", entry.group}});
    json.push_back(std::move(described));
    recipe.files.push_back(std::move(entry));
  }
  recipe.merged["files"] = std::move(json);
  return {};
}

void read_users(const Node& root, Recipe& recipe) {
  Json json = Json::array();
  for (const auto& item : items_of(root, "users")) {
    const auto name = text_of(item, "name");
    const bool system = flag_of(item, "system");
    const std::string home = system ? "/nonexistent" : "/home/" + name;
    const auto* shell = system ? "/usr/sbin/nologin" : "/bin/bash";
    recipe.users.push_back(
        {.name = name, .system = system, .home = text_of(item, "home", home), .shell = text_of(item, "shell", shell)});
    const auto& user = recipe.users.back();
    json.push_back({{"name", user.name}, {"system", user.system}, {"home", user.home}, {"shell", user.shell}});
  }
  recipe.merged["users"] = std::move(json);
}

void read_services(const Node& root, Recipe& recipe) {
  const auto& node = map_of(root, "services");
  recipe.services = {
      .enable = texts_of(node, "enable"), .disable = texts_of(node, "disable"), .mask = texts_of(node, "mask")};
  recipe.merged["services"] = {
      {"enable", recipe.services.enable}, {"disable", recipe.services.disable}, {"mask", recipe.services.mask}};
}

Result<> read_state(const Node& root, Recipe& recipe) {
  Json json = Json::array();
  // Of the merged recipe: what an heir adds may collide with what it inherits.
  if (const auto* list = find(root, "state")) REBURST_TRY(checks::state(*list));
  std::map<std::string, const Node*> volumes;
  for (const auto& item : items_of(root, "state")) {
    recipe.state.push_back({.mount = text_of(item, "mount"), .volume = text_of(item, "volume")});
    const auto& state = recipe.state.back();
    const auto* volume = find(item, "volume");
    const auto [first, is_new] = volumes.emplace(state.volume, volume);
    if (!is_new) {
      return fail_at(volume->mark, "the volume " + in_quotes(state.volume) + " is mounted twice",
                     "it is named first at " + place(first->second->mark));
    }
    json.push_back({{"mount", state.mount}, {"volume", state.volume}});
  }
  recipe.merged["state"] = std::move(json);
  return {};
}

// Of the merged recipe, as an heir may inherit either. Without its mount point a clone would refuse to boot, and a file
// would be lost in silence.
Result<> check_exclusions(const Node& root) {
  const auto holds = [](const Node& folder, const Node& path) {
    return path.scalar == folder.scalar || path.scalar.starts_with(folder.scalar + "/");
  };
  for (const auto& exclude : items_of(map_of(root, "image"), "exclude")) {
    for (const auto& file : items_of(root, "files")) {
      const auto* path = find(file, "path");
      if (!holds(exclude, *path)) continue;
      return fail_at(path->mark,
                     "the file " + in_quotes(path->scalar) + " is added in what the image excludes (" +
                         in_quotes(exclude.scalar) + " at " + place(exclude.mark) + ")",
                     "put it elsewhere");
    }
    for (const auto& volume : items_of(root, "state")) {
      const auto* mount = find(volume, "mount");
      if (!holds(exclude, *mount)) continue;
      return fail_at(exclude.mark,
                     "the volume " + in_quotes(text_of(volume, "volume")) + " is mounted in what is excluded",
                     "keep the folder, or mount the volume elsewhere than at " + place(mount->mark));
    }
  }
  return {};
}

void read_boot(const Node& root, Recipe& recipe) {
  const auto& node = map_of(root, "boot");
  auto& boot = recipe.boot;
  boot = {.secure_boot = text_of(node, "secure_boot", boot.secure_boot),
          .scan = flag_of(node, "scan", boot.scan),
          .ticket = text_of(node, "ticket", boot.ticket),
          .on_failure = text_of(node, "on_failure", boot.on_failure)};
  recipe.merged["boot"] = {
      {"secure_boot", boot.secure_boot}, {"scan", boot.scan}, {"ticket", boot.ticket}, {"on_failure", boot.on_failure}};
}

void read_kernel_and_image(const Node& root, Recipe& recipe) {
  const auto& kernel = map_of(root, "kernel");
  recipe.kernel = {.package = text_of(kernel, "package"), .cmdline = texts_of(kernel, "cmdline")};
  recipe.merged["kernel"] = {{"package", recipe.kernel.package}, {"cmdline", recipe.kernel.cmdline}};
  const auto& image = map_of(root, "image");
  recipe.image.compression = text_of(image, "compression", recipe.image.compression);
  recipe.image.exclude = texts_of(image, "exclude");
  if (!items_of(image, "formats").empty()) recipe.image.formats = texts_of(image, "formats");
  recipe.merged["image"] = {
      {"compression", recipe.image.compression}, {"exclude", recipe.image.exclude}, {"formats", recipe.image.formats}};
}

void read_tests(const Node& root, Recipe& recipe) {
  Json json = Json::array();
  for (const auto& item : items_of(root, "tests")) {
    const auto name = text_of(item, "name");
    if (const auto* http = find(item, "http")) {
      const HttpTest test{.port = static_cast<std::uint16_t>(number_of(*http, "port", 80)),
                          .path = text_of(*http, "path", "/"),
                          .status = static_cast<std::uint16_t>(number_of(*http, "status", 200))};
      json.push_back({{"name", name}, {"http", {{"port", test.port}, {"path", test.path}, {"status", test.status}}}});
      recipe.tests.push_back({.name = name, .check = test});
      continue;
    }
    CommandTest test{.command = text_of(item, "command"),
                     .stdout_text = {},
                     .status = static_cast<int>(number_of(item, "status", -1))};
    Json described = {{"name", name}, {"command", test.command}};
    if (const auto* text = find(item, "stdout")) {
      test.stdout_text = text->scalar;
      described["stdout"] = text->scalar;
    }
    if (test.status >= 0) described["status"] = test.status;
    json.push_back(std::move(described));
    recipe.tests.push_back({.name = name, .check = std::move(test)});
  }
  recipe.merged["tests"] = std::move(json);
}

void read_scalars(const Inherited& inherited, Recipe& recipe) {
  const auto& root = inherited.root;
  recipe.file = inherited.file;
  recipe.inherits = inherited.inherits;
  recipe.role = text_of(root, "role");
  recipe.summary = text_of(root, "summary");
  recipe.run = texts_of(root, "run");
  recipe.merged = {{"recipe", 1},
                   {"role", recipe.role},
                   {"inherits", recipe.inherits},
                   {"summary", recipe.summary},
                   {"run", recipe.run}};
  if (const auto* suite = find(root, "suite")) {
    recipe.suite = suite->scalar;
    recipe.merged["suite"] = suite->scalar;
  }
  if (const auto* epoch = find(root, "epoch")) {
    recipe.epoch = parse_iso_time(epoch->scalar);
    recipe.merged["epoch"] = iso_time(*recipe.epoch);
  }
}

// Tests look at an image and change no byte of it: a better test must not ask for a new lock.
Digest locked_digest(const Json& merged) {
  Json locked = merged;
  locked.erase("tests");
  return sha256(canonical_json(locked));
}

}  // namespace

Result<Recipe> read_recipe(const Inherited& inherited) {
  const auto& root = inherited.root;
  Recipe recipe;
  read_scalars(inherited, recipe);
  REBURST_TRY(read_sources(root, recipe));
  REBURST_TRY(read_packages(root, recipe));
  read_debconf(root, recipe);
  REBURST_TRY(read_files(root, recipe));
  read_users(root, recipe);
  read_services(root, recipe);
  REBURST_TRY(read_state(root, recipe));
  read_kernel_and_image(root, recipe);
  REBURST_TRY(check_exclusions(root));
  read_boot(root, recipe);
  read_tests(root, recipe);
  recipe.digest = locked_digest(recipe.merged);
  return recipe;
}

}  // namespace reburst::recipe
