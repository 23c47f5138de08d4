// Judges a sigstore bundle with @sigstore/verify:  node verify_bundle.cjs BUNDLE KEY.pem [HINT-KEY.pem]
// KEY.pem is trusted as the key that the hint of HINT-KEY.pem (of itself, without one) names. Prints the payload; status 1
// and the error's code when the bundle is refused. The packages are found through NODE_PATH.
const { createHash, createPublicKey } = require('crypto');
const { readFileSync } = require('fs');
const { bundleFromJSON } = require('@sigstore/bundle');
const { Verifier, toSignedEntity, toTrustMaterial } = require('@sigstore/verify');

const [bundlePath, keyPath, hintPath = keyPath] = process.argv.slice(2);
const der = (path) => createPublicKey(readFileSync(path)).export({ type: 'spki', format: 'der' });
const hint = createHash('sha256').update(der(hintPath)).digest('base64');
const nobody = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] };
const trust = toTrustMaterial(nobody, { [hint]: { rawBytes: der(keyPath) } });
const verifier = new Verifier(trust, { ctlogThreshold: 0, tlogThreshold: 0, timestampThreshold: 0 });
try {
  const bundle = bundleFromJSON(JSON.parse(readFileSync(bundlePath, 'utf8')));
  verifier.verify(toSignedEntity(bundle));
  process.stdout.write(bundle.content.dsseEnvelope.payload);
} catch (error) {
  console.error(`${error.code ?? error.name}: ${error.message}`);
  process.exit(1);
}
