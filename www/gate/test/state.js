/** Which of cookie, copy and memory is believed. Each case has a page's memory of its own. */

import { report, same, test } from './report.js';
import { pending, setPending } from '../store.js';

const policy = (domain) => ({
  model: 'OptIn',
  days: { given: 183, refused: 183 },
  purposes: [
    { id: 'ads', revision: 1 },
    { id: 'analytics', revision: 1 },
  ],
  domain,
});
const day = (Math.floor(Date.now() / 864e5) + 100).toString(36);
const now = Math.floor(Date.now() / 1000);
/** An answer of so many seconds ago. */
const answer = (ago, analytics, ads = 'r') =>
  `1.${(now - ago).toString(36)}.ads:${ads}1.${day}~analytics:${analytics}1.${day}`;
const setCookie = (text, age = 99) => (document.cookie = `sayso=${text};Max-Age=${age};Path=/`);
const cookie = () => /sayso=([^;]*)/.exec(document.cookie)?.[1];

/** A case about what was found at once. */
const is = (name, found, wanted) => test(name, () => same(found, wanted));

let page = 0;
/** What a new page makes of a cookie and a copy. */
async function opened(text, copy, domain) {
  setCookie(text, text ? 99 : 0);
  localStorage.clear();
  if (copy) localStorage['sayso.state'] = copy;
  const gate = await import(`../state.js?${++page}`);
  gate.begin(policy(domain));
  const open = (id) => (gate.allows(id) ? id : '');
  const seen = () => open('ads') + open('analytics');
  return { gate, seen, open: seen(), kept: localStorage['sayso.state'], cookie: cookie() };
}

const CASES = [
  // name, cookie, copy, the site's domain, what is open, what is kept afterwards
  ['a cookie without a copy is believed', answer(0, 'g'), '', '', 'analytics', answer(0, 'g')],
  ['a copy without a cookie is believed', '', answer(0, 'g'), '', 'analytics', answer(0, 'g')],
  ['the two alike', answer(5, 'g'), answer(5, 'g'), '', 'analytics', answer(5, 'g')],
  ['a later cookie opens nothing', answer(0, 'g', 'g'), answer(5, 'r'), '', '', answer(5, 'r')],
  ['nor what the copy opens besides', answer(0, 'g', 'g'), answer(5, 'g'), '', 'analytics', answer(5, 'g')],
  ['nor for longer', answer(0, 'g').slice(0, -2) + 'zz', answer(5, 'g'), '', 'analytics', answer(5, 'g')],
  ['a later cookie shuts', answer(0, 'w', 'g'), answer(5, 'g'), '', '', answer(5, 'w')],
  ['subdomains that share answers', answer(0, 'g'), answer(5, 'r'), 'example.org', 'analytics', answer(0, 'g')],
  ['an older cookie is none', answer(9, 'w'), answer(5, 'g'), '', 'analytics', answer(5, 'g')],
  ['a copy that cannot be read is none', answer(0, 'g'), 'x', '', 'analytics', answer(0, 'g')],
];
for (const [name, text, copy, domain, open, kept] of CASES) {
  const found = await opened(text, copy, domain);
  is(name, [found.open, found.kept, found.cookie], [open, kept, kept]);
}

const { gate, seen } = await opened(answer(9, 'r'), answer(9, 'r'));
localStorage['sayso.state'] = answer(3, 'g');
gate.recall();
is("another tab's copy is believed before its cookie is there", [seen(), cookie()], ['analytics', answer(3, 'g')]);

const { setItem } = Storage.prototype;
Storage.prototype.setItem = () => {
  throw new DOMException('full', 'QuotaExceededError');
};
gate.keep({ time: now, choices: { __proto__: null } });
is('a copy that cannot be written over is taken away', localStorage['sayso.state'], undefined);
const list = [{ id: 'x' }];
setPending(list);
is('a list that cannot be kept lives as long as the page', pending(), list);
Storage.prototype.setItem = setItem;
setPending([]);
is('and no longer than that', pending(), []);

setCookie('', 0);
localStorage.clear();
report();
