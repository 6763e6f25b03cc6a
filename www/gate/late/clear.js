/**
 * Clearing what shut services left: their declared cookies on every domain and path level, their storage, their frames.
 */

import { cookies, keepCookie, setCookie } from '../store.js';
import { doc, fail } from '../page.js';
import { parse } from '../cookie.js';

const SOURCES = ['src', 'srcset', 'poster', 'href'];

/** The names among some that shut services declare, exactly or by a prefix that ends in `*`, and no open one. */
function doomed({ policy, verdict }, names, member) {
  const { open } = verdict();
  const declared = (name, allowed) =>
    policy.purposes
      .flatMap((purpose) => purpose.services || [])
      .filter((service) => open[service.id] == allowed)
      .flatMap((service) => service[member] || [])
      .some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name == one));
  return names.filter((name) => declared(name, false) && !declared(name, true));
}

/**
 * Expires every cookie of a name: without a domain, on each parent domain, and on each level of the path.
 * @param {string} name
 */
export function expire(name) {
  const domains = [''];
  const labels = location.hostname.split('.');
  while (labels.length) {
    domains.push(';Domain=' + labels.join('.'));
    labels.shift();
  }
  const paths = ['/'];
  let path = '';
  for (const part of location.pathname.split('/').slice(1)) {
    path += '/' + part;
    paths.push(path, path + '/');
  }
  // A prefix in a name (`__Secure-`, `__Host-`) and a partition ask for an attribute even to be gone.
  for (const where of paths)
    for (const domain of domains)
      for (const kind of ['', ';Secure', ';Secure;Partitioned'])
        setCookie(`${name}=;Max-Age=0;Path=${where}${domain}${kind}`);
}

/**
 * Takes the address away from what was opened and is not allowed; it is replaced, so that what a frame holds is gone.
 */
function shutElements({ verdict, opened }) {
  const { open } = verdict();
  for (const element of doc('querySelectorAll', '[data-sayso]')) {
    const tag = element.localName;
    if (!opened.has(element) || tag == 'script' || tag == 'template' || open[element.getAttribute('data-sayso')])
      continue;
    const waiting = element.cloneNode(true);
    for (const name of SOURCES) if (waiting.hasAttribute('data-' + name)) waiting.removeAttribute(name);
    element.replaceWith(waiting);
    if (waiting.parentNode instanceof HTMLMediaElement) waiting.parentNode.load();
  }
}

/** Clears what belongs to services that are shut, and to no open one. What is still there is reported by its names. */
export function shut(tools) {
  const jar = () => cookies().map((cookie) => cookie.split('=')[0]);
  const kept = clear(tools, 'cookies', jar, expire);
  for (const kind of ['localStorage', 'sessionStorage']) {
    try {
      const storage = window[kind];
      const keys = () => Object.keys(storage);
      kept.push(...clear(tools, 'storage', keys, (key) => storage.removeItem(key)));
    } catch {
      // Blocked storage holds nothing.
    }
  }
  if (kept[0]) fail('kept', kept);
  shutElements(tools);
}

/** Removes what is doomed among what is there, and gives what is there afterwards. */
function clear(tools, member, there, remove) {
  doomed(tools, there(), member).forEach(remove);
  return doomed(tools, there(), member);
}

/** Leaves one cookie of our own name where there were several. */
export function alone({ policy, stateText }) {
  expire('sayso');
  keepCookie(parse(stateText()), policy.domain);
}
