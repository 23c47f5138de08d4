#include "builder/resolve/libsolv.hpp"

namespace reburst::resolve {

PoolHandle make_pool(const std::string& architecture) {
  PoolHandle pool(pool_create());
  pool_setdisttype(pool.get(), DISTTYPE_DEB);
  pool_setarchpolicy(pool.get(), architecture.c_str());
  return pool;
}

Id string_id(Pool* pool, std::string_view text) {
  return pool_strn2id(pool, text.data(), static_cast<unsigned>(text.size()), 1);
}

namespace {

int relation_flags(Relation relation) {
  switch (relation) {
    case Relation::kNone: return 0;
    case Relation::kEarlier: return REL_LT;
    case Relation::kEarlierEqual: return REL_LT | REL_EQ;
    case Relation::kEqual: return REL_EQ;
    case Relation::kLaterEqual: return REL_GT | REL_EQ;
    case Relation::kLater: return REL_GT;
  }
  return 0;
}

}  // namespace

Id alternative_id(Pool* pool, const Alternative& alternative) {
  const Id name = string_id(pool, alternative.name);
  if (alternative.relation == Relation::kNone) return name;
  return pool_rel2id(pool, name, string_id(pool, alternative.version), relation_flags(alternative.relation), 1);
}

Id clause_id(Pool* pool, const Clause& clause) {
  Id id = 0;
  for (auto at = clause.alternatives.rbegin(); at != clause.alternatives.rend(); ++at) {
    const Id one = alternative_id(pool, *at);
    id = id == 0 ? one : pool_rel2id(pool, one, id, REL_OR, 1);
  }
  return id;
}

}  // namespace reburst::resolve
