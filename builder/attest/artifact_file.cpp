#include "builder/attest/artifact_file.hpp"

#include "core/file.hpp"

namespace reburst::attest {

namespace {

constexpr std::size_t kBuffer = 1U << 18U;

}  // namespace

ArtifactFile::ArtifactFile(std::filesystem::path path, image::Artifact artifact, Fd fd)
    : path_(std::move(path)), artifact_(std::move(artifact)), fd_(std::move(fd)) {}

Result<ArtifactFile> ArtifactFile::create(const std::filesystem::path& folder, std::string name, std::string kind) {
  auto path = folder / name;
  auto fd = REBURST_TRY(open_write(path));
  return ArtifactFile(std::move(path), {std::move(name), std::move(kind), 0, {}}, std::move(fd));
}

void ArtifactFile::put_text(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= kBuffer) flush();
}

void ArtifactFile::put_json(const Json& value) {
  put_text(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void ArtifactFile::flush() {
  hasher_.update(buffer_);
  artifact_.size += buffer_.size();
  if (!error_) {
    if (auto done = write_all(fd_.get(), buffer_, path_.string()); !done) error_ = std::move(done).error();
  }
  buffer_.clear();
}

Result<image::Artifact> ArtifactFile::close() {
  flush();
  if (error_) return fail(std::move(*error_));
  REBURST_TRY(close_checked(std::move(fd_), path_.string()));
  artifact_.sha256 = hasher_.finish();
  return std::move(artifact_);
}

}  // namespace reburst::attest
