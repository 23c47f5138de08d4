#pragma once

// A field of libsolv's Solvable is called `requires`, which C++20 reserves; this gives it another name.
#define LIBSOLV_SOLVABLE_PREPEND_DEP
extern "C" {
#include <solv/evr.h>
#include <solv/pool.h>
#include <solv/repo.h>
#include <solv/repo_solv.h>
#include <solv/repo_write.h>
#include <solv/solver.h>
}
#include <string_view>

#include "builder/resolve/dependency.hpp"
#include "core/handle.hpp"

// What this folder's sources need of libsolv. Included by .cpp files alone: no other folder sees it.
namespace reburst::resolve {

using PoolHandle = Handle<Pool, &pool_free>;

// libsolv's Queue as a value.
struct IdQueue {
  Queue queue{};
  IdQueue() { queue_init(&queue); }
  IdQueue(const IdQueue&) = delete;
  IdQueue& operator=(const IdQueue&) = delete;
  IdQueue(IdQueue&&) = delete;
  IdQueue& operator=(IdQueue&&) = delete;
  ~IdQueue() { queue_free(&queue); }
};

[[nodiscard]] PoolHandle make_pool(const std::string& architecture);
[[nodiscard]] Id string_id(Pool* pool, std::string_view text);
[[nodiscard]] Id alternative_id(Pool* pool, const Alternative& alternative);
[[nodiscard]] Id clause_id(Pool* pool, const Clause& clause);

}  // namespace reburst::resolve
