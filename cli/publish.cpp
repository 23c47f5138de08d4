#include "registry/repository/publish.hpp"

#include "cli/registry_options.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "registry/release/layout.hpp"
#include "registry/repository/proposal.hpp"

namespace reburst::cli {

namespace {

constexpr std::uint64_t kMaxEpoch = 9'999'999'999;  // room for a date; "-1" would stay for ever

struct Arguments {
  RegistryOptions registry;
  std::string subject, version, channel = "dev", reason, builder, proposal;
  std::vector<std::string> old_keys;
  std::optional<std::uint64_t> security_epoch;
};

Json json_of(const registry::Published& published) {
  return {{"role", published.release.role},
          {"version", published.release.version},
          {"channel", published.channel},
          {"unchanged", published.unchanged},
          {"root_hash", published.release.root_hash.hex()},
          {"new_chunks", published.new_chunks},
          {"new_bytes", published.new_bytes},
          {"total_bytes", published.total_bytes},
          {"delta_bytes", published.delta_bytes}};
}

VerbResult publish(const Session& session, const Arguments& arguments) {
  const auto progress = session.progress();
  const auto folder = REBURST_TRY(release_folder(session, arguments.subject));
  auto who = REBURST_TRY(publisher(session, arguments.registry, true, *progress));
  auto metadata = REBURST_TRY(registry::open_to_change(arguments.registry.registry, std::move(who), true, *progress));
  const auto jobs = session.pipeline_options().jobs;
  registry::PublishOptions options{.channel = arguments.channel,
                                   .security_epoch = arguments.security_epoch,
                                   .root_hash = root_hash_of_disk(jobs),
                                   .jobs = jobs};
  if (!arguments.reason.empty()) options.reason = arguments.reason;
  if (!arguments.builder.empty()) options.builder_id = arguments.builder;
  const auto published = REBURST_TRY(registry::publish(metadata, folder, options, *progress));
  REBURST_TRY(commit_or_propose(metadata, arguments.proposal, *progress));
  (void)progress->finish();
  if (session.common.json) {
    REBURST_TRY(print(canonical_json(json_of(published))));
    return 0;
  }
  if (session.common.quiet) return 0;
  const auto name = published.release.role + "@" + published.channel;
  std::string out = bold(name + " = " + published.release.version, session.surroundings.colour) +
                    (published.unchanged ? "  (unchanged)\n" : "\n");
  if (published.new_chunks > 0) {
    out += "  chunks    " + std::to_string(published.new_chunks) + " new, " + human_size(published.new_bytes) + " of " +
           human_size(published.total_bytes) + " compressed\n";
  }
  if (published.delta_bytes > 0)
    out += "  delta     " + human_size(published.delta_bytes) + " from what the channel pointed to before\n";
  out += "  root hash " + published.release.root_hash.hex() + "\n";
  out += arguments.proposal.empty() ? "  next      " + session.surroundings.program + " pull " + name + " --registry " +
                                          arguments.registry.registry + "\n"
                                    : "  next      the others sign it: " + session.surroundings.program + " approve " +
                                          arguments.proposal + "\n";
  REBURST_TRY(print(out));
  return 0;
}

Result<registry::Metadata> open_own(const Session& session, const Arguments& arguments, Progress& progress) {
  auto who = REBURST_TRY(publisher(session, arguments.registry, false, progress));
  return registry::open_to_change(arguments.registry.registry, std::move(who), false, progress);
}

VerbResult tell(const Session& session, const Json& json, const std::string& text) {
  if (session.common.json) {
    REBURST_TRY(print_json(json));
  } else if (!session.common.quiet) {
    REBURST_TRY(print(text + "\n"));
  }
  return 0;
}

VerbResult promote(const Session& session, const Arguments& arguments) {
  const auto progress = session.progress();
  auto metadata = REBURST_TRY(open_own(session, arguments, *progress));
  const bool moved = REBURST_TRY(registry::promote(
      metadata,
      {arguments.subject, arguments.version, arguments.channel, arguments.reason, session.pipeline_options().jobs},
      *progress));
  if (moved) REBURST_TRY(commit_or_propose(metadata, arguments.proposal, *progress));
  (void)progress->finish();
  const bool proposed = moved && !arguments.proposal.empty();
  return tell(session,
              {{"role", arguments.subject},
               {"version", arguments.version},
               {"channel", arguments.channel},
               {"unchanged", !moved},
               {"proposal", proposed ? arguments.proposal : ""}},
              arguments.subject + "@" + arguments.channel + " = " + arguments.version +
                  (proposed ? " proposed in " + arguments.proposal
                   : moved  ? ""
                            : " already: nothing was changed"));
}

VerbResult yank(const Session& session, const Arguments& arguments) {
  const auto progress = session.progress();
  auto metadata = REBURST_TRY(open_own(session, arguments, *progress));
  const auto yanked = REBURST_TRY(registry::yank(metadata, arguments.subject, arguments.version, arguments.reason));
  REBURST_TRY(commit_or_propose(metadata, arguments.proposal, *progress));
  for (const auto& name : yanked.left) {
    progress->note("warning: " + arguments.subject + "@" + name +
                   " has it still, as none of that channel's keys is here: whoever keeps them runs the same command");
  }
  (void)progress->finish();
  return tell(session,
              {{"role", arguments.subject},
               {"version", arguments.version},
               {"channels", yanked.channels},
               {"left", yanked.left}},
              arguments.subject + " " + arguments.version + " is taken out of " + join(yanked.channels, ", "));
}

std::string review_text(const std::vector<registry::Review>& reviews) {
  std::string out;
  for (const auto& one : reviews) {
    std::string line = one.role + " " + std::to_string(one.header.version) + "  until " + iso_time(one.header.expires);
    for (const auto& count : one.signatures)
      line += "  " + std::to_string(count.given) + " of " + std::to_string(count.needed) + " signatures";
    out += line + "\n";
    for (const auto& change : one.changes) out += "  " + printable(change) + "\n";
  }
  return out;
}

Json review_json(const std::vector<registry::Review>& reviews) {
  Json out = Json::array();
  for (const auto& one : reviews) {
    Json counts = Json::array();
    for (const auto& count : one.signatures) counts.push_back({{"given", count.given}, {"needed", count.needed}});
    out.push_back({{"role", one.role},
                   {"version", one.header.version},
                   {"expires", iso_time(one.header.expires)},
                   {"changes", one.changes},
                   {"signatures", counts}});
  }
  return out;
}

struct Approval {
  bool show = false, publish = false;
};

using OldKeys = std::vector<std::unique_ptr<signing::Signer>>;

// Those that keys.json does not name any more, and that do not lie beside it: on a token, for instance.
Result<OldKeys> open_old_keys(const Arguments& arguments, const registry::Publisher& who) {
  OldKeys out;
  for (const auto& key : arguments.old_keys)
    out.push_back(REBURST_TRY(signing::open_signer(key, who.ask, who.keys.pkcs11_module)));
  return out;
}

// What the registry says now, when it is at hand: an approver may have none.
std::optional<registry::Present> present_here(const Arguments& arguments, const registry::Proposal& proposal) {
  constexpr unsigned kWaitSeconds = 5;
  const auto metadata = registry::Metadata::open_to_read(arguments.registry.registry, {}, kWaitSeconds);
  if (!metadata) return std::nullopt;  // then all that the proposal names is told
  auto present = registry::present_of(*metadata, proposal);
  if (!present) return std::nullopt;
  return std::move(*present);
}

Result<> sign(registry::Proposal& proposal, const registry::Publisher& who, const registry::Present* present,
              const OldKeys& old_keys, const std::string& file, bool required) {
  const auto before = proposal.roles;
  signing::Signers old;
  for (const auto& key : old_keys) old.push_back(key.get());
  const auto counting = REBURST_TRY(registry::approve(proposal, who, present, old));
  if (counting == 0 && required) {
    return fail(ErrorCode::kSignature,
                "no key of \"" + who.keys.path.string() + "\" counts for what \"" + file + "\" proposes",
                "name a folder that has one with --keys; reburst key list shows whose private keys are there");
  }
  return proposal.roles == before ? Result<>() : registry::write_proposal(file, proposal);
}

VerbResult approve(const Session& session, const Arguments& arguments, const Approval& approval) {
  const auto progress = session.progress();
  auto proposal = REBURST_TRY(registry::read_proposal(arguments.subject));
  const auto known = present_here(arguments, proposal);
  const auto* present = known ? &*known : nullptr;
  auto reviews = REBURST_TRY(registry::review(proposal, present));
  if (!approval.show) {
    auto who = REBURST_TRY(publisher(session, arguments.registry, false, *progress));
    auto old_keys = REBURST_TRY(open_old_keys(arguments, who));
    REBURST_TRY(sign(proposal, who, present, old_keys, arguments.subject, !approval.publish));
    reviews = REBURST_TRY(registry::review(proposal, present));
    if (approval.publish) {
      const bool first = proposal.targets.empty();
      auto metadata =
          REBURST_TRY(registry::open_to_change(arguments.registry.registry, std::move(who), first, *progress));
      metadata.sign_with_old_keys(std::move(old_keys));
      REBURST_TRY(registry::accept(metadata, proposal, *progress));
    }
  }
  (void)progress->finish();
  const bool complete = registry::is_complete(reviews);
  const auto* state = approval.publish ? " is published"
                      : complete       ? " has the signatures that it needs: publish it with --publish"
                                       : " wants more signatures";
  return tell(session,
              {{"proposal", arguments.subject},
               {"committed", approval.publish},
               {"complete", complete},
               {"roles", review_json(reviews)}},
              review_text(reviews) + arguments.subject + state);
}

}  // namespace

std::vector<Verb> add_publish(CLI::App& root, Session& session) {
  auto arguments = std::make_shared<Arguments>();
  const auto common = [&](CLI::App* app) {
    add_publisher_options(*app, arguments->registry);
    add_common(*app, session);
  };
  const auto proposal = [&](CLI::App* app) {
    app->add_option("--propose", arguments->proposal,
                    "Write the change to FILE, for others to sign, instead of publishing it")
        ->type_name("FILE");
  };

  auto* publish_app = root.add_subcommand("publish", "Sign a built release and publish it to a channel");
  publish_app
      ->add_option("ROLE", arguments->subject,
                   "A role or a recipe's path (its newest release under --out), or a release folder")
      ->required();
  publish_app->add_option("--channel", arguments->channel, "The channel that points to it from now on")
      ->type_name("CHANNEL")
      ->capture_default_str();
  add_reason(*publish_app, arguments->reason, "Why, for the channel's history");
  publish_app
      ->add_option("--security-epoch", arguments->security_epoch,
                   "Raise it when older releases must not be used any more: pulls of a channel refuse a lower one "
                   "(default: as before)")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{0}, kMaxEpoch).description(""));
  publish_app->add_option("--builder-id", arguments->builder, "The builder's URI in the provenance")
      ->type_name("URI")
      ->check(one_line("the URI"));
  proposal(publish_app);
  common(publish_app);
  publish_app->footer(
      "Examples:\n"
      "  reburst publish web                                 to ./registry, channel dev\n"
      "  reburst publish out/web/20261121T161027Z --registry /srv/registry --channel dev");

  auto* promote_app = root.add_subcommand("promote", "Let another channel point to a published release");
  promote_app->add_option("ROLE", arguments->subject, "The role")->required();
  promote_app->add_option("VERSION", arguments->version, "The release's version")->required();
  promote_app->add_option("--to", arguments->channel, "The channel")->type_name("CHANNEL")->required();
  add_reason(*promote_app, arguments->reason, "Why, for the channel's history")->required();
  proposal(promote_app);
  common(promote_app);
  promote_app->footer(
      "Examples:\n"
      "  reburst promote web 20261121T161027Z --to stable --reason \"nginx CVE fix\"\n"
      "  reburst promote web 20261121T161027Z --to stable --reason tested --propose web.proposal");

  auto* approve_app = root.add_subcommand("approve", "Sign a change that somebody proposed");
  approve_app->add_option("FILE", arguments->subject, "What --propose wrote; your signature is added to it")
      ->required();
  auto approval = std::make_shared<Approval>();
  auto* show = approve_app->add_flag("--show", approval->show, "Print what it changes, and sign nothing");
  approve_app
      ->add_flag("--publish", approval->publish, "And publish it; without a key of yours, when the others have signed")
      ->excludes(show);
  approve_app
      ->add_option("--old-key", arguments->old_keys,
                   "A key that the change replaces and that is not in your key folder any more (file or pkcs11: URI): "
                   "with it readers of the old root are served until they have the new one")
      ->type_name("FILE")
      ->excludes(show);
  common(approve_app);
  approve_app->footer(
      "Examples:\n"
      "  reburst approve web.proposal --show\n"
      "  reburst approve web.proposal --keys ./bert\n"
      "  reburst approve web.proposal --keys ./bert --publish --registry /srv/registry");

  auto* yank_app = root.add_subcommand("yank", "Take a published release back");
  yank_app->add_option("ROLE", arguments->subject, "The role")->required();
  yank_app->add_option("VERSION", arguments->version, "The release's version")->required();
  add_reason(*yank_app, arguments->reason, "Why: who pulls it is told")->required();
  proposal(yank_app);
  common(yank_app);
  yank_app->footer("Examples:\n  reburst yank web 20261121T161027Z --reason \"does not answer on IPv6\"");

  return {{publish_app, [&session, arguments] { return publish(session, *arguments); }},
          {promote_app, [&session, arguments] { return promote(session, *arguments); }},
          {approve_app, [&session, arguments, approval] { return approve(session, *arguments, *approval); }},
          {yank_app, [&session, arguments] { return yank(session, *arguments); }}};
}

}  // namespace reburst::cli
