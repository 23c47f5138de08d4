#include "registry/chunks/frame.hpp"

#include <zstd.h>

#include <algorithm>
#include <bit>
#include <stdexcept>

#include "core/handle.hpp"
#include "registry/chunks/chunks.hpp"

namespace reburst::chunks {

namespace {

using Compressor = Handle<ZSTD_CCtx, &ZSTD_freeCCtx>;
using Decompressor = Handle<ZSTD_DCtx, &ZSTD_freeDCtx>;

// Compression fails only when memory is gone or a parameter is a bug.
std::size_t require(std::size_t result) {
  if (ZSTD_isError(result) != 0) throw std::runtime_error(std::string("zstd: ") + ZSTD_getErrorName(result));
  return result;
}

ZSTD_CCtx* compressor() {
  thread_local const Compressor kContext(ZSTD_createCCtx());
  if (!kContext) throw std::bad_alloc();
  require(ZSTD_CCtx_reset(kContext.get(), ZSTD_reset_session_and_parameters));
  return kContext.get();
}

ZSTD_DCtx* decompressor() {
  thread_local const Decompressor kContext(ZSTD_createDCtx());
  if (!kContext) throw std::bad_alloc();
  require(ZSTD_DCtx_reset(kContext.get(), ZSTD_reset_session_and_parameters));
  return kContext.get();
}

std::string run(ZSTD_CCtx* context, Bytes plain) {
  std::string frame(ZSTD_compressBound(plain.size()), '\0');
  frame.resize(require(ZSTD_compress2(context, frame.data(), frame.size(), plain.data(), plain.size())));
  return frame;
}

bool is_zstd(std::string_view bytes) {
  return bytes.starts_with(std::string_view("\x28\xb5\x2f\xfd", 4));
}

Result<> refuse_other(std::string_view bytes, const std::string& what) {
  const bool xz =
      bytes.starts_with(std::string_view("\xfd"
                                         "7zXZ\0",
                                         6));
  const bool gzip = bytes.starts_with("\x1f\x8b");
  if (!xz && !gzip)
    return fail(ErrorCode::kIntegrity, what + " is no zstd frame", "try again, or another copy of the registry");
  return fail(ErrorCode::kIntegrity, what + " is compressed by " + (xz ? "xz" : "gzip") + "; only zstd is read",
              "make the store with `casync make --compression=zstd`");
}

}  // namespace

std::string compress(Bytes plain, int level) {
  ZSTD_CCtx* const context = compressor();
  require(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level));
  return run(context, plain);
}

Result<> decompress(std::string_view frame, std::span<std::byte> plain, const std::string& what) {
  if (!is_zstd(frame)) return refuse_other(frame, what);
  const auto size = std::to_string(plain.size());
  const unsigned long long told = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (told != ZSTD_CONTENTSIZE_UNKNOWN && told != plain.size()) {
    return fail(ErrorCode::kIntegrity, what + " does not hold " + size + " bytes",
                "try again, or another copy of the registry");
  }
  // In one call, so that zstd needs no window of its own, however large the frame says that it is.
  const bool alone = ZSTD_findFrameCompressedSize(frame.data(), frame.size()) == frame.size();
  const std::size_t got =
      alone ? ZSTD_decompressDCtx(decompressor(), plain.data(), plain.size(), frame.data(), frame.size()) : 0;
  if (alone && got == plain.size()) return {};
  return fail(ErrorCode::kIntegrity, what + " is damaged: it is not one whole zstd frame of " + size + " bytes",
              "try again, or another copy of the registry");
}

std::string compress_from(Bytes base, Bytes plain, int level) {
  ZSTD_CCtx* const context = compressor();
  const auto reach = std::max<std::size_t>(base.size() + plain.size(), 1U << 10U);
  require(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level));
  require(ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, static_cast<int>(std::bit_width(reach))));
  require(ZSTD_CCtx_refPrefix(context, base.data(), base.size()));
  return run(context, plain);
}

bool decompress_from(Bytes base, std::string_view frame, std::span<std::byte> plain) {
  if (!is_zstd(frame)) return false;
  ZSTD_DCtx* const context = decompressor();
  require(ZSTD_DCtx_refPrefix(context, base.data(), base.size()));
  return ZSTD_decompressDCtx(context, plain.data(), plain.size(), frame.data(), frame.size()) == plain.size();
}

std::uint64_t frame_bound(std::uint64_t size) {
  return ZSTD_compressBound(size);
}

}  // namespace reburst::chunks
