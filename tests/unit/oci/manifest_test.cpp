#include "registry/oci/manifest.hpp"

#include <gtest/gtest.h>

#include "registry/oci/oci.hpp"
#include "registry/oci/release.hpp"
#include "registry/oci/upload.hpp"

namespace reburst::oci {
namespace {

const std::string kHex = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

TEST(Manifest, OfAReleaseHasTheseBytes) {
  const std::vector<Layer> layers = {
      {"/nowhere/web.raw", "web.raw", media_type_of("web.raw"), 1048576, *Digest::parse(kHex)},
      {"/nowhere/manifest.json", "manifest.json", media_type_of("manifest.json"), 7, *Digest::parse(kHex)}};
  const Blob blob = make_manifest(layers, {{"org.opencontainers.image.version", "20261121T161027Z"}});
  EXPECT_EQ(blob.text,
            "{\"annotations\":{\"org.opencontainers.image.version\":\"20261121T161027Z\"},"
            "\"artifactType\":\"application/vnd.reburst.release.v1\","
            "\"config\":{\"digest\":\"sha256:" +
                kHex +
                "\",\"mediaType\":\"application/vnd.oci.empty.v1+json\",\"size\":2},"
                "\"layers\":[{\"annotations\":{\"org.opencontainers.image.title\":\"web.raw\"},\"digest\":\"sha256:" +
                kHex +
                "\",\"mediaType\":\"application/vnd.reburst.disk.raw\",\"size\":1048576},"
                "{\"annotations\":{\"org.opencontainers.image.title\":\"manifest.json\"},\"digest\":\"sha256:" +
                kHex +
                "\",\"mediaType\":\"application/vnd.reburst.manifest+json\",\"size\":7}],"
                "\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"schemaVersion\":2}\n");
  EXPECT_EQ(blob.sha256, sha256(blob.text));
  const auto back = parse_manifest(blob.text, "manifest");
  ASSERT_TRUE(back) << back.error().render();
  EXPECT_EQ(to_text(*back), blob.text);
}

TEST(Manifest, OfAReferrerHasTheseBytes) {
  const Referrer referrer{"provenance", "https://slsa.dev/provenance/v1", "{}"};
  const Descriptor subject{
      std::string(kManifestType), *Digest::parse(kHex), 512, "application/vnd.reburst.release.v1", {{"a", "b"}}};
  const Manifest manifest = referrer_manifest(referrer, subject);
  const std::string annotations =
      "{\"dev.sigstore.bundle.content\":\"dsse-envelope\","
      "\"dev.sigstore.bundle.predicateType\":\"https://slsa.dev/provenance/v1\"}";
  EXPECT_EQ(to_text(manifest), "{\"annotations\":" + annotations +
                                   ",\"artifactType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\","
                                   "\"config\":{\"digest\":\"sha256:" +
                                   kHex +
                                   "\",\"mediaType\":\"application/vnd.oci.empty.v1+json\",\"size\":2},"
                                   "\"layers\":[{\"digest\":\"sha256:" +
                                   kHex +
                                   "\",\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\",\"size\":2}],"
                                   "\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"schemaVersion\":2,"
                                   "\"subject\":{\"digest\":\"sha256:" +
                                   kHex +
                                   "\",\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"size\":512}}\n");
  const Descriptor listed = describe_manifest(to_text(manifest), manifest);
  EXPECT_EQ(listed.artifact_type, kBundleType);
  EXPECT_EQ(to_json(listed).at("annotations"), Json::parse(annotations));
}

TEST(Manifest, OfOthersMayHaveMembersThatWeDoNotKnow) {
  const std::string text = "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/b\",\"digest\":\"sha256:" + kHex +
                           "\",\"size\":0,\"data\":\"e30=\"},\"layers\":[],\"future\":{}}";
  const auto manifest = parse_manifest(text, "manifest");
  ASSERT_TRUE(manifest) << manifest.error().render();
  EXPECT_EQ(manifest->config.others.at("data"), "e30=");
}

std::string manifest_with(const std::string& member, const std::string& value) {
  Json out = {{"schemaVersion", 2},
              {"mediaType", kManifestType},
              {"config", {{"mediaType", "a/b"}, {"digest", "sha256:" + kHex}, {"size", 2}}},
              {"layers", Json::array()}};
  out[Json::json_pointer(member)] = Json::parse(value);
  return out.dump();
}

TEST(Manifest, IsRefusedWhereTheSpecificationDoesNotAllowIt) {
  struct Case {
    std::string member, value, why;
  };
  for (const auto& each :
       {Case{"/schemaVersion", "1", "cannot accept \"m\": its schemaVersion is not 2"},
        Case{"/schemaVersion", "\"2\"", "\"m\" has no whole number \"schemaVersion\""},
        Case{"/mediaType", "\"application/vnd.oci.image.index.v1+json\"",
             "cannot accept \"m\": its mediaType is \"application/vnd.oci.image.index.v1+json\", not "
             "\"application/vnd.oci.image.manifest.v1+json\""},
        Case{"/manifests", "[]", "cannot accept \"m\": it has \"manifests\", which does not belong there"},
        Case{"/fsLayers", "[]", "cannot accept \"m\": it has \"fsLayers\", which does not belong there"},
        Case{"/artifactType", "\"\"", "cannot accept \"m\": its \"artifactType\" is no media type"},
        Case{"/artifactType", "\"a/b\\r\\nX: y\"", "cannot accept \"m\": its \"artifactType\" is no media type"},
        Case{"/config", "[]", "cannot accept \"m config\": it is no object"},
        Case{"/config/mediaType", "\"none\"", "cannot accept \"m config\": its \"mediaType\" is no media type"},
        Case{"/config/mediaType", "7", "\"m config\" has no string \"mediaType\""},
        Case{"/config/size", "-1", "\"m config\" has no whole number \"size\""},
        Case{"/config/size", "9007199254740993", "cannot accept \"m config\": its size is 9007199254740993 bytes"},
        Case{"/config/digest", "\"sha512:00\"",
             "cannot accept \"m config\": its digest is not \"sha256:\" and 64 lower-case hexadecimal digits"},
        Case{"/config/digest", "\"sha256:../../etc/passwd\"",
             "cannot accept \"m config\": its digest is not \"sha256:\" and 64 lower-case hexadecimal digits"},
        Case{"/config/digest", "\"sha256:44136FA355B3678A1146AD16F7E8649E94FB4FC21FE77E8310C060F61CAAFF8A\"",
             "cannot accept \"m config\": its digest is not \"sha256:\" and 64 lower-case hexadecimal digits"},
        Case{"/layers", "{}", "cannot accept \"m\": it has no list \"layers\""},
        Case{"/layers/0", "7", "cannot accept \"m layers[0]\": it is no object"},
        Case{"/subject", "\"x\"", "cannot accept \"m subject\": it is no object"},
        Case{"/annotations", "[]", "cannot accept \"m\": its annotations are no object"},
        Case{"/annotations", "{\"a\":1}", "cannot accept \"m\": an annotation is no string"}}) {
    const auto manifest = parse_manifest(manifest_with(each.member, each.value), "m");
    ASSERT_FALSE(manifest) << each.member << " " << each.value;
    EXPECT_EQ(manifest.error().message, each.why);
    EXPECT_EQ(manifest.error().code, ErrorCode::kIntegrity);
  }
}

TEST(Manifest, HasBounds) {
  EXPECT_EQ(parse_manifest(std::string(kMaxManifest + 1, ' '), "m").error().message,
            "cannot accept \"m\": it is larger than 4194304 bytes");
  const Json layer = {{"mediaType", "a/b"}, {"digest", "sha256:" + kHex}, {"size", 2}};
  EXPECT_EQ(parse_manifest(manifest_with("/layers", Json(std::vector<Json>(1001, layer)).dump()), "m").error().message,
            "cannot accept \"m\": it has more than 1000 layers");
  EXPECT_FALSE(parse_manifest(std::string(100'000, '['), "m"));
  EXPECT_EQ(parse_manifest("[]", "m").error().message, "cannot accept \"m\": it is no object");
  EXPECT_EQ(parse_manifest("{\"schemaVersion\":2}", "m").error().message, "cannot accept \"m\": it has no config");
}

TEST(Index, IsNoManifest) {
  EXPECT_EQ(parse_index("{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}", "i").error().message,
            "cannot accept \"i\": it has \"layers\", which does not belong there");
  EXPECT_EQ(parse_index("{\"schemaVersion\":2}", "i").error().message,
            "cannot accept \"i\": it has no list \"manifests\"");
}

TEST(Index, KeepsWhatOthersPutIn) {
  const std::string text =
      "{\"annotations\":{\"a\":\"b\"},\"manifests\":[{\"annotations\":{\"c\":\"d\"},\"artifactType\":\"e/"
      "f\",\"digest\":\"sha256:" +
      kHex + "\",\"mediaType\":\"a/b\",\"platform\":{\"os\":\"linux\"},\"size\":3}],\"mediaType\":\"" +
      std::string(kIndexType) + "\",\"schemaVersion\":2}\n";
  EXPECT_EQ(to_text(parse_index(text, "i").value()), text);
}

TEST(Fallback, ListsOursAndKeepsThoseOfOthers) {
  const std::string other = "{\"digest\":\"sha512:abc\",\"mediaType\":\"a/b\",\"size\":3}";
  const std::string stale = "{\"digest\":\"sha256:" + kHex + "\",\"mediaType\":\"x/y\",\"size\":9}";
  const Descriptor ours{std::string(kManifestType), *Digest::parse(kHex), 2, "e/f", {{"c", "d"}}};
  const std::string entry = "{\"annotations\":{\"c\":\"d\"},\"artifactType\":\"e/f\",\"digest\":\"sha256:" + kHex +
                            "\",\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"size\":2}";
  const std::string end = "],\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"schemaVersion\":2}\n";
  EXPECT_EQ(*merge_fallback("", {ours}, "i"), "{\"manifests\":[" + entry + end);
  const auto merged = merge_fallback("{\"manifests\":[" + stale + "," + other + end, {ours}, "i");
  ASSERT_TRUE(merged) << merged.error().render();
  EXPECT_EQ(*merged, "{\"manifests\":[" + other + "," + entry + end);
  EXPECT_EQ(*merge_fallback(*merged, {ours}, "i"), *merged);
}

TEST(Fallback, DoesNotReplaceWhatIsNoIndex) {
  for (const std::string text : {"{", "[]", "{}", R"({"manifests":{}})", R"({"manifests":[7]})",
                                 R"({"manifests":[{}]})", R"({"manifests":[{"digest":7}]})",
                                 R"({"manifests":[],"mediaType":"application/vnd.oci.image.manifest.v1+json"})",
                                 R"({"manifests":[],"mediaType":7})"}) {
    const auto merged = merge_fallback(text, {}, "i");
    ASSERT_FALSE(merged) << text;
    EXPECT_EQ(merged.error().render(),
              "\"i\" is no image index, and is not replaced\n"
              "  hint: remove that tag from the registry, if nobody needs it, and push again");
    EXPECT_EQ(merged.error().code, ErrorCode::kIntegrity);
  }
}

TEST(Tag, HasTheGrammarOfTheSpecification) {
  const std::string longest(128, 'a');
  for (const auto& tag :
       {std::string("stable"), std::string("20261121T161027Z"), std::string("_a"), std::string("v1.0-rc_1"), longest}) {
    EXPECT_TRUE(is_tag(tag)) << tag;
  }
  for (const auto* tag : {"", ".a", "-a", "a b", "a/b", "a:b", "a\n", "\xc3\xa4"}) EXPECT_FALSE(is_tag(tag)) << tag;
  EXPECT_FALSE(is_tag(longest + "a"));
}

TEST(MediaType, FollowsTheFilesName) {
  EXPECT_EQ(media_type_of("web_20261121T161027Z.raw"), "application/vnd.reburst.disk.raw");
  EXPECT_EQ(media_type_of("web_1.provenance.dsse.json"), "application/vnd.dsse.envelope.v1+json");
  EXPECT_EQ(media_type_of("web_1.spdx.json"), "application/spdx+json");
  EXPECT_EQ(media_type_of("SHA256SUMS"), "application/octet-stream");
}

}  // namespace
}  // namespace reburst::oci
