#include "builder/describe/manifest.hpp"

#include <map>
#include <set>

#include "builder/recipe/checks.hpp"
#include "core/json.hpp"
#include "core/version.hpp"

namespace reburst::describe {

namespace {

Json artifact_json(const image::Artifact& artifact) {
  return {{"name", artifact.name}, {"kind", artifact.kind}, {"size", artifact.size}, {"sha256", artifact.sha256.hex()}};
}

Json package_json(const lock::LockedPackage& package) {
  return {{"name", package.name},     {"version", package.version}, {"architecture", package.architecture},
          {"source", package.source}, {"size", package.size},       {"sha256", package.sha256.hex()},
          {"origin", package.origin}, {"suite", package.suite},     {"component", package.component},
          {"reason", package.reason}};
}

Json test_json(const recipe::ImageTest& test) {
  Json out = {{"name", test.name}};
  if (const auto* http = std::get_if<recipe::HttpTest>(&test.check)) {
    out["http"] = {{"port", http->port}, {"path", http->path}, {"status", http->status}};
    return out;
  }
  const auto& command = std::get<recipe::CommandTest>(test.check);
  out["command"] = command.command;
  if (command.stdout_text) out["stdout"] = *command.stdout_text;
  if (command.status >= 0) out["status"] = command.status;
  return out;
}

template <class T, class F>
Json list(const std::vector<T>& items, F&& each) {
  Json out = Json::array();
  for (const auto& item : items) out.push_back(each(item));
  return out;
}

Error malformed(std::string_view name, const std::string& why) {
  return {ErrorCode::kIntegrity,
          "cannot read \"" + std::string(name) + "\" as a manifest: " + why,
          "it was not written by this version of reburst, or was changed since",
          {}};
}

// Refuses members beyond `known`: a reader that skips what it does not understand could be misled.
Result<> only(const Json& object, const std::set<std::string>& known, std::string_view name) {
  if (!object.is_object()) return fail(malformed(name, "an object was expected"));
  for (const auto& [key, value] : object.items()) {
    if (!known.contains(key)) return fail(malformed(name, "unknown member \"" + key + "\""));
  }
  return {};
}

Result<Digest> digest_member(const Json& object, std::string_view key, std::string_view name) {
  const auto digest = Digest::parse(REBURST_TRY(json_string(object, key, name)));
  if (!digest) return fail(malformed(name, "\"" + std::string(key) + "\" is not a SHA-256"));
  return *digest;
}

Result<const Json*> array_member(const Json& object, const std::string& key, std::string_view name) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return fail(malformed(name, "no list \"" + key + "\""));
  return &*found;
}

bool plain_file_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos && name.find('\n') == std::string::npos;
}

Result<image::Artifact> parse_artifact(const Json& in, std::string_view name) {
  REBURST_TRY(only(in, {"name", "kind", "size", "sha256"}, name));
  image::Artifact out;
  out.name = REBURST_TRY(json_string(in, "name", name));
  if (!plain_file_name(out.name)) return fail(malformed(name, "\"" + out.name + "\" is not a plain file name"));
  out.kind = REBURST_TRY(json_string(in, "kind", name));
  out.size = REBURST_TRY(json_unsigned(in, "size", name));
  out.sha256 = REBURST_TRY(digest_member(in, "sha256", name));
  return out;
}

Result<lock::LockedPackage> parse_package(const Json& in, std::string_view name) {
  REBURST_TRY(only(
      in, {"name", "version", "architecture", "source", "size", "sha256", "origin", "suite", "component", "reason"},
      name));
  lock::LockedPackage out;
  out.name = REBURST_TRY(json_string(in, "name", name));
  out.version = REBURST_TRY(json_string(in, "version", name));
  out.architecture = REBURST_TRY(json_string(in, "architecture", name));
  out.source = REBURST_TRY(json_string(in, "source", name));
  out.size = REBURST_TRY(json_unsigned(in, "size", name));
  out.sha256 = REBURST_TRY(digest_member(in, "sha256", name));
  out.origin = REBURST_TRY(json_string(in, "origin", name));
  out.suite = REBURST_TRY(json_string(in, "suite", name));
  out.component = REBURST_TRY(json_string(in, "component", name));
  out.reason = REBURST_TRY(json_string(in, "reason", name));
  return out;
}

