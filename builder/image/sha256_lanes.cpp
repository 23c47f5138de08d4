#include "builder/image/sha256_lanes.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <numeric>
#include <utility>
#include <vector>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "core/digest.hpp"

namespace reburst::image {

namespace {

constexpr std::size_t kDigest = 32;

void hash_one_by_one(std::span<const std::byte> blocks, std::span<std::byte> digests) {
  for (std::size_t i = 0; i * kBlock < blocks.size(); ++i) {
    const Digest digest = sha256_salted({}, blocks.subspan(i * kBlock, kBlock));
    put(digests, i * kDigest, std::as_bytes(std::span(digest.bytes)));
  }
}

void hash_one_by_one(std::span<const Message> messages, std::span<const std::size_t> order, std::span<Digest> digests) {
  for (const std::size_t number : order) digests[number] = sha256_salted({}, messages[number]);
}

#if defined(__x86_64__)

constexpr std::size_t kStep = 64;

// FIPS 180-4, 4.2.2 and 5.3.3.
constexpr std::array<std::uint32_t, 64> kRound{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
constexpr std::array<std::uint32_t, 8> kInitial{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                                0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

// One 32-bit word of each of N messages. Compiled for one instruction set at a time, hence always_inline below.
template <std::size_t N>
struct Words {
  typedef std::uint32_t Vector
      __attribute__((vector_size(N * 4)));  // NOLINT(modernize-use-using): the attribute needs it
};

template <class V>
[[gnu::always_inline]] inline void rotate_xor(V& out, const V& in, int a, int b, int c) {
  out = ((in >> a) | (in << (32 - a))) ^ ((in >> b) | (in << (32 - b))) ^ ((in >> c) | (in << (32 - c)));
}

// As rotate_xor, but the last is a shift (FIPS 180-4, σ0 and σ1).
template <class V>
[[gnu::always_inline]] inline void shift_xor(V& out, const V& in, int a, int b, int c) {
  out = ((in >> a) | (in << (32 - a))) ^ ((in >> b) | (in << (32 - b))) ^ (in >> c);
}

// One 64-byte step of N messages; `w` holds their 16 words and is used up.
template <class V>
[[gnu::always_inline]] inline void compress(std::array<V, 8>& state, std::array<V, 16>& w) {
  V a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
#pragma GCC unroll 16
  for (std::size_t i = 0; i < 64; ++i) {
    if (i >= 16) {
      V low, high;
      shift_xor(low, w[(i + 1) % 16], 7, 18, 3);
      shift_xor(high, w[(i + 14) % 16], 17, 19, 10);
      w[i % 16] += low + w[(i + 9) % 16] + high;
    }
    V sum0, sum1;
    rotate_xor(sum1, e, 6, 11, 25);
    rotate_xor(sum0, a, 2, 13, 22);
    const V first = h + sum1 + (g ^ (e & (f ^ g))) + kRound[i] + w[i % 16];
    const V second = sum0 + ((a & b) | (c & (a | b)));
    h = g, g = f, f = e, e = d + first, d = c, c = b, b = a, a = first + second;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e, state[5] += f, state[6] += g,
      state[7] += h;
}

template <class V>
[[gnu::always_inline]] inline void put_word(V& words, std::size_t lane, const std::byte* from) {
  std::uint32_t value = 0;
  std::memcpy(&value, from, 4);
  words[lane] = __builtin_bswap32(value);
}

template <class V>
[[gnu::always_inline]] inline void put_digest(const std::array<V, 8>& state, std::size_t lane, void* digest) {
  for (std::size_t i = 0; i < 8; ++i) {
    const std::uint32_t value = __builtin_bswap32(state[i][lane]);
    std::memcpy(static_cast<std::byte*>(digest) + i * 4, &value, 4);
  }
}

template <std::size_t N>
[[gnu::always_inline]] inline void hash_group(const std::byte* blocks, std::byte* digests) {
  using V = typename Words<N>::Vector;
  std::array<V, 8> state;
  for (std::size_t i = 0; i < 8; ++i) state[i] = V{} + kInitial[i];
  std::array<V, 16> words;
  for (std::size_t step = 0; step < kBlock / kStep; ++step) {
    for (std::size_t word = 0; word < 16; ++word) {
      for (std::size_t lane = 0; lane < N; ++lane)
        put_word(words[word], lane, blocks + lane * kBlock + step * kStep + word * 4);
    }
    compress(state, words);
  }
  for (V& word : words) word = V{};
  words[0] += 0x80000000U;                              // the padding: a one bit,
  words[15] += static_cast<std::uint32_t>(kBlock * 8);  // and the length in bits
  compress(state, words);
  for (std::size_t lane = 0; lane < N; ++lane) put_digest(state, lane, digests + lane * kDigest);
}

// A message on its way through one lane: its whole steps, then the padded rest.
struct Lane {
  const std::byte* at = nullptr;
  std::size_t steps = 0;       // left of what `at` points to
  std::size_t tail_steps = 0;  // of the tail, until it is entered
  std::size_t number = 0;      // of the message
  std::array<std::byte, 2 * kStep> tail{};

  void enter_tail() {
    at = tail.data();
    steps = std::exchange(tail_steps, 0);
  }

  void start(std::size_t which, Message message) {
    number = which;
    at = message.data();
    steps = message.size() / kStep;
    const Message rest = message.subspan(steps * kStep);
    tail.fill(std::byte{0});
    std::ranges::copy(rest, tail.begin());
    tail[rest.size()] = std::byte{0x80};
    tail_steps = rest.size() + 9 <= kStep ? 1 : 2;
    const std::uint64_t bits = __builtin_bswap64(std::uint64_t{message.size()} * 8);
    std::memcpy(tail.data() + tail_steps * kStep - 8, &bits, 8);
    if (steps == 0) enter_tail();
  }

  // False when the message is at its end.
  bool move(std::size_t count) {
    at += count * kStep;
    steps -= count;
    if (steps == 0 && tail_steps > 0) enter_tail();
    return steps > 0;
  }
};

// How far all lanes that have a message can go together; 0 when none has one.
std::size_t common_steps(std::span<const Lane> lanes) {
  std::size_t least = 0;
  for (const Lane& lane : lanes) {
    if (lane.steps > 0 && (least == 0 || lane.steps < least)) least = lane.steps;
  }
  return least;
}

// `count` steps of every lane. One without a message keeps hashing what it had: nobody looks at it.
template <std::size_t N, class V>
[[gnu::always_inline]] inline void advance(std::array<Lane, N>& lanes, std::array<V, 8>& state,
                                           std::array<V, 16>& words, std::size_t count) {
  for (std::size_t step = 0; step < count; ++step) {
    for (std::size_t lane = 0; lane < N; ++lane) {
      if (lanes[lane].steps == 0) continue;
      const std::byte* const from = lanes[lane].at + step * kStep;
      for (std::size_t word = 0; word < 16; ++word) put_word(words[word], lane, from + word * 4);
    }
    compress(state, words);
  }
}

// N lanes, each of which takes the next message when it is done with one.
template <std::size_t N>
[[gnu::always_inline]] inline void hash_in_lanes(std::span<const Message> messages, std::span<const std::size_t> order,
                                                 std::span<Digest> digests) {
  using V = typename Words<N>::Vector;
  std::array<V, 8> state{};
  std::array<V, 16> words{};
  std::array<Lane, N> lanes;
  std::size_t next = 0;
  const auto start = [&](std::size_t lane) {
    if (next == order.size()) return;
    for (std::size_t i = 0; i < 8; ++i) state[i][lane] = kInitial[i];
    lanes[lane].start(order[next], messages[order[next]]);
    ++next;
  };
  for (std::size_t lane = 0; lane < N; ++lane) start(lane);
  while (const std::size_t count = common_steps(lanes)) {
    advance(lanes, state, words, count);
    for (std::size_t lane = 0; lane < N; ++lane) {
      if (lanes[lane].steps == 0 || lanes[lane].move(count)) continue;
      put_digest(state, lane, digests[lanes[lane].number].bytes.data());
      start(lane);
    }
  }
}

[[gnu::target("avx2")]] void hash_eight(const std::byte* blocks, std::byte* digests) {
  hash_group<8>(blocks, digests);
}

[[gnu::target("avx512f,avx512vl,avx512bw,prefer-vector-width=512")]] void hash_sixteen(const std::byte* blocks,
                                                                                       std::byte* digests) {
  hash_group<16>(blocks, digests);
}

[[gnu::target("avx2")]] void hash_in_eight(std::span<const Message> messages, std::span<const std::size_t> order,
                                           std::span<Digest> digests) {
  hash_in_lanes<8>(messages, order, digests);
}

[[gnu::target("avx512f,avx512vl,avx512bw,prefer-vector-width=512")]] void hash_in_sixteen(
    std::span<const Message> messages, std::span<const std::size_t> order, std::span<Digest> digests) {
  hash_in_lanes<16>(messages, order, digests);
}

bool has_sha_instructions() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ebx & bit_SHA) != 0;
}

bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
}

// A lane is slower than OpenSSL alone, by about `slower`: a message that others would not accompany to its end is
// better hashed by itself. `order`: the longest first.
std::size_t count_alone(std::span<const Message> messages, std::span<const std::size_t> order, std::size_t slower) {
  std::uint64_t left = 0;
  for (const Message& message : messages) left += message.size();
  std::size_t count = 0;
  for (; count < order.size() && left < slower * std::uint64_t{messages[order[count]].size()}; ++count)
    left -= messages[order[count]].size();
  return count;
}

Lanes best_lanes() {
  if (has_sha_instructions()) return Lanes::kOne;
  if (has_avx512()) return Lanes::kSixteen;
  return Lanes::kEight;
}

#endif

}  // namespace

void sha256_blocks(std::span<const std::byte> blocks, std::span<std::byte> digests, Lanes lanes) {
#if defined(__x86_64__)
  const auto hash_groups = [&](std::size_t count, auto* hash) {
    const std::size_t group = count * kBlock;
    for (; blocks.size() >= group; blocks = blocks.subspan(group), digests = digests.subspan(count * kDigest)) {
      hash(blocks.data(), digests.data());
    }
  };
  if (lanes == Lanes::kSixteen && has_avx512()) hash_groups(16, &hash_sixteen);
  if (lanes != Lanes::kOne && __builtin_cpu_supports("avx2")) hash_groups(8, &hash_eight);
#else
  (void)lanes;
#endif
  hash_one_by_one(blocks, digests);
}

void sha256_messages(std::span<const Message> messages, std::span<Digest> digests, Lanes lanes) {
  std::vector<std::size_t> order(messages.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater(), [&](std::size_t number) { return messages[number].size(); });
  std::size_t alone = order.size();  // how many of the longest are hashed one by one
#if defined(__x86_64__)
  const bool sixteen = lanes == Lanes::kSixteen && has_avx512();
  if (sixteen || (lanes != Lanes::kOne && __builtin_cpu_supports("avx2"))) {
    alone = count_alone(messages, order, sixteen ? 5 : 3);
    const auto together = std::span<const std::size_t>(order).subspan(alone);
    sixteen ? hash_in_sixteen(messages, together, digests) : hash_in_eight(messages, together, digests);
  }
#else
  (void)lanes;
#endif
  hash_one_by_one(messages, std::span<const std::size_t>(order).first(alone), digests);
}

void sha256_messages(std::span<const Message> messages, std::span<Digest> digests) {
#if defined(__x86_64__)
  static const Lanes kBest = best_lanes();
  sha256_messages(messages, digests, kBest);
#else
  sha256_messages(messages, digests, Lanes::kOne);
#endif
}

void sha256_blocks(std::span<const std::byte> blocks, std::span<std::byte> digests) {
#if defined(__x86_64__)
  static const Lanes kBest = best_lanes();
  sha256_blocks(blocks, digests, kBest);
#else
  hash_one_by_one(blocks, digests);
#endif
}

}  // namespace reburst::image
