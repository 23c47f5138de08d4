#pragma once

#include <cstddef>
#include <span>

#include "builder/image/bytes.hpp"
#include "core/digest.hpp"

namespace reburst::image {

// SHA-256 (FIPS 180-4) of each consecutive 4096-byte block of `blocks`, 32 bytes each, to the start of `digests`.
// Processors without SHA instructions but with AVX2 or AVX-512 hash 8 or 16 blocks side by side, several times faster
// than one after the other; others use OpenSSL. Same result everywhere.
void sha256_blocks(std::span<const std::byte> blocks, std::span<std::byte> digests);

// SHA-256 of each of `messages`, of any lengths, to `digests` (as many): side by side where that is faster.
using Message = std::span<const std::byte>;
void sha256_messages(std::span<const Message> messages, std::span<Digest> digests);

// The ways of doing it, for tests: each falls back to OpenSSL where the processor lacks what it needs.
enum class Lanes { kOne, kEight, kSixteen };
void sha256_blocks(std::span<const std::byte> blocks, std::span<std::byte> digests, Lanes lanes);
void sha256_messages(std::span<const Message> messages, std::span<Digest> digests, Lanes lanes);

}  // namespace reburst::image
