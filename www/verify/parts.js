/** What every part of the page is made with: its place, its words, and elements without any HTML text. */

/** The page's main element; its data tell the site, the language, the words and where the checker lies. */
export const page = document.querySelector('[data-verify]');

const words = JSON.parse(page.dataset.texts);
const language = document.documentElement.lang;

/**
 * A text of this page's language, its blanks filled in. What nobody fills in stays visible.
 * @param {string} key
 * @param {Object<string, *>} [values]
 * @returns {string}
 */
export function say(key, values = {}) {
  const known = { site: page.dataset.name, ...values };
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (blank, name) => known[name] ?? blank);
}

/** Whether there is such a text. */
export const knows = (key) => key in words;

/**
 * An element. Attributes that are null or undefined are left out; children are elements or texts.
 * @param {string} tag
 * @param {Object<string, ?string>} attributes
 * @param {...(Node|string|null|undefined)} children
 * @returns {HTMLElement}
 */
export function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null && child !== ''));
  return element;
}

/** A heading with what belongs to it. */
export const part = (title, ...children) => el('section', { class: 'part' }, el('h3', {}, title), ...children);

/** One row of a list of facts, or nothing without a value. */
export const fact = (name, ...value) =>
  value.some((one) => one) ? el('div', {}, el('dt', {}, name), el('dd', {}, ...value)) : null;

/** A list of facts. */
export const facts = (...rows) => el('dl', { class: 'facts' }, ...rows);

/** A text of machines: not translated, breaking anywhere, left to right. */
export const code = (text) => el('code', { dir: 'ltr' }, String(text));

/** A name of somebody, whatever its direction. */
export const named = (text) => el('bdi', {}, text);

/** A moment (milliseconds since 1970) in words. */
export function moment(time) {
  const options = { dateStyle: 'long', timeStyle: 'medium' };
  return written(time, options);
}

/** A day since 1970 in words. */
export const day = (number) => written(number * 86_400_000, { dateStyle: 'long', timeZone: 'UTC' });

function written(time, options) {
  try {
    return new Intl.DateTimeFormat(language, options).format(time);
  } catch {
    // Beyond what dates can be.
    return String(time);
  }
}

/** A number in words. */
export const count = (number) => new Intl.NumberFormat(language).format(number);

/** Names, joined as this language joins them. */
export const listed = (names) => new Intl.ListFormat(language).format(names);
