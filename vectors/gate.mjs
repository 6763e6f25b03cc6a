/**
 * Holds the gate's own reading of the cookie to the golden vectors: node gate.mjs
 *
 * The module is pure, so it runs here as it does in a browser. Prints what differs and ends with 1 if anything does.
 */
import { readFileSync } from 'node:fs';

const read = (/** @type {string} */ path) => readFileSync(new URL(path, import.meta.url), 'utf8');
// As a data URL, so that no package.json decides what kind of module it is.
const source = Buffer.from(read('../www/gate/cookie.js')).toString('base64');
const { evaluate, format, merge, parse } = await import(`data:text/javascript;base64,${source}`);
const vectors = JSON.parse(read('cookie.json'));

/** @type {string[]} */
const faults = [];

/** @param {string} what @param {unknown} found @param {unknown} wanted */
function expect(what, found, wanted) {
  const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (one !== other) faults.push(`${what}: found ${one}, wanted ${other}`);
}

const judge = (policy, text, gpc, now) =>
  evaluate(vectors.policies[policy], parse(text) ?? undefined, () => gpc, now * 1000);

for (const { text, canonical } of vectors.parse) {
  const state = parse(text);
  expect(`parse ${text}`, state && format(state), canonical);
}
for (const { name, policy, cookie, gpc, now, purposes, services, ask } of vectors.prompt) {
  const verdict = judge(policy, cookie, gpc, now);
  for (const [id, answer] of Object.entries(purposes)) {
    const found = { open: verdict.open[id], ask: verdict.ask.includes(id), newer: verdict.newer.includes(id) };
    expect(`${name}: ${id}`, found, answer);
  }
  for (const [id, open] of Object.entries(services)) expect(`${name}: ${id}`, verdict.open[id], open);
  expect(`${name}: ask`, verdict.ask.length > 0, ask);
}
for (const [policy, cookie, gpc, flags, services] of vectors.grid.rows) {
  const { open, ask, newer } = judge(policy, cookie, gpc === 1, vectors.grid.now);
  const flag = (on, letter) => (on ? letter : '-');
  const found = flag(open.analytics, 'o') + flag(ask.includes('analytics'), 'a') + flag(newer.includes('analytics'), 'n');
  const opened = ['pulse', 'video'].filter((id) => open[id]).join(' ');
  expect(`${policy} ${cookie} gpc=${gpc}`, [found, opened], [flags, services]);
}
for (const { name, a, b, merged } of vectors.merge) {
  expect(name, format(merge(parse(a), parse(b))), merged);
  expect(`${name}, the other way round`, format(merge(parse(b), parse(a))), merged);
}

for (const fault of faults) console.error(`gate.mjs: ${fault}`);
console.log(faults.length ? `${faults.length} differ` : 'the gate agrees with the vectors');
process.exit(faults.length ? 1 : 0);
