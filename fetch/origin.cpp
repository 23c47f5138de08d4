#include "fetch/origin.hpp"

#include <curl/curl.h>

#include <new>

#include "core/handle.hpp"

namespace reburst::fetch {

namespace {

using Url = Handle<CURLU, &curl_url_cleanup>;

std::string url_part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

// "http://host:80"; empty for what is no URL.
std::string origin_of(CURLU* url) {
  std::string out;
  for (const auto part : {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT}) out += url_part(url, part) + "\n";
  return out;
}

}  // namespace

bool leads_elsewhere(const std::string& uri, const std::string& location) {
  const Url url(curl_url());
  if (!url) throw std::bad_alloc();
  if (curl_url_set(url.get(), CURLUPART_URL, uri.c_str(), 0) != CURLUE_OK) return true;
  const auto before = origin_of(url.get());
  return curl_url_set(url.get(), CURLUPART_URL, location.c_str(), 0) != CURLUE_OK || origin_of(url.get()) != before;
}

}  // namespace reburst::fetch
