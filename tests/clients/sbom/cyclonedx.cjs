// cyclonedx.cjs FILE: the document is valid by CycloneDX's own schema 1.5, as its library ships it.
const fs = require('fs');
const path = require('path');
const Ajv = require('ajv').default;

// Beside the code that the package exports, out of reach of require().
const library = require.resolve('@cyclonedx/cyclonedx-library');
const schemas = path.join(library.slice(0, library.lastIndexOf('cyclonedx-library')), 'cyclonedx-library/res/schema');
const load = (name) => JSON.parse(fs.readFileSync(path.join(schemas, name), 'utf8'));

const ajv = new Ajv({ strict: false, allErrors: true });
require('ajv-formats').default(ajv);
for (const format of ['iri-reference', 'idn-email']) ajv.addFormat(format, true);
for (const name of ['spdx', 'jsf-0.82']) {
  const schema = load(`${name}.SNAPSHOT.schema.json`);
  ajv.addSchema(schema, `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
}
const valid = ajv.compile(load('bom-1.5.SNAPSHOT.schema.json'));

const document = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
if (!valid(document)) {
  for (const fault of valid.errors.slice(0, 10)) console.log(`${fault.instancePath}: ${fault.message}`);
  process.exit(1);
}
// A document that the schema must not take: the test of the test.
document.components[0].type = 'nonsense';
if (valid(document)) {
  console.log('the schema accepts anything');
  process.exit(1);
}
console.log(`${document.components.length} components`);
