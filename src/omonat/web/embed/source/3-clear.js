// --- withdrawal: what the policy declares for a purpose goes, wherever a page can reach it ---

const named = (pattern, name) => pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

// Every parent of this host and every folder of this path: a cookie must be removed with the place it was set for, and
// names with `__Secure-` or `__Host-` only as they were set. A partitioned one lies apart. Without https nothing comes
// of the latter two.
const places = () => {
  const labels = location.hostname.split(".");
  const domains = ["", ...labels.map((_, at) => "; Domain=" + labels.slice(at).join("."))];
  const steps = location.pathname.split("/");
  const paths = steps.flatMap((_, at) => {
    const path = steps.slice(0, at + 1).join("/");
    return [path || "/", path + "/"];
  });
  const kinds = ["", "; Secure", "; Secure; Partitioned"];
  return [...new Set(paths)].flatMap(path => domains.flatMap(domain => kinds.map(kind => `; Path=${path}${domain}${kind}`)));
};

const clear = purpose => {
  for (const item of config.clear[purpose]) {
    const pattern = item.slice(2);
    // a browser that keeps a storage closed has nothing in it, and says so at once or later
    (async () => wipers[item[0]](pattern))().catch(() => {});
  }
};
const wipers = {
  c: pattern => {
    for (const name of new Set(document.cookie.split("; ").map(it => it.split("=")[0]))) {
      if (named(pattern, name)) places().forEach(place => (document.cookie = `${name}=; Max-Age=0${place}`));
    }
  },
  l: pattern => wipe(localStorage, pattern),
  s: pattern => wipe(sessionStorage, pattern),
  d: async pattern => {
    // A browser that cannot list them, or will not, may still delete one by its name.
    const listed = async () => (await indexedDB.databases()).map(it => it.name);
    const found = await listed().catch(() => [pattern]);
    found.filter(it => named(pattern, it)).forEach(it => indexedDB.deleteDatabase(it));
  },
};
const wipe = (storage, pattern) =>
  Object.keys(storage).filter(it => named(pattern, it)).forEach(it => storage.removeItem(it));
