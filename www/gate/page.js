/**
 * The page, read so that an element's name cannot fool the gate: `<img name="body">` takes the place of `document.body`
 * and `<img id="addEventListener">` that of the window's method, but neither can take what stands on a prototype.
 */

const { apply, get } = Reflect;

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
 * Listens on the window, before any listener of the page below it.
 * @param {string} name
 * @param {function(Event): void} listener
 */
export function listen(name, listener) {
  apply(EventTarget.prototype.addEventListener, window, [name, listener, true]);
}

/**
 * The nearest of an event's target and its ancestors that has an attribute.
 * @param {Event} event
 * @param {string} name
 * @returns {Element|undefined}
 */
export const nearest = ({ target }, name) => target.closest?.(`[${name}]`);

/**
 * Whether all of an element is there. While a page is being parsed, its last element may have come in part: a network
 * stops where it likes, and a parser pauses.
 * @param {?Node} node
 * @returns {*} truthy or falsy
 */
export const whole = (node) =>
  doc('readyState') != 'loading' || (node && node != doc('body') && (node.nextSibling || whole(node.parentNode)));

/** An element's attribute. */
export const attr = (element, name) => element.getAttribute(name);

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
  emit('error', { code, message: `${cause}` });
}

/**
 * Runs after the next paint; in a tab that is not in front, when it comes there.
 * @param {function(): void} task
 */
export const afterPaint = (task) => requestAnimationFrame(() => setTimeout(task));

/**
 * Runs when the browser has nothing better to do. Where it cannot say so, whatever element has the name, a timeout does,
 * which takes the options for none.
 * @param {function(): void} task
 */
export const idle = (task) =>
  (typeof requestIdleCallback == 'function' ? requestIdleCallback : setTimeout)(task, { timeout: 2000 });

/**
 * Reads JSON into objects without a prototype, so that a member that is not there is not there.
 * @param {string} json
 * @returns {*}
 */
export function bare(json) {
  return JSON.parse(json, (_, value) => (value?.constructor == Object ? { __proto__: null, ...value } : value));
}
