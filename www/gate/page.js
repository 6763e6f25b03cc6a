/**
 * The page, read so that an element's name cannot fool the gate.
 *
 * `<img name="body">` or `<form name="createElement">` takes the place of `document.body` or `document.createElement`;
 * what stands on `Document.prototype` cannot be taken that way.
 */

const { apply, get, set } = Reflect;

/**
 * Reads a property of the document, or calls a method of it.
 * @param {string} name
 * @param {...*} parts the method's arguments
 * @returns {*}
 */
export function doc(name, ...parts) {
  const value = get(Document.prototype, name, document);
  return typeof value == 'function' ? apply(value, document, parts) : value;
}

/**
 * Sets a property of the document.
 * @param {string} name
 * @param {*} value
 */
export function setDoc(name, value) {
  set(Document.prototype, name, value, document);
}

/**
 * The nearest of an element and its ancestors that matches; forms with a field named `closest` included.
 * @param {Element} element
 * @param {string} selector
 * @returns {?Element}
 */
export function nearest(element, selector) {
  return apply(Element.prototype.closest, element, [selector]);
}

/**
 * Tells the page something: `sayso:<name>`, dispatched on the document and bubbling to the window.
 * @param {string} name
 * @param {*} detail
 */
export function emit(name, detail) {
  doc('dispatchEvent', new CustomEvent('sayso:' + name, { detail, bubbles: true }));
}

/**
 * Reports a failure that the visitor is not shown.
 * @param {string} code what failed
 * @param {*} cause
 */
export function fail(code, cause) {
  emit('error', { code, message: String(cause) });
}

/**
 * Runs after the next paint, or soon if the page is not painted (a tab in the background).
 * @param {function(): void} task
 */
export function afterPaint(task) {
  let due = true;
  const run = () => {
    if (due) {
      due = false;
      task();
    }
  };
  requestAnimationFrame(() => setTimeout(run));
  setTimeout(run, 250);
}

/**
 * A copy of JSON data without prototypes, so that a member that is not there is not there.
 * @param {*} value
 * @returns {*}
 */
export function bare(value) {
  if (Array.isArray(value)) return value.map(bare);
  if (!value || typeof value != 'object') return value;
  const copy = { __proto__: null };
  for (const name of Object.keys(value)) copy[name] = bare(value[name]);
  return copy;
}

/** The `Element` interface's `getAttribute`, short. */
export const attr = (element, name) => element.getAttribute(name);