Result<recipe::ImageTest> parse_test(const Json& in, std::string_view name) {
  REBURST_TRY(only(in, {"name", "http", "command", "stdout", "status"}, name));
  recipe::ImageTest out{.name = REBURST_TRY(json_string(in, "name", name)), .check = {}};
  if (const auto http = in.find("http"); http != in.end()) {
    REBURST_TRY(only(*http, {"port", "path", "status"}, name));
    const auto port = REBURST_TRY(json_unsigned(*http, "port", name));
    const auto status = REBURST_TRY(json_unsigned(*http, "status", name));
    if (port == 0 || port > 65535 || status > 999) return fail(malformed(name, "a port or status is out of range"));
    out.check = recipe::HttpTest{.port = static_cast<std::uint16_t>(port),
                                 .path = REBURST_TRY(json_string(*http, "path", name)),
                                 .status = static_cast<std::uint16_t>(status)};
    return out;
  }
  recipe::CommandTest command{
      .command = REBURST_TRY(json_string(in, "command", name)), .stdout_text = {}, .status = -1};
  if (in.contains("stdout")) command.stdout_text = REBURST_TRY(json_string(in, "stdout", name));
  if (in.contains("status")) {
    const auto status = REBURST_TRY(json_unsigned(in, "status", name));
    if (status > 255) return fail(malformed(name, "an exit status is out of range"));
    command.status = static_cast<int>(status);
  }
  out.check = std::move(command);
  return out;
}

Result<harden::Finding> parse_control(const Json& in, std::string_view name) {
  REBURST_TRY(only(in, {"id", "passed", "detail"}, name));
  const auto passed = in.find("passed");
  if (passed == in.end() || !passed->is_boolean()) return fail(malformed(name, "a control has no \"passed\""));
  return harden::Finding{.control = REBURST_TRY(json_string(in, "id", name)),
                         .passed = passed->get<bool>(),
                         .detail = REBURST_TRY(json_string(in, "detail", name))};
}

// As boot.conf takes them (docs/formats/boot-conf.md): they end up in a partition table and in a program's arguments.
Result<recipe::StateVolume> parse_state(const Json& in, std::string_view name) {
  REBURST_TRY(only(in, {"mount", "volume"}, name));
  recipe::StateVolume out{.mount = REBURST_TRY(json_string(in, "mount", name)),
                          .volume = REBURST_TRY(json_string(in, "volume", name))};
  if (recipe::checks::state_path(out.mount)) return fail(malformed(name, "\"" + out.mount + "\" is not a mount point"));
  if (recipe::checks::volume(out.volume)) return fail(malformed(name, "\"" + out.volume + "\" is not a volume name"));
  return out;
}

Result<recipe::Boot> parse_boot(const Json& in, std::string_view name) {
  REBURST_TRY(only(in, {"secure_boot", "scan", "ticket", "on_failure"}, name));
  const auto scan = in.find("scan");
  if (scan == in.end() || !scan->is_boolean()) return fail(malformed(name, "\"boot\" has no \"scan\""));
  recipe::Boot out{.secure_boot = REBURST_TRY(json_string(in, "secure_boot", name)),
                   .scan = scan->get<bool>(),
                   .ticket = REBURST_TRY(json_string(in, "ticket", name)),
                   .on_failure = REBURST_TRY(json_string(in, "on_failure", name))};
  if (recipe::checks::secure_boot(out.secure_boot) || recipe::checks::ticket(out.ticket) ||
      recipe::checks::on_failure(out.on_failure)) {
    return fail(malformed(name, "its \"boot\" holds a word that no recipe takes"));
  }
  return out;
}

