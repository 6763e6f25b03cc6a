/** The cookie's grammar and the rules, held to the golden vectors that the Rust core is held to. */

import { evaluate, format, merge, parse } from '../cookie.js';
import { report, same, test } from './report.js';

const place = new URLSearchParams(location.search).get('vectors') || '../../../vectors/cookie.json';
const vectors = await (await fetch(place)).json();
const bare = (value) => JSON.parse(JSON.stringify(value));

for (const { text, cookie, canonical, error } of vectors.parse) {
  test(`parse ${text.slice(0, 80)}`, () => {
    const found = parse(text);
    if (error) return same(found === undefined, true);
    for (const choice of Object.values(cookie.choices)) if (choice.day === null) delete choice.day;
    same(bare(found), cookie);
    same(format(found), canonical);
  });
}

for (const { name, policy, cookie, gpc, now, purposes, services, ask } of vectors.prompt) {
  test(`prompt: ${name}`, () => {
    const verdict = evaluate(vectors.policies[policy], parse(cookie), () => gpc, now * 1000);
    const found = {};
    for (const id of Object.keys(purposes)) {
      found[id] = { open: verdict.open[id], ask: verdict.ask.includes(id), newer: verdict.newer.includes(id) };
    }
    same(found, purposes);
    same(Object.fromEntries(Object.keys(services).map((id) => [id, verdict.open[id]])), services);
    same(!!verdict.ask[0], ask);
  });
}

for (const [policy, cookie, gpc, flags, open] of vectors.grid.rows) {
  test(`grid: ${policy} ${cookie} ${gpc}`, () => {
    const rules = vectors.policies[policy];
    const verdict = evaluate(rules, parse(cookie), () => gpc, vectors.grid.now * 1000);
    const flag = (is, letter) => (is ? letter : '-');
    const found =
      flag(verdict.open.analytics, 'o') +
      flag(verdict.ask.includes('analytics'), 'a') +
      flag(verdict.newer.includes('analytics'), 'n');
    same(found, flags);
    const services = rules.purposes.find((purpose) => purpose.id == 'analytics').services;
    const opened = services.map(({ id }) => id).filter((id) => verdict.open[id]);
    same(opened.sort(), open.split(/[ ,+]/).filter(Boolean).sort());
  });
}

for (const { name, a, b, merged } of vectors.merge) {
  test(`merge: ${name}`, () => {
    same(format(merge(parse(a), parse(b))), merged);
    same(format(merge(parse(b), parse(a))), merged);
  });
}

test('an unknown purpose named like a built-in is not there', () => {
  const state = parse('1.t.a:g1.g68');
  same(state.choices.constructor, undefined);
  same(state.choices.a.services.constructor, undefined);
});

report();
