// Names, versions and licences of everything that is in the binary, with the texts that came with each: crates that are linked and
// packages that the console is built from. Prints to standard output; needs the crates and web/node_modules on disk.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

const cargo = (...args) => execFileSync("cargo", args, { encoding: "utf8", maxBuffer: 1 << 28 });

/** Texts of licences and notices in a folder. */
function texts(folder) {
  const names = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice|unlicense)/i.test(name));
  const read = (name) => {
    try {
      return [readFileSync(join(folder, name), "utf8").trim()];
    } catch {
      return []; // a folder of texts: the text in the crate's root says the same
    }
  };
  return names.sort().flatMap(read);
}

function crates() {
  const target = "x86_64-unknown-linux-gnu";
  const tree = ["tree", "--locked", "-p", "jiesu-server", "-e", "normal", "--target", target, "--prefix", "none", "--format", "{p}"];
  const linked = new Set(cargo(...tree).split("\n").map((line) => line.split(" ").slice(0, 2).join(" ")));
  const { packages } = JSON.parse(cargo("metadata", "--locked", "--format-version", "1", "--filter-platform", target));
  return packages
    .filter((p) => p.source && linked.has(`${p.name} v${p.version}`))
    .map((p) => ({ name: p.name, version: p.version, license: p.license, texts: texts(dirname(p.manifest_path)) }));
}

function npm() {
  const { packages } = JSON.parse(readFileSync("web/package-lock.json", "utf8"));
  return Object.entries(packages)
    .filter(([path, p]) => path.startsWith("node_modules/") && !p.dev && !p.optional && existsSync(join("web", path)))
    .map(([path, p]) => ({ name: path.replace(/^.*node_modules\//, ""), version: p.version, license: p.license, texts: texts(join("web", path)) }));
}

const all = [...crates(), ...npm()].sort((a, b) => (a.name < b.name ? -1 : 1));
console.log("What the program jiesu contains of others, and under which licences.\n");
for (const { name, version, license } of all) console.log(`${name} ${version}: ${license ?? "see below"}`);
/** A text once, with all that came with it. */
const holders = new Map();
for (const { name, texts } of all) for (const text of texts) holders.set(text, [...(holders.get(text) ?? []), name]);
for (const [text, names] of holders) console.log(`\n${"=".repeat(80)}\n${[...new Set(names)].join(", ")}\n\n${text}`);