Json boot_json(const recipe::Boot& boot) {
  return {
      {"secure_boot", boot.secure_boot}, {"scan", boot.scan}, {"ticket", boot.ticket}, {"on_failure", boot.on_failure}};
}

Result<image::BootSignature> parse_boot_signature(const Json& in, std::string_view name) {
  REBURST_TRY(only(in, {"certificate_sha256", "authenticode_sha256"}, name));
  return image::BootSignature{REBURST_TRY(digest_member(in, "certificate_sha256", name)),
                              REBURST_TRY(digest_member(in, "authenticode_sha256", name))};
}

Result<measure::Expected> parse_measured_boot(const Json& in, std::string_view name) {
  REBURST_TRY(only(in, {"pcr4", "pcr7", "pcr11"}, name));
  measure::Expected out{.boot_program = REBURST_TRY(digest_member(in, "pcr4", name)),
                        .secure_boot = {},
                        .sections = REBURST_TRY(digest_member(in, "pcr11", name))};
  if (in.contains("pcr7")) out.secure_boot = REBURST_TRY(digest_member(in, "pcr7", name));
  return out;
}

Json measured_boot_json(const measure::Expected& expected) {
  Json out = {{"pcr4", expected.boot_program.hex()}, {"pcr11", expected.sections.hex()}};
  if (expected.secure_boot) out["pcr7"] = expected.secure_boot->hex();
  return out;
}

Result<std::string> parse_text(const Json& in, std::string_view name) {
  if (!in.is_string()) return fail(malformed(name, "a text was expected"));
  return in.get<std::string>();
}

template <class T>
Result<std::vector<T>> parse_list(const Json& object, const std::string& key, std::string_view name,
                                  Result<T> (*each)(const Json&, std::string_view)) {
  std::vector<T> out;
  for (const auto& item : *REBURST_TRY(array_member(object, key, name))) out.push_back(REBURST_TRY(each(item, name)));
  return out;
}

const std::set<std::string>& members() {
  static const std::set<std::string> kMembers = {
      "manifest",      "role",        "summary",     "version",      "architecture", "epoch",
      "recipe_sha256", "lock_sha256", "tool",        "artifacts",    "root_hash",    "kernel",
      "cmdline",       "packages",    "run",         "controls",     "tests",        "state",
      "boot",          "trust_root",  "secure_boot", "measured_boot"};
  return kMembers;
}

}  // namespace

Manifest make_manifest(const recipe::Recipe& recipe, const lock::Lock& lock, const image::Image& image,
                       const std::vector<harden::Finding>& controls, std::string_view version) {
  Manifest out{.role = recipe.role,
               .summary = recipe.summary,
               .version = std::string(version),
               .architecture = lock.architecture,
               .epoch = lock.epoch,
               .recipe = recipe.digest,
               .lock = lock::digest(lock),
               .tool = "reburst " + std::string(kVersion),
               .artifacts = image.artifacts,
               .root_hash = image.root_hash,
               .kernel = image.kernel_release,
               .secure_boot = image.signature,
               .measured_boot = image.measured_boot,
               .cmdline = recipe.kernel.cmdline,
               .packages = {},
               .run = recipe.run,
               .controls = controls,
               .tests = recipe.tests,
               .boot = {},
               .trust_root = image.trust_root,
               .state = recipe.state};
  if (!out.kernel.empty()) out.boot = recipe.boot;
  for (const auto& package : lock.packages) {
    if (!package.build_only) out.packages.push_back(package);
  }
  return out;
}

