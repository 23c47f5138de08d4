// names.cjs SPDX CYCLONEDX: every package URL can be taken apart and says what its package says, every licence expression can be parsed, and each LicenseRef has its
// text in the SPDX document.
const fs = require('fs');
const { PackageURL } = require('packageurl-js');
const parse = require('spdx-expression-parse');

const [spdx, cyclonedx] = process.argv.slice(2).map((file) => JSON.parse(fs.readFileSync(file, 'utf8')));
const faults = [];
const texts = new Set(spdx.hasExtractedLicensingInfos.map((one) => one.licenseId));

const checkUrl = (url, name, version) => {
  const parts = PackageURL.fromString(url);
  if (parts.type !== 'deb' || parts.name !== name || parts.version !== version || !parts.namespace || !parts.qualifiers.arch)
    faults.push(`${url} is not the package URL of ${name} ${version}`);
};

const references = (node) =>
  node.license ? (node.license.startsWith('LicenseRef-') ? [node.license] : []) : [...references(node.left), ...references(node.right)];

const checkExpression = (name, expression) => {
  try {
    for (const reference of references(parse(expression)))
      if (!texts.has(reference)) faults.push(`${name}: ${reference} has no text`);
  } catch (error) {
    faults.push(`${name}: ${expression}: ${error.message}`);
  }
};

let urls = 0, expressions = 0;
for (const one of spdx.packages) {
  for (const reference of one.externalRefs || []) checkUrl(reference.referenceLocator, one.name, one.versionInfo), ++urls;
  if (!['NOASSERTION', undefined].includes(one.licenseDeclared)) checkExpression(one.name, one.licenseDeclared), ++expressions;
}
for (const one of cyclonedx.components) {
  if (one.purl) checkUrl(one.purl, one.name, one.version), ++urls;
  for (const licence of one.licenses || []) checkExpression(one.name, licence.expression), ++expressions;
}
for (const fault of faults) console.log(fault);
console.log(`${urls} package URLs, ${expressions} licence expressions`);
process.exit(faults.length > 0 || urls === 0 || expressions === 0 ? 1 : 0);
