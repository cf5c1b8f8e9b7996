// Holds package-lock.json against the rules that deny.toml has for crates: what is shipped is under a permissive licence, everything comes
// from the registry with a SHA-512 of its own, and nothing runs a program while it is installed.
import { readFileSync } from "node:fs";

/** Of what reaches a browser; what only builds or tests may have any. */
const LICENCES = new Set(["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "Unlicense"]);

function faults(lock) {
  const packages = Object.entries(lock.packages).filter(([path]) => path !== "");
  return packages.flatMap(([path, it]) => [
    ...(it.integrity?.startsWith("sha512-") ? [] : [`${path}: no SHA-512`]),
    // Absent: from the registry that is set.
    ...(it.resolved === undefined || it.resolved.startsWith("https://registry.npmjs.org/") ? [] : [`${path}: from ${it.resolved}`]),
    ...(it.hasInstallScript ? [`${path}: runs a program while it is installed`] : []),
    ...(it.dev || LICENCES.has(it.license) ? [] : [`${path}: licence ${it.license}`]),
  ]);
}

const file = process.argv[2] ?? new URL("../package-lock.json", import.meta.url);
const found = faults(JSON.parse(readFileSync(file, "utf8")));
found.forEach((fault) => console.error(fault));
console.log(found.length === 0 ? "npm packages ok" : `npm packages: ${found.length} faults`);
process.exitCode = found.length === 0 ? 0 : 1;
