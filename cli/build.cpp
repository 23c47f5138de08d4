#include <algorithm>
#include <array>
#include <cstdio>

#include "cli/registry_options.hpp"
#include "cli/secure_boot_options.hpp"
#include "cli/verb.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

namespace reburst::cli {

namespace {

constexpr double kWorthTelling = 0.05;  // seconds; shorter stages are left out of the summary

std::string seconds_text(double seconds) {
  std::array<char, 32> buffer{};
  const int length = std::snprintf(buffer.data(), buffer.size(), "%.1f s", seconds);
  return {buffer.data(), static_cast<std::size_t>(length)};
}

std::string stage_text(const std::vector<StageTime>& times) {
  std::string out;
  for (const auto& time : times) {
    if (time.seconds < kWorthTelling) continue;
    if (!out.empty()) out += " · ";
    out += time.stage + " " + seconds_text(time.seconds);
  }
  return out.empty() ? "nothing to do" : out;
}

std::string line(std::string_view name, const std::string& value) {
  std::string out = "  " + std::string(name);
  out.resize(14, ' ');
  return out + value + "\n";
}

const image::Artifact* main_artifact(const describe::Manifest& manifest) {
  return manifest.artifacts.empty() ? nullptr : &manifest.artifacts.front();
}

std::string summary(const Build& build, const std::vector<StageTime>& times, const Surroundings& surroundings) {
  const auto& manifest = build.manifest;
  std::string out =
      bold(manifest.role + " " + manifest.version, surroundings.colour) + (build.unchanged ? "  (unchanged)\n" : "\n");
  if (!manifest.summary.empty()) out += line("role", manifest.summary);
  out += line("packages", std::to_string(manifest.packages.size()));
  if (const auto* artifact = main_artifact(manifest))
    out += line("image", artifact->name + ", " + human_size(artifact->size));
  if (!manifest.kernel.empty()) out += line("kernel", manifest.kernel);
  if (manifest.secure_boot) out += line("boot", "signed, certificate " + manifest.secure_boot->certificate.hex());
  out += line("root hash", manifest.root_hash.hex());
  if (manifest.trust_root) out += line("trust root", manifest.trust_root->hex());
  out += line("controls", std::to_string(manifest.controls.size()) + " enforced");
  out += line("time", stage_text(times));
  if (manifest.kernel.empty()) return out;  // what has no kernel cannot boot
  out += line("next", shell_word(surroundings.program) + " test " + shell_word(build.folder.string()) +
                          "   boots it in QEMU and runs its tests");
  return out;
}

std::string json_summary(const Build& build, const std::vector<StageTime>& times) {
  Json stages = Json::array();
  for (const auto& time : times) {
    stages.push_back({{"stage", time.stage}, {"milliseconds", static_cast<std::uint64_t>(time.seconds * 1000)}});
  }
  Json artifacts = Json::array();
  for (const auto& artifact : build.manifest.artifacts) {
    artifacts.push_back(
        {{"name", artifact.name}, {"kind", artifact.kind}, {"size", artifact.size}, {"sha256", artifact.sha256.hex()}});
  }
  Json out = {{"role", build.manifest.role},
              {"version", build.manifest.version},
              {"folder", build.folder.string()},
              {"unchanged", build.unchanged},
              {"packages", build.manifest.packages.size()},
              {"root_hash", build.manifest.root_hash.hex()},
              {"kernel", build.manifest.kernel},
              {"artifacts", artifacts},
              {"stages", stages}};
  if (const auto& boot = build.manifest.secure_boot) {
    out["secure_boot"] = {{"certificate_sha256", boot->certificate.hex()},
                          {"authenticode_sha256", boot->authenticode.hex()}};
  }
  return canonical_json(out);
}

}  // namespace

Verb add_build(CLI::App& root, Session& session) {
  auto* app = root.add_subcommand("build", "Build a role's image into out/ROLE/VERSION");
  struct Arguments {
    std::string role, trust_root;
    SecureBootOptions boot;
  };
  auto arguments = std::make_shared<Arguments>();
  app->add_option("ROLE", arguments->role, "A role's name (web) or a recipe's path (./web.yaml)")->required();
  app->add_option("--trust-root", arguments->trust_root,
                  "The root.json that clones check release tickets with (none: they take no tickets)")
      ->type_name("FILE")
      ->check(not_empty());
  add_secure_boot_options(*app, arguments->boot);
  add_common(*app, session);
  app->footer(
      "Examples:\n"
      "  reburst build web                      the shipped web role\n"
      "  reburst build ./shop.yaml --out /srv   a recipe of your own\n"
      "  reburst build web --trust-root root.json   clones take release tickets of this registry\n"
      "  reburst build web --lock web.lock --offline\n"
      "  reburst build web --secure-boot-key \"pkcs11:token=boot;object=db\" --secure-boot-cert db.crt");
  return {app,
          [&session, arguments]() -> VerbResult {
            auto options = session.pipeline_options();
            options.trust_root = REBURST_TRY(image_trust_root(arguments->trust_root));
            options.boot_signer = REBURST_TRY(boot_signer(session, arguments->boot));
            auto cache = REBURST_TRY(session.open_cache());
            const auto progress = session.progress();
            const auto result = REBURST_TRY(build(arguments->role, cache, options, *progress));
            const auto times = progress->finish();
            if (session.common.json) {
              REBURST_TRY(print(json_summary(result, times)));
              return 0;
            }
            std::string out;
            if (!session.common.quiet) out = summary(result, times, session.surroundings) + "\n";
            REBURST_TRY(print(out + result.folder.string() + "\n"));
            return 0;
          },
          true, true};
}

}  // namespace reburst::cli
