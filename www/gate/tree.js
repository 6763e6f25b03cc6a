/**
 * Elements from the compact tree that the build makes of the rendered first layer: a node is a text, or
 * `["tag", {attributes} | 0, ...children]`. No HTML text is ever parsed here.
 */

import { doc } from './page.js';

/**
 * @param {*} node
 * @returns {Node}
 */
export function make(node) {
  if (typeof node == 'string') return doc('createTextNode', node);
  const [tag, attributes, ...children] = node;
  const element = doc('createElement', tag);
  for (const name of Object.keys(attributes || {})) element.setAttribute(name, attributes[name]);
  for (const child of children) element.appendChild(make(child));
  return element;
}
