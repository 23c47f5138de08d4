#include <algorithm>

#include "registry/repository/doors.hpp"
#include "registry/repository/publish.hpp"
#include "registry/repository/upkeep.hpp"

namespace reburst::registry {

namespace {

constexpr Epoch kDay = 86400;

bool is_due(const Metadata& metadata, const Expiry& one) {
  const auto life = static_cast<Epoch>(signing::role_setup(metadata.publisher().keys, one.role).expires_days) * kDay;
  return one.expires - metadata.publisher().now < life / 3;
}

}  // namespace

std::vector<Expiry> expiries(const Metadata& metadata) {
  std::vector<Expiry> out = {{"root", metadata.root().header.expires},
                             {"targets", metadata.targets().header.expires},
                             {"snapshot", metadata.snapshot_expires()},
                             {"timestamp", metadata.timestamp_expires()}};
  for (const auto& [role, targets] : metadata.delegated()) out.push_back({role, targets.header.expires});
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.expires < b.expires; });
  return out;
}

Result<> require_fresh(const std::vector<Expiry>& expiries, Epoch now, const std::string& hint) {
  std::string channels;
  for (const auto& one : expiries) {
    if (one.expires > now) continue;
    const auto line = "\"" + one.role + "\" expired at " + iso_time(one.expires);
    const bool top = one.role.find('-') == std::string::npos;
    if (top) return fail(ErrorCode::kExpired, line + ": no client accepts the registry", hint);
    channels += channels.empty() ? line + ": no client accepts that channel" : "\n" + line + " too";
  }
  return channels.empty() ? Result<>() : fail(ErrorCode::kExpired, channels, hint);
}

std::vector<std::string> renew_due(Metadata& metadata, bool all) {
  std::vector<std::string> out;
  for (const auto& one : expiries(metadata)) {
    if (one.role == "snapshot" || one.role == "timestamp") continue;  // every commit signs them
    if (!all && !is_due(metadata, one)) continue;
    metadata.renew(one.role);
    out.push_back(one.role);
  }
  return out;
}

Result<Refreshed> refresh(Metadata& metadata, bool all, Progress& progress) {
  Refreshed out;
  for (const auto& one : expiries(metadata)) {
    if (one.role == "snapshot" || one.role == "timestamp") continue;
    if (!all && !is_due(metadata, one)) continue;
    if (REBURST_TRY(metadata.can_sign(one.role))) {
      metadata.renew(one.role);
      out.renewed.push_back(one.role);
    } else {
      out.skipped.push_back(one.role);
    }
  }
  REBURST_TRY(complete_oci(metadata));
  REBURST_TRY(commit(metadata, progress));
  return out;
}

}  // namespace reburst::registry
