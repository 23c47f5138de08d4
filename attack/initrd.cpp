#include "attack/initrd.hpp"

#include "trial/initrd.hpp"

namespace reburst::attack {

namespace {

constexpr std::uint32_t kFile = 0100644;

}  // namespace

Result<std::string> with_line(std::string_view text, std::string_view key, std::string_view line) {
  const std::string start = std::string(key) + ' ';
  std::size_t at = 0;
  while (at < text.size() && !text.substr(at).starts_with(start))
    at = std::min(text.find('\n', at), text.size() - 1) + 1;
  const auto end = std::min(text.find('\n', at), text.size());
  if (at >= text.size() || text.substr(at, end - at) == line) {
    return fail(ErrorCode::kMissing,
                "its boot.conf has no \"" + std::string(key) + "\" to be changed to \"" + std::string(line) + "\"");
  }
  return std::string(text.substr(0, at)) + std::string(line) + std::string(text.substr(end));
}

std::string direct_conf(const Subject& subject) {
  return with_line(subject.conf, "secure_boot", "secure_boot preferred").value_or(subject.conf);
}

Result<> put_conf(const Bench& bench, trial::BareMachine& machine, const std::string& conf) {
  machine.initrd = bench.folder / "initrd.img";
  return trial::write_changed_initrd(bench.subject.release.initrd, {{"boot.conf", kFile, conf}}, machine.initrd);
}

}  // namespace reburst::attack