std::string to_text(const Manifest& manifest) {
  Json out = {
      {"manifest", 1},
      {"role", manifest.role},
      {"summary", manifest.summary},
      {"version", manifest.version},
      {"architecture", manifest.architecture},
      {"epoch", iso_time(manifest.epoch)},
      {"recipe_sha256", manifest.recipe.hex()},
      {"lock_sha256", manifest.lock.hex()},
      {"tool", manifest.tool},
      {"artifacts", list(manifest.artifacts, artifact_json)},
      {"root_hash", manifest.root_hash.hex()},
      {"kernel", manifest.kernel},
      {"cmdline", manifest.cmdline},
      {"packages", list(manifest.packages, package_json)},
      {"run", manifest.run},
      {"controls", list(manifest.controls,
                        [](const harden::Finding& finding) -> Json {
                          return {{"id", finding.control}, {"passed", finding.passed}, {"detail", finding.detail}};
                        })},
      {"tests", list(manifest.tests, test_json)}};
  if (manifest.boot) out["boot"] = boot_json(*manifest.boot);
  if (manifest.trust_root) out["trust_root"] = manifest.trust_root->hex();
  if (manifest.secure_boot) {
    out["secure_boot"] = {{"certificate_sha256", manifest.secure_boot->certificate.hex()},
                          {"authenticode_sha256", manifest.secure_boot->authenticode.hex()}};
  }
  if (manifest.measured_boot) out["measured_boot"] = measured_boot_json(*manifest.measured_boot);
  if (!manifest.state.empty()) {
    out["state"] = list(manifest.state, [](const recipe::StateVolume& state) -> Json {
      return {{"mount", state.mount}, {"volume", state.volume}};
    });
  }
  return canonical_json(out);
}

Result<Manifest> parse(std::string_view text, std::string_view name) {
  const Json in = REBURST_TRY(parse_json(text, name));
  REBURST_TRY(only(in, members(), name));
  if (REBURST_TRY(json_unsigned(in, "manifest", name)) != 1) return fail(malformed(name, "its version is not 1"));
  Manifest out;
  out.role = REBURST_TRY(json_string(in, "role", name));
  out.summary = REBURST_TRY(json_string(in, "summary", name));
  out.version = REBURST_TRY(json_string(in, "version", name));
  out.architecture = REBURST_TRY(json_string(in, "architecture", name));
  const auto epoch = parse_iso_time(REBURST_TRY(json_string(in, "epoch", name)));
  if (!epoch) return fail(malformed(name, "\"epoch\" is not a time"));
  out.epoch = *epoch;
  out.recipe = REBURST_TRY(digest_member(in, "recipe_sha256", name));
  out.lock = REBURST_TRY(digest_member(in, "lock_sha256", name));
  out.tool = REBURST_TRY(json_string(in, "tool", name));
  out.artifacts = REBURST_TRY(parse_list<image::Artifact>(in, "artifacts", name, parse_artifact));
  out.root_hash = REBURST_TRY(digest_member(in, "root_hash", name));
  out.kernel = REBURST_TRY(json_string(in, "kernel", name));
  if (in.contains("secure_boot")) out.secure_boot = REBURST_TRY(parse_boot_signature(in.at("secure_boot"), name));
  if (in.contains("measured_boot")) out.measured_boot = REBURST_TRY(parse_measured_boot(in.at("measured_boot"), name));
  out.cmdline = REBURST_TRY(parse_list<std::string>(in, "cmdline", name, parse_text));
  out.packages = REBURST_TRY(parse_list<lock::LockedPackage>(in, "packages", name, parse_package));
  out.run = REBURST_TRY(parse_list<std::string>(in, "run", name, parse_text));
  out.controls = REBURST_TRY(parse_list<harden::Finding>(in, "controls", name, parse_control));
  out.tests = REBURST_TRY(parse_list<recipe::ImageTest>(in, "tests", name, parse_test));
  if (in.contains("boot")) out.boot = REBURST_TRY(parse_boot(in["boot"], name));
  if (in.contains("trust_root")) out.trust_root = REBURST_TRY(digest_member(in, "trust_root", name));
  if (in.contains("state")) {
    out.state = REBURST_TRY(parse_list<recipe::StateVolume>(in, "state", name, parse_state));
    if (out.state.size() > recipe::checks::kMaxState) return fail(malformed(name, "it has more than 16 volumes"));
  }
  return out;
}

}  // namespace reburst::describe
