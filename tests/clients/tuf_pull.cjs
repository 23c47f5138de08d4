// tuf_pull.cjs STATE URL TARGET FILE: the stock TUF client. STATE/root.json is trusted; the target is fetched by what the
// metadata says of it. Exit status 1, with the client's error, when it refuses.
const { Updater } = require('tuf-js');

async function main() {
  const [state, url, target, file] = process.argv.slice(2);
  const updater = new Updater({
    metadataDir: state,
    metadataBaseUrl: `${url}/metadata`,
    targetDir: state,
    targetBaseUrl: `${url}/targets`,
    config: { fetchTimeout: 20000, fetchRetry: 0, targetsMaxLength: 10485760 },
  });
  await updater.refresh();
  const info = await updater.getTargetInfo(target);
  if (!info) throw new Error(`no target ${target}`);
  await updater.downloadTarget(info, file);
}

main().catch((error) => {
  console.error(`${error.name}: ${error.message}`);
  process.exit(1);
});
