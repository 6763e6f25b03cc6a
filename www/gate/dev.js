/**
 * Warnings for whoever builds a site: `<script src="…/sayso.dev.js"></script>` beside the gate, in development only. It
 * changes nothing and asks for nothing; it says on the console what would be a fault in production, once each.
 */

/** Attributes that load at once what was to wait. */
const LOADS = ['src', 'srcset', 'poster', 'href'];

/** What a template's content names as an address of its own accord. A link that is clicked loads nothing by being there. */
const AHEAD = '[src]:not(script[type="text/plain"]),[srcset],[poster],link[href],image[href]';

/**
 * Looks, and goes on looking.
 * @param {{services: {id: string, hosts: string[], keeps: string[]}[], ids: string[]}} declared
 * what the site's configuration names: purposes and services, the hosts of each, the cookies and storage that it keeps
 */
export function dev(declared) {
  // Our own files come from where this one came from.
  const own = new URL('.', document.currentScript?.src || location).href;
  const said = new Set();
  const warn = (code, text, ...parts) => {
    if (said.has(text)) return;
    said.add(text);
    console.warn(`[sayso] ${code}: ${text}`, ...parts);
  };
  const allows = (id) => !!window.sayso?.allows(id);
  const look = () => {
    document.querySelectorAll('[data-sayso]').forEach((element) => marked(declared, element, warn));
    cookies(declared, warn);
  };

  if (!window.sayso) warn('no-gate', 'neither the snippet nor the gate stands before this file; put them first');
  look();
  new MutationObserver(look).observe(document, {
    childList: true,
    subtree: true,
    attributeFilter: ['data-sayso', 'type', ...LOADS],
  });
  addEventListener('load', look);
  addEventListener('sayso:change', look);
  // Buffered: what was fetched before this file is told too.
  new PerformanceObserver((list) => {
    for (const { name, initiatorType } of list.getEntries()) {
      if (!name.startsWith(own)) fetched(declared, name, initiatorType, allows, warn);
    }
    cookies(declared, warn);
  }).observe({ type: 'resource', buffered: true });
}

/** A tag that does not wait although it says so, or that waits for nothing. */
function marked({ ids }, element, warn) {
  const id = element.getAttribute('data-sayso');
  const tag = element.localName;
  const how = `<${tag} data-sayso="${id}">`;
  if (!ids.includes(id)) {
    warn('unknown-id', `${how} stays shut for ever: the site declares no such purpose or service, only ${ids.join(', ')}`);
  }
  if (tag == 'script') {
    // The gate puts an executable script in a gated one's place, and that one may carry the mark.
    const opened = window.sayso?.allows?.(id);
    if (element.type != 'text/plain' && !opened) {
      warn('executable', `${how} ran before anybody was asked: write type="text/plain"`, element);
    }
    return;
  }
  if (tag == 'template') {
    element.content.querySelectorAll(AHEAD).forEach((inside) => ahead(inside, how, warn));
    return;
  }
  const loads = LOADS.find((name) => element.hasAttribute(name));
  if (loads && !element.hasAttribute('data-' + loads)) {
    warn('loads-at-once', `${how} loads at once: write data-${loads} in place of ${loads}`, element);
  }
}

/** An address in a gated template: Firefox fetches some of them while it reads the page, whoever allowed what. */
function ahead(element, how, warn) {
  for (const name of LOADS) {
    const address = element.getAttribute(name);
    // What the page carries itself is fetched from nowhere.
    if (address && !/^(data:|#)/.test(address)) {
      const said = `<${element.localName}> inside ${how}`;
      warn('loads-ahead', `Firefox may fetch ${said} ahead of any choice: write data-${name} in place of ${name}`, element);
    }
  }
}

/** Something was fetched that no allowed service accounts for. */
function fetched({ services }, address, kind, allows, warn) {
  const { origin, hostname } = new URL(address, location);
  if (origin == location.origin || !/^https?:/.test(address)) return;
  const under = (host) => hostname == host || hostname.endsWith('.' + host);
  const owners = services.filter(({ hosts }) => hosts.some(under));
  if (!owners.length) {
    warn('undeclared-host', `${hostname} was contacted (${kind}) and no service of the site declares it under hosts`);
  } else if (!owners.some(({ id }) => allows(id))) {
    const names = owners.map(({ id }) => id).join(', ');
    warn('before-consent', `${hostname} was contacted (${kind}) although nobody allowed ${names}: is its tag marked?`);
  }
}

/** Something is kept on the device that no service declares. */
function cookies({ services }, warn) {
  const names = document.cookie.split('; ').map((cookie) => cookie.split('=')[0]);
  const known = services.flatMap(({ keeps }) => keeps).concat('sayso');
  const is = (name, pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name == pattern);
  for (const name of names) {
    if (name && !known.some((pattern) => is(name, pattern))) {
      warn('undeclared-cookie', `the cookie ${name} is declared by no service, so no withdrawal clears it`);
    }
  }
}
